//! A record of proper form.

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, RecordId, parse_date};

use super::{
    refusal::RecordRefusal,
    sent::{Sent, SentRecord},
};

/// A record of proper form: a fee, or a reversal of one. Equal records have the same content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The platform's id for it, for ever.
    pub id: RecordId,
    pub merchant_id: MerchantId,
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

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{period, sent},
        *,
    };

    fn parse(sent: Sent<'_>) -> Result<Record, RecordRefusal> {
        RecordRef::parse(sent, period("2017-03").last_day()).map(RecordRef::to_record)
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
        type Spoil = fn(&mut Sent<'_>);
        let cases: [(Spoil, No); 18] = [
            (|r| r.record_id = "", No::RecordIdInvalid),
            (|r| r.record_id = "a\0", No::RecordIdInvalid),
            (|r| r.record_id = "\u{feff}z-2", No::RecordIdInvalid),
            (|r| r.record_id = "z-2\u{200b}", No::RecordIdInvalid),
            (|r| r.record_id = "z\u{202e}2", No::RecordIdInvalid),
            (|r| r.merchant_id = "shop-1\u{200b}", No::MerchantIdInvalid),
            (
                |r| (r.amount_fen, r.reverses_record_id) = (-1, "\u{feff}r-0"),
                No::ReversedRecordNotFound,
            ),
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

    const LONG: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
                        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
