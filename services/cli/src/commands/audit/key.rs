//! `gazelle audit key`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use gazelle_proto::audit::v1::GetCheckpointRequest;
use gazelle_runtime::audit::note::{KeyError, KeyUse, SignerKey, new_key};

use super::trails::{name, trail};
use crate::args::KeyArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Format, column};
use crate::words;

/// Prints a verifier key: of a service, or of a key in a file, which is made first if so asked.
pub(super) async fn run(context: &mut Context, args: KeyArgs) -> Result<(), Failure> {
    if let Some(file) = &args.new {
        make(file)?;
    }
    let key = if let Some(file) = args.new.or(args.file) {
        let key_use = if args.witness {
            KeyUse::Witness
        } else {
            KeyUse::Origin
        };
        signer(&file, &args.name.unwrap_or_default(), key_use)?
            .verifier()
            .to_string()
    } else {
        let service = args.service.expect("clap asks for one of them");
        let mut trail = trail(&context.client().await?, service);
        let answer = trail.get_checkpoint(GetCheckpointRequest {}).await?;
        let key = answer.into_inner().verifier_key;
        if key.is_empty() {
            let message = words::TRAIL_UNSIGNED.with(&[("service", &name(service))]);
            return Err(Failure::new("CHECKPOINT_UNSIGNED", message));
        }
        key
    };
    if context.out.format() == Format::Table {
        return context.out.line(&key);
    }
    context
        .out
        .one(&[(column("verifier_key", "key"), key.into())])
}

/// Opens a key that signs. Refused as `KEY_UNUSABLE`.
pub(super) fn signer(file: &Path, name: &str, key_use: KeyUse) -> Result<SignerKey, Failure> {
    SignerKey::open(file, name, key_use).map_err(|error| unusable(&error))
}

/// Never over a key that is there.
fn make(path: &Path) -> Result<(), Failure> {
    let text = new_key().map_err(|error| unusable(&error))?;
    let written = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    written.map_err(|source| {
        let path = path.into();
        unusable(&KeyError::File { path, source })
    })
}

fn unusable(error: &KeyError) -> Failure {
    Failure::new("KEY_UNUSABLE", words::key_unusable(error))
}
