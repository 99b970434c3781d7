//! What is enough of a record to judge others by: its hash, and the figures that rules need.

use gazelle_kernel::{Date, RecordId};

use super::{
    hash::sha256,
    record::{Record, RecordRef},
    sent::Sent,
};

/// A record of proper form in a few dozen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordDigest {
    /// Over its whole content.
    content: u128,
    /// Over its merchant and fee kind.
    pub subject: u64,
    pub amount_fen: i64,
    pub occurred_on: Date,
    /// Whether it takes another back.
    pub is_reversal: bool,
}

impl From<&Record> for RecordDigest {
    fn from(record: &Record) -> Self {
        let RecordRef {
            merchant_id,
            fee_kind,
            ..
        } = record.as_ref();
        let subject = first_bytes(&[merchant_id, fee_kind], &[]);
        Self {
            content: content_key(record.to_sent().as_sent()),
            subject: u64::try_from(subject >> 64).expect("half of the bits"),
            amount_fen: record.amount.get(),
            occurred_on: record.occurred_on,
            is_reversal: record.reverses.is_some(),
        }
    }
}

/// What is remembered of a record that stands: all of it, or what judging others needs.
pub trait Content: for<'a> From<&'a Record> {
    /// Whether the record has the same content.
    fn is_same(&self, record: &Record) -> bool;
    /// Whether it has this id.
    fn has_id(&self, id: &RecordId) -> bool;
    /// Whether the record is of the same merchant and fee kind.
    fn is_of_same_subject(&self, record: &Record) -> bool;
    /// Whether it is a reversal itself.
    fn is_reversal(&self) -> bool;
    /// Its day, and its amount in fen.
    fn day_and_fen(&self) -> (Date, i64);
}

impl From<&Record> for Record {
    fn from(record: &Record) -> Self {
        record.clone()
    }
}

impl Content for Record {
    fn is_same(&self, record: &Record) -> bool {
        self == record
    }

    fn has_id(&self, id: &RecordId) -> bool {
        self.id == *id
    }

    fn is_of_same_subject(&self, record: &Record) -> bool {
        self.merchant_id == record.merchant_id && self.fee_kind == record.fee_kind
    }

    fn is_reversal(&self) -> bool {
        self.reverses.is_some()
    }

    fn day_and_fen(&self) -> (Date, i64) {
        (self.occurred_on, self.amount.get())
    }
}

impl Content for RecordDigest {
    fn is_same(&self, record: &Record) -> bool {
        *self == Self::from(record)
    }

    /// Records are found by their keys; that two ids have one is beyond all chance.
    fn has_id(&self, _: &RecordId) -> bool {
        true
    }

    fn is_of_same_subject(&self, record: &Record) -> bool {
        self.subject == Self::from(record).subject
    }

    fn is_reversal(&self) -> bool {
        self.is_reversal
    }

    fn day_and_fen(&self) -> (Date, i64) {
        (self.occurred_on, self.amount_fen)
    }
}

/// 128 bits of SHA-256 over the whole content of a record as it was sent.
#[must_use]
pub fn content_key(record: Sent<'_>) -> u128 {
    let texts = [
        record.record_id,
        record.merchant_id,
        record.fee_kind,
        record.occurred_on,
        record.reverses_record_id,
    ];
    first_bytes(&texts, &record.amount_fen.to_be_bytes())
}

/// Every text after its length, so that no two contents give the same bytes.
fn first_bytes(texts: &[&str], rest: &[u8]) -> u128 {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(rest);
    let digest = sha256(&bytes);
    let (first, _) = digest
        .split_first_chunk()
        .expect("32 bytes are more than 16");
    u128::from_be_bytes(*first)
}
