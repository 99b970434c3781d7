//! `gazelle audit cosign`: what a witness does, without any service.

use std::fs;
use std::path::Path;

use gazelle_runtime::audit::Checkpoint;
use gazelle_runtime::audit::note::{KeyUse, Note};
use gazelle_runtime::clock::Clock;

use super::{key, note_file};
use crate::commands::payment::ToldFile;
use crate::context::Context;
use crate::failure::Failure;
use crate::words;

/// Somebody outside, who countersigns what goes on from what they kept.
pub(super) struct Witness<'a> {
    /// The file of their key.
    pub key: &'a Path,
    /// What they are called.
    pub name: &'a str,
    /// The key of who signs the notes.
    pub verifier: &'a str,
    /// The file of the note that was kept last.
    pub kept: &'a Path,
}

impl Witness<'_> {
    /// Adds the witness's line to a note that goes on from the last, and keeps it. Refused as
    /// `NOTE_INCONSISTENT`.
    pub(super) fn cosign(&self, path: &Path, context: &mut Context) -> Result<(), Failure> {
        let signer = key::signer(self.key, self.name, KeyUse::Witness)?;
        let verifier = note_file::verifier(self.verifier)?;
        let mut note = note_file::signed(path, &verifier)?;
        if self.kept.exists() {
            let last = note_file::signed(self.kept, &verifier)?;
            goes_on(&last, &note, &note_file::hashes_of(path))?;
        }
        let seconds = Clock::system().now().unix_timestamp();
        note.cosign(&signer, u64::try_from(seconds).unwrap_or_default());
        let text = note.text();
        for path in [path, self.kept] {
            let mut file = ToldFile::begin(path)?;
            file.write(&mut context.out, text.as_bytes())?;
            file.finish(&mut context.out)?;
        }
        Ok(())
    }
}

/// Whether the hashes of the entries between lead from one note to the other.
fn goes_on(last: &Note, note: &Note, hashes: &Path) -> Result<(), Failure> {
    let (from, to) = (last.checkpoint, note.checkpoint);
    let refused = |why: &words::Text| {
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("from", &from.number),
            ("to", &to.number),
            ("hashes", &hashes.display()),
        ];
        Err(Failure::new("NOTE_INCONSISTENT", why.with(&values)))
    };
    if last.origin != note.origin || to.number < from.number {
        return refused(&words::NOTE_OLDER);
    }
    if from == to {
        return Ok(());
    }
    if to.number == from.number {
        return refused(&words::NOTE_CONTRADICTS);
    }
    let Ok(bytes) = fs::read(hashes) else {
        return refused(&words::HASHES_MISSING);
    };
    let (pieces, rest) = bytes.as_chunks::<32>();
    let reached = pieces
        .iter()
        .fold(from, |reached: Checkpoint, hash| reached.then(hash));
    if rest.is_empty() && reached == to {
        Ok(())
    } else {
        refused(&words::NOTE_CONTRADICTS)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use gazelle_runtime::audit::note::{SignerKey, new_key};

    use super::*;

    fn signer(folder: &Path) -> SignerKey {
        let file = folder.join("key.pem");
        fs::write(&file, new_key().unwrap()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        SignerKey::open(&file, "gazelle.example/usage", KeyUse::Origin).unwrap()
    }

    #[test]
    fn a_note_goes_on_from_another_by_the_hashes_between_alone() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(folder.path());
        let hashes = folder.path().join("note.hashes");
        let trail = [[1; 32], [2; 32], [3; 32]];
        let first = trail[..1]
            .iter()
            .fold(Checkpoint::default(), |at, hash| at.then(hash));
        let third = trail
            .iter()
            .fold(Checkpoint::default(), |at, hash| at.then(hash));
        let (one, three) = (Note::signed(first, &signer), Note::signed(third, &signer));
        let reason = |last: &Note, note: &Note| {
            let refused = goes_on(last, note, &hashes).err();
            refused.map_or_else(String::new, |failure| failure.reason().to_owned())
        };

        assert_eq!(reason(&one, &three), "NOTE_INCONSISTENT");
        fs::write(&hashes, trail[1..].concat()).unwrap();
        assert_eq!(reason(&one, &three), "");
        assert_eq!(reason(&three, &three), "");
        assert_eq!(reason(&three, &one), "NOTE_INCONSISTENT");
        fs::write(&hashes, trail[..2].concat()).unwrap();
        assert_eq!(reason(&one, &three), "NOTE_INCONSISTENT");
        let other = Checkpoint {
            digest: [9; 32],
            ..third
        };
        assert_eq!(
            reason(&three, &Note::signed(other, &signer)),
            "NOTE_INCONSISTENT"
        );
    }
}
