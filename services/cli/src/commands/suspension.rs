//! `gazelle suspension`.

use std::path::Path;

use gazelle_proto::registry::v1::{PutSuspensionsRequest, Suspension};

use super::import::{self, ItemKind, field};
use crate::args::SuspensionCommand;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Out;

const KIND: ItemKind<Suspension> = ItemKind {
    what: "suspensions",
    required: &["uscc", "suspended_from", "suspended_to", "reason"],
    optional: &[],
    id_columns: 2,
    key: &[0, 1],
    is_statement: |_| true,
    parse: |fields| {
        Ok(Suspension {
            uscc: field(fields, 0),
            suspended_from: field(fields, 1),
            suspended_to: field(fields, 2),
            reason: field(fields, 3),
        })
    },
};

pub(crate) async fn run(context: &mut Context, command: SuspensionCommand) -> Result<(), Failure> {
    let SuspensionCommand::Import(import) = command;
    let client = context.client().await?;
    import_file(&client, &mut context.out, &import.file).await
}

/// Imports a file of suspensions.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    import::run(out, &KIND, file, async |suspensions| {
        let mut registry = client.registry.clone();
        let answer = registry
            .put_suspensions(PutSuspensionsRequest { suspensions })
            .await?;
        import::answer(answer.into_inner().result)
    })
    .await
}
