//! `gazelle enrollment`.

use std::path::Path;

use gazelle_kernel::ProgramId;
use gazelle_proto::settlement::v1::{Enrollment, ListEnrollmentsRequest, PutEnrollmentsRequest};

use super::import::{self, ItemKind, field, instant};
use super::names;
use crate::args::EnrollmentCommand;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, Out, column};

const KIND: ItemKind<Enrollment> = ItemKind {
    what: "enrollments",
    required: &[
        "program_id",
        "uscc",
        "applied_at",
        "effective_from",
        "effective_to",
    ],
    optional: &[],
    id_columns: 2,
    key: &[0, 1, 3],
    is_statement: |_| true,
    parse: |fields| {
        Ok(Enrollment {
            program_id: field(fields, 0),
            uscc: field(fields, 1),
            applied_at: Some(instant("applied_at", &fields[2])?),
            effective_from: field(fields, 3),
            effective_to: field(fields, 4),
        })
    },
};

const COLUMNS: &[Column] = &[
    column("program_id", "program"),
    column("uscc", "enterprise"),
    column("applied_at", "applied at"),
    column("effective_from", "from"),
    column("effective_to", "to"),
];

pub(crate) async fn run(context: &mut Context, command: EnrollmentCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        EnrollmentCommand::Import(import) => {
            import_file(&client, &mut context.out, &import.file).await
        }
        EnrollmentCommand::List { program } => list(context, &client, &program).await,
    }
}

/// Imports a file of enrollments.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    import::run(out, &KIND, file, async |enrollments| {
        let mut programs = client.programs.clone();
        let answer = programs
            .put_enrollments(PutEnrollmentsRequest { enrollments })
            .await?;
        import::answer(answer.into_inner().result)
    })
    .await
}

async fn list(context: &mut Context, client: &Client, program: &ProgramId) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListEnrollmentsRequest {
            program_id: program.to_string(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .programs
            .clone()
            .list_enrollments(request)
            .await?
            .into_inner();
        Ok((page.enrollments, page.next_page_token))
    };
    let format = context.out.format();
    let mut listing = context.out.list("enrollments", COLUMNS);
    names::pages_with_names(format, client, fetch, |enrollment, names| {
        listing.row(vec![
            enrollment.program_id.into(),
            names.cell(enrollment.uscc),
            enrollment.applied_at.into(),
            enrollment.effective_from.into(),
            enrollment.effective_to.into(),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}
