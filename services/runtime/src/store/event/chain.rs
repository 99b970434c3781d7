//! How entries hang together.

use gazelle_kernel::Instant;
use sha2::{Digest, Sha256};

/// The digest before the first entry.
pub const START: [u8; 32] = [0; 32];

/// These open every hashed message, so that no other hash of the suite can be taken for one.
const DOMAIN: &[u8] = b"gazelle.audit.v1";
const ENTRY_DOMAIN: &[u8] = b"gazelle.audit.entry.v1";

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When, in whole microseconds.
    pub at: Instant,
    /// By whom, as [`Principal::actor`](crate::auth::Principal::actor) names them.
    pub actor: &'a str,
    /// What, such as `run.approve`.
    pub action: &'a str,
    /// On what, such as a run's id.
    pub subject: &'a str,
    /// On which content: the bytes as they are stored, usually JSON text.
    pub content: &'a [u8],
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place in the chain, from 1.
    pub number: i64,
    /// When it was done.
    pub at: Instant,
    /// Who did it.
    pub actor: String,
    /// What was done, such as `run.approve`.
    pub action: String,
    /// To what, by its id.
    pub subject: String,
    /// On which content.
    pub content: String,
    /// Its digest as it is stored.
    pub digest: Vec<u8>,
}

impl StoredEntry {
    /// What is hashed of it.
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        Entry {
            at: self.at,
            actor: &self.actor,
            action: &self.action,
            subject: &self.subject,
            content: self.content.as_bytes(),
        }
    }

    /// Its digest after `previous`, if it is the one that is stored.
    pub(crate) fn follows(&self, previous: &[u8; 32]) -> Option<[u8; 32]> {
        let digest = next_digest(previous, &self.entry());
        (self.digest == digest).then_some(digest)
    }
}

/// The hash of an entry by itself.
///
/// SHA-256 over `gazelle.audit.entry.v1`, the microseconds since 1970 as 8 bytes, and then actor,
/// action, subject and content, each after its length in bytes as 8 bytes; numbers are big endian,
/// the first signed, the lengths not. With the lengths, no two entries hash the same bytes.
#[must_use]
pub fn entry_hash(entry: &Entry<'_>) -> [u8; 32] {
    // Far inside 64 bits: the years of `Instant` have four digits.
    let microseconds = entry.at.unix_timestamp() * 1_000_000 + i64::from(entry.at.microsecond());
    let mut hash = Sha256::new();
    hash.update(ENTRY_DOMAIN);
    hash.update(microseconds.to_be_bytes());
    for part in [
        entry.actor.as_bytes(),
        entry.action.as_bytes(),
        entry.subject.as_bytes(),
        entry.content,
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The digest of the entry with that hash, which follows the entry with digest `previous`:
/// SHA-256 over `gazelle.audit.v1`, `previous` and the hash.
#[must_use]
pub fn follow(previous: &[u8; 32], entry_hash: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(previous);
    hash.update(entry_hash);
    hash.finalize().into()
}

/// The digest of `entry`, which follows the entry with digest `previous`.
#[must_use]
pub fn next_digest(previous: &[u8; 32], entry: &Entry<'_>) -> [u8; 32] {
    follow(previous, &entry_hash(entry))
}

/// The number and digest of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of which entry; 0: before the first.
    pub number: i64,
    /// Its digest, with that of the entry before in it.
    pub digest: [u8; 32],
}

impl Default for Checkpoint {
    /// Before the first entry.
    fn default() -> Self {
        Self {
            number: 0,
            digest: START,
        }
    }
}

impl Checkpoint {
    /// Where the trail stands after one more entry.
    #[must_use]
    pub fn then(&self, entry_hash: &[u8; 32]) -> Self {
        Self {
            number: self.number + 1,
            digest: follow(&self.digest, entry_hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn entry(subject: &str) -> Entry<'_> {
        Entry {
            at: datetime!(2017-11-30 08:00:00.123456 UTC),
            actor: "person:alice",
            action: "run.approve",
            subject,
            content: br#"{"digest":"00"}"#,
        }
    }

    #[test]
    fn the_digest_is_the_one_computed_elsewhere() {
        // python3: h=hashlib.sha256; p=lambda b: len(b).to_bytes(8,'big')+b;
        // e=h(b'gazelle.audit.entry.v1'+(1512028800123456).to_bytes(8,'big',signed=True)
        //   +p(b'person:alice')+p(b'run.approve')+p(b'run-1')+p(b'{"digest":"00"}')).digest()
        // h(b'gazelle.audit.v1'+bytes(32)+e).hexdigest()
        let vector = "abbc08d18e2bc01cabc94c56bb41310bc2392df5afd5f2e26ef09dcebd8ab1c8";
        let digest = next_digest(&START, &entry("run-1"));
        assert_eq!(hex::encode(digest), vector);
    }

    #[test]
    fn moving_a_byte_between_parts_changes_the_digest() {
        let one = Entry {
            actor: "ab",
            action: "c",
            ..entry("x")
        };
        let other = Entry {
            actor: "a",
            action: "bc",
            ..entry("x")
        };
        assert_ne!(next_digest(&START, &one), next_digest(&START, &other));
    }
}
