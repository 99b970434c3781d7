//! The hash that chains entries.

use gazelle_kernel::{Fen, Instant};
use sha2::{Digest, Sha256};

use super::entry::Entry;

/// The digest before the first entry.
pub const START: [u8; 32] = [0; 32];

/// Opens every hashed message, so that no other hash of the suite can be taken for one of these.
const DOMAIN: &[u8] = b"gazelle.ledger.v1";

/// The digest of an entry that follows the one with digest `previous`.
#[must_use]
pub fn next(previous: &[u8; 32], entry: &Entry) -> [u8; 32] {
    let texts = [
        entry.cause.kind.as_str(),
        &entry.cause.id,
        entry.program_id.as_str(),
        entry.recorded_by.as_str(),
    ];
    let mut hash = EntryHash::new(previous, entry.recorded_at, texts, entry.postings.len());
    for posting in &entry.postings {
        let names = [posting.debit.full_name(), posting.credit.full_name()];
        let payment_id = posting.payment_id.as_deref();
        hash.posting(&names[0], &names[1], posting.amount, payment_id);
    }
    hash.finish()
}

/// The digest of an entry, posting by posting.
///
/// SHA-256 over `gazelle.ledger.v1`, the digest before, the microseconds since 1970, the texts of
/// cause, its id, program and actor, the number of postings, and of each posting the full names of
/// the debited and the credited account, the fen and the payment's id or nothing. Numbers are 8
/// bytes, big endian; each text stands after its length, so no two entries hash the same bytes.
#[derive(Debug)]
pub struct EntryHash(Sha256);

impl EntryHash {
    /// The hash of an entry before its postings; `texts`: cause, its id, program and actor.
    #[must_use]
    pub fn new(previous: &[u8; 32], at: Instant, texts: [&str; 4], postings: usize) -> Self {
        // Far inside 64 bits: years have four digits.
        let microseconds = at.unix_timestamp() * 1_000_000 + i64::from(at.microsecond());
        let mut hash = Self(Sha256::new());
        hash.0.update(DOMAIN);
        hash.0.update(previous);
        hash.0.update(microseconds.to_be_bytes());
        for text in texts {
            hash.text(text);
        }
        hash.0.update((postings as u64).to_be_bytes());
        hash
    }

    /// Takes in the next posting, its accounts by name.
    pub fn posting(&mut self, debit: &str, credit: &str, amount: Fen, payment_id: Option<&str>) {
        self.text(debit);
        self.text(credit);
        self.0.update(amount.get().to_be_bytes());
        self.text(payment_id.unwrap_or_default());
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
}
