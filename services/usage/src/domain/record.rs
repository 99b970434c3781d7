//! A record: its form, its place, its content.

use std::io::Write as _;

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, Period, PlatformId, RecordId, parse_date};
use sha2::{Digest, Sha256};

use super::{RecordHash, RecordRefusal};

/// A record as it was sent, which may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentRecord {
    /// The platform's id for it.
    pub record_id: String,
    /// Who was charged.
    pub merchant_id: String,
    /// What for.
    pub fee_kind: String,
    /// On which day.
    pub occurred_on: String,
    /// How much.
    pub amount_fen: i64,
    /// What it takes back; empty: nothing.
    pub reverses_record_id: String,
}

/// A record of proper form: a fee, or a reversal of one. Equal records have the same content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The platform's id for it, for ever.
    pub id: RecordId,
    /// Who was charged.
    pub merchant_id: MerchantId,
    /// What for.
    pub fee_kind: FeeKind,
    /// On which day; not after the last day of the period.
    pub occurred_on: Date,
    /// How much: above 0; in a reversal below 0.
    pub amount: Fen,
    /// Only in a reversal: the record that it takes back.
    pub reverses: Option<RecordId>,
}

impl Record {
    /// Reads a record that is reported in `period`; `SETTLEMENT.md`, Fee date.
    pub fn parse(sent: &SentRecord, period: Period) -> Result<Self, RecordRefusal> {
        use RecordRefusal as No;
        let id = RecordId::parse(&sent.record_id).map_err(|_| No::RecordIdInvalid)?;
        let merchant_id =
            MerchantId::parse(&sent.merchant_id).map_err(|_| No::MerchantIdInvalid)?;
        let fee_kind = FeeKind::parse(&sent.fee_kind).map_err(|_| No::FeeKindInvalid)?;
        let occurred_on = parse_date(&sent.occurred_on).map_err(|_| No::DateInvalid)?;
        if occurred_on > period.last_day() {
            return Err(No::OccurredAfterPeriod);
        }
        let reverses = match sent.reverses_record_id.as_str() {
            "" if sent.amount_fen <= 0 => return Err(No::AmountNotPositive),
            "" => None,
            _ if sent.amount_fen >= 0 => return Err(No::ReversalNotNegative),
            // A text that is no id is no accepted record's.
            id => Some(RecordId::parse(id).map_err(|_| No::ReversedRecordNotFound)?),
        };
        Ok(Self {
            id,
            merchant_id,
            fee_kind,
            occurred_on,
            amount: Fen::new(sent.amount_fen),
            reverses,
        })
    }

    /// SHA-256 of its canonical form, which [`write_canonical`](Self::write_canonical) writes.
    #[must_use]
    pub fn hash(&self, platform: &PlatformId, period: Period) -> RecordHash {
        let mut form = Vec::with_capacity(160);
        self.write_canonical(platform, period, &mut form);
        RecordHash::of(&form)
    }

    /// Appends its canonical form; `gazelle/usage/v1/resources.proto`, `Receipt`.
    pub fn write_canonical(&self, platform: &PlatformId, period: Period, form: &mut Vec<u8>) {
        write!(
            form,
            "{}\x1f{period}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}",
            platform.as_str(),
            self.id.as_str(),
            self.merchant_id.as_str(),
            self.fee_kind.as_str(),
            self.occurred_on,
            self.amount,
            self.reverses.as_ref().map_or("", RecordId::as_str),
        )
        .expect("a Vec takes all that is written");
    }

    /// As it was sent.
    #[must_use]
    pub fn to_sent(&self) -> SentRecord {
        SentRecord {
            record_id: self.id.as_str().into(),
            merchant_id: self.merchant_id.as_str().into(),
            fee_kind: self.fee_kind.as_str().into(),
            occurred_on: self.occurred_on.to_string(),
            amount_fen: self.amount.get(),
            reverses_record_id: self.reverses.as_ref().map_or("", RecordId::as_str).into(),
        }
    }
}

/// The first 128 bits of SHA-256 of a record's id: its key, and its place in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey(pub u128);

impl RecordKey {
    /// The key of an id.
    #[must_use]
    pub fn of(id: &RecordId) -> Self {
        let digest: [u8; 32] = Sha256::digest(id.as_str()).into();
        let (first, _) = digest
            .split_first_chunk()
            .expect("32 bytes are more than 16");
        Self(u128::from_be_bytes(*first))
    }
}

/// The number that the database has given a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlatformNumber(pub i16);

/// Where a record is kept: the primary key, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Whose.
    pub platform: PlatformNumber,
    /// The month that it is reported in.
    pub period: Period,
    /// Which.
    pub key: RecordKey,
}

/// A record on its way into its place.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it will be kept.
    pub place: Place,
    /// What it says.
    pub record: Record,
    /// The hash of its canonical form, for the receipt.
    pub hash: RecordHash,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn place(text: &str, record: &Record) -> Place {
        Place {
            platform: PlatformNumber(1),
            period: period(text),
            key: RecordKey::of(&record.id),
        }
    }

    pub fn entry(record: Record) -> Entry {
        let platform = PlatformId::parse("alpha-mall").unwrap();
        Entry {
            place: place("2017-03", &record),
            hash: record.hash(&platform, period("2017-03")),
            record,
        }
    }

    pub fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    pub fn sent() -> SentRecord {
        SentRecord {
            record_id: "r-1".into(),
            merchant_id: "shop-7".into(),
            fee_kind: "COMMISSION".into(),
            occurred_on: "2017-03-05".into(),
            amount_fen: 1990,
            reverses_record_id: String::new(),
        }
    }

    pub fn fee(id: &str, fen: i64) -> Record {
        let sent = SentRecord {
            record_id: id.into(),
            amount_fen: fen,
            ..sent()
        };
        Record::parse(&sent, period("2017-03")).unwrap()
    }

    pub fn reversal(id: &str, of: &str, fen: i64) -> Record {
        let sent = SentRecord {
            record_id: id.into(),
            amount_fen: fen,
            reverses_record_id: of.into(),
            ..sent()
        };
        Record::parse(&sent, period("2017-03")).unwrap()
    }

    #[test]
    fn a_record_of_proper_form_is_read_and_shown_as_it_was_sent() {
        for (reverses, fen) in [("", 1), ("", i64::MAX), ("r-0", -1), ("r-0", i64::MIN)] {
            let sent = SentRecord {
                reverses_record_id: reverses.into(),
                amount_fen: fen,
                ..sent()
            };
            assert_eq!(
                Record::parse(&sent, period("2017-03")).unwrap().to_sent(),
                sent
            );
        }
    }

    #[test]
    fn each_bad_field_has_its_own_reason() {
        use RecordRefusal as No;
        type Change = fn(&mut SentRecord);
        let cases: [(Change, No); 13] = [
            (|r| r.record_id.clear(), No::RecordIdInvalid),
            (|r| r.record_id = "a\0".into(), No::RecordIdInvalid),
            (|r| r.merchant_id = " shop".into(), No::MerchantIdInvalid),
            (|r| r.merchant_id = "x".repeat(129), No::MerchantIdInvalid),
            (|r| r.fee_kind = "commission".into(), No::FeeKindInvalid),
            (|r| r.occurred_on = "2017-02-29".into(), No::DateInvalid),
            (
                |r| r.occurred_on = "2017-04-01".into(),
                No::OccurredAfterPeriod,
            ),
            (|r| r.amount_fen = 0, No::AmountNotPositive),
            (|r| r.amount_fen = -1, No::AmountNotPositive),
            (
                |r| r.reverses_record_id = "r-0".into(),
                No::ReversalNotNegative,
            ),
            (
                |r| (r.amount_fen, r.reverses_record_id) = (0, "r-0".into()),
                No::ReversalNotNegative,
            ),
            (
                |r| (r.amount_fen, r.reverses_record_id) = (-1, "r-0\n".into()),
                No::ReversedRecordNotFound,
            ),
            (
                |r| (r.occurred_on, r.amount_fen) = ("2018-01-01".into(), 0),
                No::OccurredAfterPeriod,
            ),
        ];
        for (change, reason) in cases {
            let mut sent = sent();
            change(&mut sent);
            assert_eq!(
                Record::parse(&sent, period("2017-03")),
                Err(reason),
                "{sent:?}"
            );
        }
    }

    #[test]
    fn a_late_record_and_the_last_day_are_within_the_period() {
        for day in ["1900-01-01", "2016-02-29", "2017-03-31"] {
            let sent = SentRecord {
                occurred_on: day.into(),
                ..sent()
            };
            assert!(Record::parse(&sent, period("2017-03")).is_ok(), "{day}");
        }
    }

    #[test]
    fn a_key_is_the_start_of_the_hash_of_the_id() {
        // printf 'r-1' | sha256sum
        let key = RecordKey::of(&RecordId::parse("r-1").unwrap());
        assert_eq!(format!("{:032x}", key.0), KEY_OF_R1);
    }

    const KEY_OF_R1: &str = "a5fa777a3dc67268caea6eea038ba141";
}
