//! `gazelle audit verify`.

use std::path::PathBuf;

use gazelle_client::Patient;
use gazelle_proto::audit::v1::audit_service_client::AuditServiceClient;
use gazelle_proto::audit::v1::{Checkpoint, VerifyChainRequest};

use super::super::checked::{Step, follow};
use super::note_file;
use super::trails::{TRAILS, name, trail};
use crate::args::TrailOf;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column, thousands};
use crate::words;

/// Checks a service's trail, or all; one also against a note and the key that must have signed it;
/// and `with_state` what is stored against them.
pub(super) async fn run(
    context: &mut Context,
    service: Option<TrailOf>,
    note: Option<(PathBuf, String)>,
    with_state: bool,
) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("service", "service"),
        column("verified_count", "checked"),
        column("digest", "digest"),
        column("state_compared", "stored compared"),
    ];
    let checkpoint = note
        .map(|(file, key)| checkpoint(&file, &key))
        .transpose()?;
    let client = context.client().await?;
    let services = service.map_or_else(|| TRAILS.to_vec(), |service| vec![service]);
    let mut verified = Vec::new();
    for service in services {
        let trail = trail(&client, service);
        let request = VerifyChainRequest {
            checkpoint: checkpoint.clone(),
            with_state,
        };
        let (count, (last, compared)) = verify(trail, request).await?;
        verified.push((name(service), count, last.digest, compared));
    }
    if context.out.format() == Format::Table {
        for (service, count, digest, compared) in &verified {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("service", service),
                ("count", &thousands(*count)),
                ("digest", digest),
            ];
            let right = if *compared {
                words::TRAIL_AND_STATE_RIGHT
            } else {
                words::TRAIL_RIGHT
            };
            context.out.line(&right.with(&values))?;
        }
        return Ok(());
    }
    let mut listing = context.out.list("trails", COLUMNS);
    for (service, count, digest, compared) in verified {
        let row = vec![
            service.into(),
            count.into(),
            digest.into(),
            Cell::Flag(compared),
        ];
        listing.row(row)?;
    }
    listing.finish(&[])?;
    Ok(())
}

/// What a note says, once its signature is found right.
fn checkpoint(file: &std::path::Path, key: &str) -> Result<Checkpoint, Failure> {
    let note = note_file::signed(file, &note_file::verifier(key)?)?;
    Ok(Checkpoint {
        entry_number: note.checkpoint.number,
        digest: hex::encode(note.checkpoint.digest),
    })
}

/// How many entries are right, the last, and whether what is stored was compared with them.
/// Refused as `CHAIN_BROKEN`.
async fn verify(
    mut trail: AuditServiceClient<Patient>,
    request: VerifyChainRequest,
) -> Result<(i64, (Checkpoint, bool)), Failure> {
    let answer = trail.verify_chain(request).await?;
    let steps = answer.into_inner();
    follow(steps, |step| Step {
        entry_count: step.entry_count,
        verified_count: step.verified_count,
        checkpoint: step.checkpoint.map(|last| (last, step.state_compared)),
    })
    .await
}
