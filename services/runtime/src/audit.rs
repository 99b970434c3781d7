//! Who did what, when, on which content, chained by hash.
//!
//! Each service keeps its entries in a table of its own and writes each in the transaction that
//! did the change. Every entry's digest covers the digest before it, so that nothing earlier can
//! be edited, dropped, inserted or moved without every later digest changing; and a digest kept
//! outside the database shows when the whole chain was written anew.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// The digest before the first entry.
pub const START: [u8; 32] = [0; 32];

/// Opens every hashed message, so that no other hash of the suite can be taken for one of these.
const DOMAIN: &[u8] = b"gazelle.audit.v1";

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When, in whole microseconds.
    pub at: OffsetDateTime,
    /// Who: [`Principal::actor`](crate::auth::Principal::actor).
    pub actor: &'a str,
    /// What, such as `run.approve`.
    pub action: &'a str,
    /// On what, such as a run's id.
    pub subject: &'a str,
    /// On which content: the bytes as they are stored, usually JSON text.
    pub content: &'a [u8],
}

/// The digest of `entry`, which follows the entry with digest `previous`.
///
/// SHA-256 over `gazelle.audit.v1`, `previous`, the microseconds since 1970 as 8 bytes, and then
/// actor, action, subject and content, each after its length in bytes as 8 bytes; numbers are big
/// endian, the first signed, the lengths not. With the lengths, no two entries hash the same
/// bytes.
#[must_use]
pub fn next_digest(previous: &[u8; 32], entry: &Entry<'_>) -> [u8; 32] {
    // Far inside 64 bits: the years of `OffsetDateTime` have four digits.
    let microseconds = entry.at.unix_timestamp() * 1_000_000 + i64::from(entry.at.microsecond());
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(previous);
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

/// The first entry whose digest does not follow from what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chain is broken at entry {position}")]
pub struct Broken {
    /// Its position among the given entries, from 0.
    pub position: usize,
}

/// Recomputes a chain from `previous` on; returns its last digest.
///
/// A chain whose end was cut off is a valid shorter chain: compare the last digest with one kept
/// elsewhere.
pub fn verify<'a>(
    previous: [u8; 32],
    entries: impl IntoIterator<Item = (Entry<'a>, [u8; 32])>,
) -> Result<[u8; 32], Broken> {
    let mut last = previous;
    for (position, (entry, digest)) in entries.into_iter().enumerate() {
        if next_digest(&last, &entry) != digest {
            return Err(Broken { position });
        }
        last = digest;
    }
    Ok(last)
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

    fn chain<'a>(subjects: &[&'a str]) -> Vec<(Entry<'a>, [u8; 32])> {
        let mut last = START;
        subjects
            .iter()
            .map(|subject| {
                last = next_digest(&last, &entry(subject));
                (entry(subject), last)
            })
            .collect()
    }

    #[test]
    fn the_digest_is_the_one_computed_elsewhere() {
        // python3: h=hashlib.sha256; p=lambda b: len(b).to_bytes(8,'big')+b;
        // h(b'gazelle.audit.v1'+bytes(32)+(1512028800123456).to_bytes(8,'big',signed=True)
        //   +p(b'person:alice')+p(b'run.approve')+p(b'run-1')+p(b'{"digest":"00"}')).hexdigest()
        let vector = "d7763f33d008ff3e5c29bb1b97a55914d5e8f5066bc049f7ec8da1a83e8dcf13";
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

    #[test]
    fn an_edit_a_gap_an_insertion_and_a_swap_are_found_where_they_are() {
        let whole = chain(&["a", "b", "c", "d"]);
        assert_eq!(verify(START, whole.clone()), Ok(whole[3].1));

        let mut edited = whole.clone();
        edited[2].0.actor = "person:mallory";
        assert_eq!(verify(START, edited), Err(Broken { position: 2 }));

        let mut shortened = whole.clone();
        shortened.remove(1);
        assert_eq!(verify(START, shortened), Err(Broken { position: 1 }));

        let mut inserted = whole.clone();
        inserted.insert(1, whole[3].clone());
        assert_eq!(verify(START, inserted), Err(Broken { position: 1 }));

        let mut swapped = whole;
        swapped.swap(0, 1);
        assert_eq!(verify(START, swapped), Err(Broken { position: 0 }));
    }
}
