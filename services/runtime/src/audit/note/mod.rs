//! Checkpoints as signed notes: C2SP `signed-note`, with the three lines of `tlog-checkpoint`.
//!
//! The third line of a `tlog-checkpoint` is the root of a Merkle tree; ours is the digest at the
//! end of a chain. So a note is read, kept and countersigned by the tools of others, and what
//! leads from one note to the next is not their proof but the hashes of the entries between.

mod key;

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};

pub use key::{KeyError, KeyUse, SignerKey, VerifierKey, new_key};

use crate::store::event::Checkpoint;

/// What each line of a signature begins with.
const DASH: &str = "\u{2014} ";

/// Not a note, or not one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Three lines, an empty one, and signatures.
    #[error("it is no signed note of a checkpoint")]
    NoNote,
    /// No line of that key.
    #[error("the key has not signed it")]
    NotSigned,
    /// A line of that key whose signature is another's.
    #[error("its signature is not that of the key")]
    WrongSignature,
    /// A witness saw less, or another trail.
    #[error("it is of another trail")]
    OtherOrigin,
}

/// A checkpoint with what was signed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whose trail it is, by the name that the service signs with.
    pub origin: String,
    /// Where it stood.
    pub checkpoint: Checkpoint,
    signatures: Vec<Line>,
}

/// A line of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    hash: [u8; 4],
    signature: Vec<u8>,
}

impl Note {
    /// A checkpoint of the trail that `key` is named for, signed by it.
    #[must_use]
    pub fn signed(checkpoint: Checkpoint, key: &SignerKey) -> Self {
        let mut note = Self {
            origin: key.verifier().name.clone(),
            checkpoint,
            signatures: Vec::new(),
        };
        let signature = key.sign(note.body().as_bytes());
        note.add(key.verifier(), signature.to_vec());
        note
    }

    /// Reads a note; that it is signed by whom it should be is for [`verify`](Self::verify).
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        Self::read(text).ok_or(NoteError::NoNote)
    }

    fn read(text: &str) -> Option<Self> {
        let (body, signatures) = text.split_once("\n\n")?;
        let mut lines = body.split('\n');
        let (origin, number, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = BASE64_STANDARD.decode(root).ok()?;
        let parsed: i64 = number.parse().ok().filter(|parsed| *parsed >= 0)?;
        let signatures: Option<Vec<Line>> = signatures.lines().map(Line::read).collect();
        let whole = !origin.is_empty() && lines.next().is_none() && parsed.to_string() == number;
        whole.then_some(Self {
            origin: origin.into(),
            checkpoint: Checkpoint {
                number: parsed,
                digest: root.try_into().ok()?,
            },
            signatures: signatures?,
        })
    }

    /// What is signed: the three lines.
    #[must_use]
    pub fn body(&self) -> String {
        let Checkpoint { number, digest } = self.checkpoint;
        format!(
            "{}\n{number}\n{}\n",
            self.origin,
            BASE64_STANDARD.encode(digest)
        )
    }

    /// The note as it is kept.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.body() + "\n";
        for Line {
            name,
            hash,
            signature,
        } in &self.signatures
        {
            let signature = BASE64_STANDARD.encode([&hash[..], signature].concat());
            // Writing to a text never fails.
            let _ = writeln!(text, "{DASH}{name} {signature}");
        }
        text
    }

    /// Whether anybody signed it beside whose trail it is.
    #[must_use]
    pub fn is_countersigned(&self) -> bool {
        self.signatures.iter().any(|line| line.name != self.origin)
    }

    /// Whether `key` has signed it; of a witness, in which second of 1970 on.
    pub fn verify(&self, key: &VerifierKey) -> Result<Option<u64>, NoteError> {
        if key.key_use == KeyUse::Origin && key.name != self.origin {
            return Err(NoteError::OtherOrigin);
        }
        let mut lines = self.signatures.iter();
        let line = lines
            .find(|line| line.name == key.name && line.hash == key.hash())
            .ok_or(NoteError::NotSigned)?;
        let body = self.body();
        let (message, seconds, signature) = match key.key_use {
            KeyUse::Origin => (body, None, line.signature.as_slice()),
            KeyUse::Witness => {
                let (seconds, signature) = line
                    .signature
                    .split_at_checked(8)
                    .ok_or(NoteError::WrongSignature)?;
                let seconds = seconds
                    .try_into()
                    .map(u64::from_be_bytes)
                    .map_err(|_| NoteError::WrongSignature)?;
                (cosigned(seconds, &body), Some(seconds), signature)
            }
        };
        let signature = signature
            .try_into()
            .map_err(|_| NoteError::WrongSignature)?;
        if key.verifies(message.as_bytes(), signature) {
            Ok(seconds)
        } else {
            Err(NoteError::WrongSignature)
        }
    }

    /// Adds what a witness signs: that it saw this note in that second, and none that contradicts
    /// it. Takes the place of what it signed before.
    pub fn cosign(&mut self, key: &SignerKey, seconds: u64) {
        let witness = key.verifier();
        self.signatures
            .retain(|line| line.name != witness.name || line.hash != witness.hash());
        let signature = key.sign(cosigned(seconds, &self.body()).as_bytes());
        let line = [&seconds.to_be_bytes()[..], &signature].concat();
        self.add(key.verifier(), line);
    }

    fn add(&mut self, key: &VerifierKey, signature: Vec<u8>) {
        self.signatures.push(Line {
            name: key.name.clone(),
            hash: key.hash(),
            signature,
        });
    }
}

/// What a witness signs.
fn cosigned(seconds: u64, body: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{body}")
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(signature).ok()?;
        let (hash, signature) = bytes.split_first_chunk::<4>()?;
        Some(Self {
            name: name.into(),
            hash: *hash,
            signature: signature.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn key(name: &str, key_use: KeyUse) -> SignerKey {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.pem");
        fs::write(&file, new_key().unwrap()).unwrap();
        let exposed = SignerKey::open(&file, name, key_use);
        assert!(matches!(exposed, Err(KeyError::Exposed(_))));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        SignerKey::open(&file, name, key_use).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            number: 42,
            digest: [7; 32],
        }
    }

    #[test]
    fn a_note_is_read_back_and_verified_by_the_key_that_signed_it() {
        let signer = key("gazelle.example/usage", KeyUse::Origin);
        let text = Note::signed(checkpoint(), &signer).text();
        let note = Note::parse(&text).unwrap();
        assert_eq!((note.checkpoint, note.text()), (checkpoint(), text.clone()));
        let verifier = VerifierKey::parse(&signer.verifier().to_string()).unwrap();
        assert_eq!(note.verify(&verifier), Ok(None));

        let other = key("gazelle.example/usage", KeyUse::Origin);
        assert_eq!(note.verify(other.verifier()), Err(NoteError::NotSigned));
        let elsewhere = key("gazelle.example/registry", KeyUse::Origin);
        assert_eq!(
            note.verify(elsewhere.verifier()),
            Err(NoteError::OtherOrigin)
        );
        let edited = Note::parse(&text.replace("\n42\n", "\n43\n")).unwrap();
        assert_eq!(edited.verify(&verifier), Err(NoteError::WrongSignature));
    }

    #[test]
    fn a_witness_adds_its_line_and_takes_none_away() {
        let signer = key("gazelle.example/usage", KeyUse::Origin);
        let witness = key("audit-office.example", KeyUse::Witness);
        let mut note = Note::signed(checkpoint(), &signer);
        note.cosign(&witness, 1_795_968_000);
        let mut note = Note::parse(&note.text()).unwrap();
        assert_eq!(note.verify(signer.verifier()), Ok(None));
        assert_eq!(note.verify(witness.verifier()), Ok(Some(1_795_968_000)));
        assert_eq!(note.text().matches(DASH).count(), 2);

        let other = key("audit-office.example", KeyUse::Witness);
        note.cosign(&other, 1_795_968_001);
        note.cosign(&witness, 1_795_968_002);
        assert_eq!(note.verify(signer.verifier()), Ok(None));
        assert_eq!(note.verify(other.verifier()), Ok(Some(1_795_968_001)));
        assert_eq!(note.verify(witness.verifier()), Ok(Some(1_795_968_002)));
        assert_eq!(note.text().matches(DASH).count(), 3);
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let signer = key("a", KeyUse::Origin);
        let text = Note::signed(checkpoint(), &signer).text();
        for wrong in [
            "",
            "a\n42\n\n",
            &text.replace("\n42\n", "\n042\n"),
            &text.replace("\n42\n", "\n-1\n"),
            &text.replace("\n42\n", "\n42\nmore\n"),
            &text.replace(DASH, "- "),
            text.trim_end_matches("=\n"),
        ] {
            assert_eq!(Note::parse(wrong), Err(NoteError::NoNote), "{wrong}");
        }
        for wrong in ["", "a b+00+AA==", "a+00000000+AQ=="] {
            assert!(VerifierKey::parse(wrong).is_err(), "{wrong}");
        }
    }
}
