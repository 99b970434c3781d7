//! `gazelle audit`.

mod kept;
mod key;
mod list;
mod verify;
mod witness;

use gazelle_client::{Authorized, Client};
use gazelle_proto::audit::v1::audit_service_client::AuditServiceClient;

use crate::args::{AuditCommand, TrailOf};
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn run(context: &mut Context, command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::List(args) => list::run(context, args).await,
        AuditCommand::Verify {
            service,
            checkpoint,
            verifier,
        } => {
            let kept = checkpoint.zip(verifier);
            verify::run(context, service, kept).await
        }
        AuditCommand::Checkpoint {
            service,
            out,
            since,
        } => kept::write(context, service, &out, since.as_deref()).await,
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

/// All trails, in their order.
const TRAILS: [TrailOf; 3] = [TrailOf::Registry, TrailOf::Usage, TrailOf::Settlement];

fn trail(client: &Client, service: TrailOf) -> AuditServiceClient<Authorized> {
    let trails = &client.trails;
    let trail = match service {
        TrailOf::Registry => &trails.registry,
        TrailOf::Usage => &trails.usage,
        TrailOf::Settlement => &trails.settlement,
    };
    trail.clone()
}

fn name(service: TrailOf) -> &'static str {
    match service {
        TrailOf::Registry => "registry",
        TrailOf::Usage => "usage",
        TrailOf::Settlement => "settlement",
    }
}
