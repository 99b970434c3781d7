//! `gazelle audit checkpoint`, and reading what it wrote.

use std::fs;
use std::path::{Path, PathBuf};

use gazelle_client::Patient;
use gazelle_proto::audit::v1::audit_service_client::AuditServiceClient;
use gazelle_proto::audit::v1::{GetCheckpointRequest, ReadEntryHashesRequest};
use gazelle_runtime::audit::note::{Note, VerifierKey};

use super::trails::{name, trail};
use crate::args::TrailOf;
use crate::commands::payment::ToldFile;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::has_content;
use crate::output::{Out, progress};
use crate::words;

/// Writes a service's signed note; and the hashes of the entries since another.
pub(super) async fn write(
    context: &mut Context,
    service: TrailOf,
    out: &Path,
    since: Option<&Path>,
) -> Result<(), Failure> {
    if since.is_some() && out == Path::new("-") {
        let message = words::NAME_NEEDED_FOR_BOTH.say();
        return Err(Failure::new("FILE_UNWRITABLE", message));
    }
    spare_countersigned(out, since)?;
    let since = since.map(read).transpose()?;
    let trail = trail(&context.client().await?, service);
    let answer = trail
        .clone()
        .get_checkpoint(GetCheckpointRequest {})
        .await?;
    let text = answer.into_inner().note;
    if text.is_empty() {
        let message = words::TRAIL_UNSIGNED.with(&[("service", &name(service))]);
        return Err(Failure::new("CHECKPOINT_UNSIGNED", message));
    }
    let proof = hashes_of(out);
    let mut files = Vec::new();
    if let Some(since) = since {
        let note = parse(out, &text)?;
        let through = note.checkpoint.number;
        let mut file = ToldFile::begin(&proof)?;
        let out = &mut context.out;
        hashes(trail, since.checkpoint.number, through, (out, &mut file)).await?;
        files.push(file);
    }
    let mut file = ToldFile::begin(out)?;
    file.write(&mut context.out, text.as_bytes())?;
    files.push(file);
    // Both or neither take the place of others.
    files.iter().try_for_each(|file| file.ask(context))?;
    let mut files = files.into_iter();
    files.try_for_each(|file| file.finish(&mut context.out))
}

/// What a witness signed cannot be had again: nothing takes its place, but where `since` is a copy
/// of it. Refused as `FILE_UNWRITABLE`.
fn spare_countersigned(out: &Path, since: Option<&Path>) -> Result<(), Failure> {
    if !has_content(out) {
        return Ok(());
    }
    let Ok(there) = fs::read_to_string(out) else {
        return Ok(());
    };
    let is_countersigned = Note::parse(&there).is_ok_and(|note| note.is_countersigned());
    let is_copy = |since: &Path| {
        let is_same_file = fs::canonicalize(since).ok() == fs::canonicalize(out).ok();
        !is_same_file && fs::read_to_string(since).is_ok_and(|kept| kept == there)
    };
    if !is_countersigned || since.is_some_and(is_copy) {
        return Ok(());
    }
    let message = words::NOTE_COUNTERSIGNED.with(&[("path", &out.display())]);
    Err(Failure::new("FILE_UNWRITABLE", message))
}

async fn hashes(
    mut trail: AuditServiceClient<Patient>,
    after_number: i64,
    through_number: i64,
    (out, file): (&mut Out, &mut ToldFile<'_>),
) -> Result<(), Failure> {
    let request = ReadEntryHashesRequest {
        after_number,
        through_number,
    };
    let bar = progress::counted(words::title("entries"));
    bar.set_length((through_number - after_number).unsigned_abs());
    let mut pieces = trail.read_entry_hashes(request).await?.into_inner();
    while let Some(piece) = pieces.message().await? {
        bar.inc(piece.entry_hashes.len() as u64 / 32);
        file.write(out, &piece.entry_hashes)?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Where the hashes of a note are.
pub(super) fn hashes_of(note: &Path) -> PathBuf {
    let mut name = note.file_name().unwrap_or_default().to_owned();
    name.push(".hashes");
    note.with_file_name(name)
}

/// Reads a note from a file. Refused as `NOTE_UNREADABLE`.
pub(super) fn read(path: &Path) -> Result<Note, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &words::cause(&error)))?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Note, Failure> {
    Note::parse(text).map_err(|_| unreadable(path, words::NOTE_NONE.say()))
}

fn unreadable(path: &Path, why: &str) -> Failure {
    let message = words::NOTE_UNREADABLE.with(&[("path", &path.display()), ("why", &why)]);
    Failure::new("NOTE_UNREADABLE", message)
}

/// Reads a verifier key. Refused as `KEY_UNUSABLE`.
pub(super) fn verifier(text: &str) -> Result<VerifierKey, Failure> {
    VerifierKey::parse(text)
        .map_err(|error| Failure::new("KEY_UNUSABLE", words::key_unusable(&error)))
}

/// Reads a note that must be signed by that key. Refused as `NOTE_UNSIGNED`.
pub(super) fn signed(path: &Path, key: &VerifierKey) -> Result<Note, Failure> {
    let note = read(path)?;
    note.verify(key).map_err(|error| {
        let why = words::note_refused(error, &note, key);
        let message = words::NOTE_UNSIGNED.with(&[("path", &path.display()), ("why", &why)]);
        Failure::new("NOTE_UNSIGNED", message)
    })?;
    Ok(note)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use gazelle_runtime::audit::Checkpoint;
    use gazelle_runtime::audit::note::{KeyUse, SignerKey, new_key};

    use super::*;
    use crate::words::{english_of, in_chinese};

    fn key(folder: &Path, name: &str) -> SignerKey {
        let file = folder.join("key.pem");
        fs::write(&file, new_key().unwrap()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        SignerKey::open(&file, name, KeyUse::Origin).unwrap()
    }

    #[test]
    fn a_countersigned_note_gives_way_only_where_a_copy_of_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let mut note = Note::signed(Checkpoint::default(), &key(folder.path(), "a.example"));
        let spared = |out: &str, since: Option<&str>| {
            spare_countersigned(&file(out), since.map(file).as_deref()).is_err()
        };
        fs::write(file("note"), note.text()).unwrap();
        fs::write(file("other"), "a,b\n").unwrap();
        assert!(!spared("note", None) && !spared("other", None) && !spared("none", None));

        let witness = file("key.pem");
        note.cosign(
            &SignerKey::open(&witness, "w.example", KeyUse::Witness).unwrap(),
            1,
        );
        for name in ["note", "kept"] {
            fs::write(file(name), note.text()).unwrap();
        }
        assert!(spared("note", None) && spared("note", Some("other")));
        assert!(spared("kept", Some("kept")) && !spared("note", Some("kept")));
    }

    #[test]
    fn why_a_note_does_not_count_is_told_in_chinese() {
        let folder = tempfile::tempdir().unwrap();
        let signer = key(folder.path(), "a.example/usage");
        let verifier = signer.verifier();
        let text = Note::signed(Checkpoint::default(), &signer).text();
        let file = folder.path().join("note");
        let refused = |content: Option<&[u8]>, key: &VerifierKey| {
            let _ = fs::remove_file(&file);
            if let Some(content) = content {
                fs::write(&file, content).unwrap();
            }
            let failure = in_chinese(|| signed(&file, key)).unwrap_err();
            let known = format!(
                "{} a.example/usage b.example/x gazelle audit checkpoint UTF",
                file.display()
            );
            let english = english_of(failure.message(), &known);
            assert_eq!(english, Vec::<&str>::new(), "{}", failure.message());
            failure.reason().to_owned()
        };
        let anew = key(folder.path(), "a.example/usage");
        let other = key(folder.path(), "b.example/x");
        let edited = text.replace("\n0\n", "\n1\n");
        assert_eq!(refused(None, verifier), "NOTE_UNREADABLE");
        assert_eq!(refused(Some(b"\x89PNG\xff"), verifier), "NOTE_UNREADABLE");
        assert_eq!(refused(Some(b"a,b\n1,2\n"), verifier), "NOTE_UNREADABLE");
        assert_eq!(refused(Some(edited.as_bytes()), verifier), "NOTE_UNSIGNED");
        assert_eq!(
            refused(Some(text.as_bytes()), anew.verifier()),
            "NOTE_UNSIGNED"
        );
        assert_eq!(
            refused(Some(text.as_bytes()), other.verifier()),
            "NOTE_UNSIGNED"
        );
        fs::write(&file, &text).unwrap();
        assert!(signed(&file, verifier).is_ok());
    }
}
