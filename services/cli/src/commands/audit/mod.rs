//! `gazelle audit`.

mod key;
mod list;
mod note_file;
mod trails;
mod verify;
mod witness;

use crate::args::AuditCommand;
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn run(context: &mut Context, command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::List(args) => list::run(context, args).await,
        AuditCommand::Verify {
            service,
            checkpoint,
            verifier,
            chain_only,
        } => {
            let note = checkpoint.zip(verifier);
            verify::run(context, service, note, !chain_only).await
        }
        AuditCommand::Checkpoint {
            service,
            out,
            since,
        } => note_file::write(context, service, &out, since.as_deref()).await,
        AuditCommand::Key(args) => key::run(context, args).await,
        AuditCommand::Cosign {
            note,
            key,
            name,
            verifier,
            kept,
        } => {
            let witness = witness::Witness {
                key: &key,
                name: &name,
                verifier: &verifier,
                kept: &kept,
            };
            witness.cosign(&note, context)
        }
    }
}
