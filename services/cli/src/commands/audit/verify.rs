//! `gazelle audit verify`.

use std::path::{Path, PathBuf};

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
    let services = service.map_or_else(|| TRAILS.to_vec(), |service| vec![service]);
    let checkpoint = note
        .map(|(file, key)| checkpoint(&file, &key, &services))
        .transpose()?;
    let client = context.client().await?;
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

/// What a note says, once its signature is found right. Refused as `NOTE_INCONSISTENT` where it is
/// of the trail of another service than those that are verified.
fn checkpoint(file: &Path, key: &str, services: &[TrailOf]) -> Result<Checkpoint, Failure> {
    let note = note_file::signed(file, &note_file::verifier(key)?)?;
    if let Some(noted) = service_of(&note.origin)
        && let Some(other) = services.iter().find(|service| **service != noted)
    {
        let values: [(&str, &dyn std::fmt::Display); 4] = [
            ("path", &file.display()),
            ("origin", &note.origin),
            ("service", &name(*other)),
            ("other", &name(noted)),
        ];
        let message = words::NOTE_OF_OTHER_SERVICE.with(&values);
        return Err(Failure::new("NOTE_INCONSISTENT", message));
    }
    Ok(Checkpoint {
        entry_number: note.checkpoint.number,
        digest: hex::encode(note.checkpoint.digest),
    })
}

/// Which service's trail has that origin, where its last part is the name of one, as in
/// `gazelle.example/usage`; whoever runs a service may call its trail otherwise.
fn service_of(origin: &str) -> Option<TrailOf> {
    let (_, last) = origin.rsplit_once('/')?;
    TRAILS.into_iter().find(|service| name(*service) == last)
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use gazelle_runtime::audit;
    use gazelle_runtime::audit::note::{KeyUse, Note, SignerKey, new_key};

    use super::*;

    #[test]
    fn a_note_of_another_service_is_no_broken_chain() {
        let folder = tempfile::tempdir().unwrap();
        let (key, file) = (folder.path().join("key.pem"), folder.path().join("note"));
        fs::write(&key, new_key().unwrap()).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let reason = |origin: &str, service: TrailOf| {
            let signer = SignerKey::open(&key, origin, KeyUse::Origin).unwrap();
            let note = Note::signed(audit::Checkpoint::default(), &signer);
            fs::write(&file, note.text()).unwrap();
            let read = checkpoint(&file, &signer.verifier().to_string(), &[service]);
            read.err().map(|failure| failure.to_string())
        };
        let told = reason("gazelle.example/usage", TrailOf::Registry).unwrap();
        assert!(told.starts_with("NOTE_INCONSISTENT: "), "{told}");
        assert!(told.contains("give --service usage"), "{told}");
        for (origin, service) in [
            ("gazelle.example/usage", TrailOf::Usage),
            ("usage.gazelle.example", TrailOf::Registry),
            ("gazelle.example/city-7", TrailOf::Registry),
        ] {
            assert_eq!(reason(origin, service), None, "{origin}");
        }
    }
}
