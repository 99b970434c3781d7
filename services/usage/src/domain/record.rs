//! A record: its form, its place, its content.

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, Period, PlatformId, RecordId, parse_date};

use super::{RecordHash, RecordRefusal, hash::sha256};

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

impl SentRecord {
    /// Its fields.
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

/// A [`Record`] in the memory that it came in: of the millions that are simply kept, no text is
/// copied to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRef<'a> {
    pub id: &'a str,
    pub merchant_id: &'a str,
    pub fee_kind: &'a str,
    pub occurred_on: Date,
    pub amount: Fen,
    pub reverses: Option<&'a str>,
}

impl<'a> RecordRef<'a> {
    /// Reads a record that is reported in a period with that last day; `SETTLEMENT.md`, Fee date.
    pub fn parse(sent: Sent<'a>, last_day: Date) -> Result<Self, RecordRefusal> {
        use RecordRefusal as No;
        let check = |proper: bool, refusal| if proper { Ok(()) } else { Err(refusal) };
        check(RecordId::is_valid(sent.record_id), No::RecordIdInvalid)?;
        check(
            MerchantId::is_valid(sent.merchant_id),
            No::MerchantIdInvalid,
        )?;
        check(FeeKind::is_valid(sent.fee_kind), No::FeeKindInvalid)?;
        let occurred_on = parse_date(sent.occurred_on).map_err(|_| No::DateInvalid)?;
        check(occurred_on <= last_day, No::OccurredAfterPeriod)?;
        let reverses = match sent.reverses_record_id {
            "" if sent.amount_fen <= 0 => return Err(No::AmountNotPositive),
            "" => None,
            _ if sent.amount_fen >= 0 => return Err(No::ReversalNotNegative),
            // A text that is no id is no accepted record's.
            id if !RecordId::is_valid(id) => return Err(No::ReversedRecordNotFound),
            id => Some(id),
        };
        Ok(Self {
            id: sent.record_id,
            merchant_id: sent.merchant_id,
            fee_kind: sent.fee_kind,
            occurred_on,
            amount: Fen::new(sent.amount_fen),
            reverses,
        })
    }

    /// With memory of its own.
    #[must_use]
    pub fn to_record(self) -> Record {
        const PROPER: &str = "a record of proper form was parsed";
        Record {
            id: RecordId::parse(self.id).expect(PROPER),
            merchant_id: MerchantId::parse(self.merchant_id).expect(PROPER),
            fee_kind: FeeKind::parse(self.fee_kind).expect(PROPER),
            occurred_on: self.occurred_on,
            amount: self.amount,
            reverses: self.reverses.map(|id| RecordId::parse(id).expect(PROPER)),
        }
    }
}

impl Record {
    /// Its fields.
    #[must_use]
    pub fn as_ref(&self) -> RecordRef<'_> {
        RecordRef {
            id: self.id.as_str(),
            merchant_id: self.merchant_id.as_str(),
            fee_kind: self.fee_kind.as_str(),
            occurred_on: self.occurred_on,
            amount: self.amount,
            reverses: self.reverses.as_ref().map(RecordId::as_str),
        }
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

/// Writes the canonical forms of one platform's month; `gazelle/usage/v1/resources.proto`,
/// `Receipt`.
#[derive(Debug, Clone)]
pub struct CanonicalForm {
    /// What all of them begin with, and the rest of the last one.
    form: Vec<u8>,
    prefix_len: usize,
}

impl CanonicalForm {
    /// Of records that `platform` reports in `period`.
    #[must_use]
    pub fn new(platform: &PlatformId, period: Period) -> Self {
        let form = format!("{platform}\x1f{period}\x1f").into_bytes();
        Self {
            prefix_len: form.len(),
            form,
        }
    }

    /// The form of a record.
    pub fn of(&mut self, record: RecordRef<'_>) -> &[u8] {
        let form = &mut self.form;
        form.truncate(self.prefix_len);
        for text in [record.id, record.merchant_id, record.fee_kind] {
            form.extend_from_slice(text.as_bytes());
            form.push(0x1f);
        }
        push_date(form, record.occurred_on);
        form.push(0x1f);
        form.extend_from_slice(itoa::Buffer::new().format(record.amount.get()).as_bytes());
        form.push(0x1f);
        form.extend_from_slice(record.reverses.unwrap_or_default().as_bytes());
        form
    }

    /// The hash of a record's form, for the receipt.
    pub fn hash(&mut self, record: RecordRef<'_>) -> RecordHash {
        RecordHash::of(self.of(record))
    }
}

/// `YYYY-MM-DD`; formatting would take longer than all the rest of a form.
fn push_date(form: &mut Vec<u8>, date: Date) {
    let digit = |number: u32| b'0' + u8::try_from(number % 10).expect("less than 10");
    let (year, month, day) = (
        date.year().unsigned_abs(),
        u8::from(date.month()),
        date.day(),
    );
    let (month, day) = (u32::from(month), u32::from(day));
    form.extend([1_000, 100, 10, 1].map(|unit| digit(year / unit)));
    form.extend([b'-', digit(month / 10), digit(month)]);
    form.extend([b'-', digit(day / 10), digit(day)]);
}

/// The first 128 bits of SHA-256 of a record's id: its key, and its place in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey(pub u128);

impl RecordKey {
    /// The key of an id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let digest = sha256(id.as_bytes());
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn place(text: &str, record: &Record) -> Place {
        Place {
            platform: PlatformNumber(1),
            period: period(text),
            key: RecordKey::of(record.id.as_str()),
        }
    }

    pub fn form(period: &str) -> CanonicalForm {
        let platform = PlatformId::parse("alpha-mall").unwrap();
        CanonicalForm::new(&platform, self::period(period))
    }

    pub fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    pub fn sent() -> Sent<'static> {
        Sent {
            record_id: "r-1",
            merchant_id: "shop-7",
            fee_kind: "COMMISSION",
            occurred_on: "2017-03-05",
            amount_fen: 1990,
            reverses_record_id: "",
        }
    }

    fn parse(sent: Sent<'_>) -> Result<Record, RecordRefusal> {
        RecordRef::parse(sent, period("2017-03").last_day()).map(RecordRef::to_record)
    }

    pub fn fee(id: &str, fen: i64) -> Record {
        parse(Sent {
            record_id: id,
            amount_fen: fen,
            ..sent()
        })
        .unwrap()
    }

    pub fn reversal(id: &str, of: &str, fen: i64) -> Record {
        parse(Sent {
            record_id: id,
            amount_fen: fen,
            reverses_record_id: of,
            ..sent()
        })
        .unwrap()
    }

    #[test]
    fn a_record_of_proper_form_is_read_and_shown_as_it_was_sent() {
        for (reverses, fen) in [("", 1), ("", i64::MAX), ("r-0", -1), ("r-0", i64::MIN)] {
            let sent = Sent {
                reverses_record_id: reverses,
                amount_fen: fen,
                ..sent()
            };
            let record = parse(sent).unwrap();
            assert_eq!(record.to_sent(), sent.to_record());
            assert_eq!(record.as_ref().to_record(), record);
        }
    }

    #[test]
    fn each_bad_field_has_its_own_reason() {
        use RecordRefusal as No;
        type Change = fn(&mut Sent<'_>);
        let cases: [(Change, No); 13] = [
            (|r| r.record_id = "", No::RecordIdInvalid),
            (|r| r.record_id = "a\0", No::RecordIdInvalid),
            (|r| r.merchant_id = " shop", No::MerchantIdInvalid),
            (|r| r.merchant_id = LONG, No::MerchantIdInvalid),
            (|r| r.fee_kind = "commission", No::FeeKindInvalid),
            (|r| r.occurred_on = "2017-02-29", No::DateInvalid),
            (|r| r.occurred_on = "2017-04-01", No::OccurredAfterPeriod),
            (|r| r.amount_fen = 0, No::AmountNotPositive),
            (|r| r.amount_fen = -1, No::AmountNotPositive),
            (|r| r.reverses_record_id = "r-0", No::ReversalNotNegative),
            (
                |r| (r.amount_fen, r.reverses_record_id) = (0, "r-0"),
                No::ReversalNotNegative,
            ),
            (
                |r| (r.amount_fen, r.reverses_record_id) = (-1, "r-0\n"),
                No::ReversedRecordNotFound,
            ),
            (
                |r| (r.occurred_on, r.amount_fen) = ("2018-01-01", 0),
                No::OccurredAfterPeriod,
            ),
        ];
        for (change, reason) in cases {
            let mut sent = sent();
            change(&mut sent);
            assert_eq!(parse(sent), Err(reason), "{sent:?}");
        }
    }

    #[test]
    fn a_late_record_and_the_last_day_are_within_the_period() {
        for day in ["1900-01-01", "2016-02-29", "2017-03-31"] {
            let sent = Sent {
                occurred_on: day,
                ..sent()
            };
            assert!(parse(sent).is_ok(), "{day}");
        }
    }

    #[test]
    fn a_key_is_the_start_of_the_hash_of_the_id() {
        // printf 'r-1' | sha256sum
        let key = RecordKey::of("r-1");
        assert_eq!(format!("{:032x}", key.0), KEY_OF_R1);
    }

    #[test]
    fn days_are_written_as_they_are_read() {
        for day in ["1900-01-01", "2009-10-31", "2016-02-29", "2999-12-09"] {
            let mut form = Vec::new();
            push_date(&mut form, parse_date(day).unwrap());
            assert_eq!(form, day.as_bytes());
        }
    }

    const LONG: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
                        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    const KEY_OF_R1: &str = "a5fa777a3dc67268caea6eea038ba141";
}
