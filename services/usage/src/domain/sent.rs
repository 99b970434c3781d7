//! A record as it was sent, which may be anything.

/// A record as it was sent, which may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentRecord {
    /// The platform's id for it.
    pub record_id: String,
    pub merchant_id: String,
    pub fee_kind: String,
    pub occurred_on: String,
    pub amount_fen: i64,
    /// What it takes back; empty: nothing.
    pub reverses_record_id: String,
}

impl SentRecord {
    #[must_use]
    pub fn as_sent(&self) -> Sent<'_> {
        Sent {
            record_id: &self.record_id,
            merchant_id: &self.merchant_id,
            fee_kind: &self.fee_kind,
            occurred_on: &self.occurred_on,
            amount_fen: self.amount_fen,
            reverses_record_id: &self.reverses_record_id,
        }
    }
}

/// A [`SentRecord`] in the memory that it came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent<'a> {
    pub record_id: &'a str,
    pub merchant_id: &'a str,
    pub fee_kind: &'a str,
    pub occurred_on: &'a str,
    pub amount_fen: i64,
    pub reverses_record_id: &'a str,
}

impl Sent<'_> {
    /// With memory of its own.
    #[must_use]
    pub fn to_record(self) -> SentRecord {
        SentRecord {
            record_id: self.record_id.into(),
            merchant_id: self.merchant_id.into(),
            fee_kind: self.fee_kind.into(),
            occurred_on: self.occurred_on.into(),
            amount_fen: self.amount_fen,
            reverses_record_id: self.reverses_record_id.into(),
        }
    }
}
