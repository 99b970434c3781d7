//! `gazelle filing`.

use std::path::Path;

use gazelle_proto::registry::v1::{Filing, PutFilingsRequest};

use super::import::{self, ItemKind, amount, field, number};
use crate::args::FilingCommand;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Out;

const KIND: ItemKind<Filing> = ItemKind {
    what: "filings",
    required: &[
        "uscc",
        "fiscal_year",
        "headcount",
        "annual_revenue_fen",
        "total_assets_fen",
    ],
    optional: &[],
    id_columns: 2,
    key: &[0, 1],
    is_statement: |_| true,
    parse: |fields| {
        Ok(Filing {
            uscc: field(fields, 0),
            fiscal_year: number("fiscal_year", &fields[1], "YEAR_INVALID")?,
            headcount: number("headcount", &fields[2], "HEADCOUNT_INVALID")?,
            annual_revenue_fen: amount("annual_revenue_fen", &fields[3])?,
            total_assets_fen: amount("total_assets_fen", &fields[4])?,
            size_class: String::new(),
        })
    },
};

pub(crate) async fn run(context: &mut Context, command: FilingCommand) -> Result<(), Failure> {
    let FilingCommand::Import(import) = command;
    let client = context.client().await?;
    import_file(&client, &mut context.out, &import.file).await
}

/// Imports a file of filings.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    import::run(out, &KIND, file, async |filings| {
        let mut registry = client.registry.clone();
        let answer = registry.put_filings(PutFilingsRequest { filings }).await?;
        import::answer(answer.into_inner().result)
    })
    .await
}
