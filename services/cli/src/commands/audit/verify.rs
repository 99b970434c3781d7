//! `gazelle audit verify`.

use std::path::PathBuf;

use gazelle_client::Authorized;
use gazelle_proto::audit::v1::audit_service_client::AuditServiceClient;
use gazelle_proto::audit::v1::{Checkpoint, VerifyChainRequest};

use super::super::checked::{Step, follow};
use super::kept;
use super::trails::{TRAILS, name, trail};
use crate::args::TrailOf;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, Format, column, thousands};
use crate::words;

/// Checks a service's trail, or all; one also against a note and the key that must have signed it.
pub(super) async fn run(
    context: &mut Context,
    service: Option<TrailOf>,
    kept: Option<(PathBuf, String)>,
) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("service", "service"),
        column("verified_count", "checked"),
        column("digest", "digest"),
    ];
    let checkpoint = kept
        .map(|(file, key)| checkpoint(&file, &key))
        .transpose()?;
    let client = context.client().await?;
    let services = service.map_or_else(|| TRAILS.to_vec(), |service| vec![service]);
    let mut verified = Vec::new();
    for service in services {
        let trail = trail(&client, service);
        let (count, last) = verify(trail, checkpoint.clone()).await?;
        verified.push((name(service), count, last.digest));
    }
    if context.out.format() == Format::Table {
        for (service, count, digest) in &verified {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("service", service),
                ("count", &thousands(*count)),
                ("digest", digest),
            ];
            context.out.line(&words::TRAIL_RIGHT.with(&values))?;
        }
        return Ok(());
    }
    let mut listing = context.out.list("trails", COLUMNS);
    for (service, count, digest) in verified {
        listing.row(vec![service.into(), count.into(), digest.into()])?;
    }
    listing.finish(&[])?;
    Ok(())
}

/// What a note says, once its signature is found right.
fn checkpoint(file: &std::path::Path, key: &str) -> Result<Checkpoint, Failure> {
    let note = kept::signed(file, &kept::verifier(key)?)?;
    Ok(Checkpoint {
        entry_number: note.checkpoint.number,
        digest: hex::encode(note.checkpoint.digest),
    })
}

/// How many entries are right, and the last. Refused as `CHAIN_BROKEN`.
async fn verify(
    mut trail: AuditServiceClient<Authorized>,
    checkpoint: Option<Checkpoint>,
) -> Result<(i64, Checkpoint), Failure> {
    let request = VerifyChainRequest { checkpoint };
    let answer = trail.verify_chain(request).await?;
    let steps = answer.into_inner();
    follow(steps, |step| Step {
        entry_count: step.entry_count,
        verified_count: step.verified_count,
        checkpoint: step.checkpoint,
    })
    .await
}
