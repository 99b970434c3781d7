//! Judges reversals, one after the other, on what stands.

use std::collections::{BTreeMap, HashMap};

use gazelle_kernel::{Date, Period, RecordId};

use super::{Outcome, Place, PlatformNumber, Record, RecordKey, RecordRefusal};

/// A record that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its content.
    pub record: Record,
    /// Where it came in the group that is being judged; none where it stood before.
    pub since: Option<usize>,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It is kept.
    Accepted(Accepted),
    /// The same stands already.
    Duplicate,
    /// It is not kept.
    Refused(RecordRefusal),
}

/// With what a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The day on which it counts; of a reversal, that of the record that it takes back.
    pub fee_date: Date,
    /// Where that record is.
    pub reverses: Option<Place>,
}

impl Ruling {
    /// What the platform is told.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Accepted(_) => Outcome::Accepted,
            Self::Duplicate => Outcome::Duplicate,
            Self::Refused(refusal) => Outcome::Refused(refusal),
        }
    }
}

/// What stands, as far as the records that are to be judged name it.
#[derive(Debug, Default)]
pub struct Book {
    open: HashMap<(PlatformNumber, Period), bool>,
    standing: HashMap<(PlatformNumber, RecordKey), BTreeMap<Period, Standing>>,
    reversed_fen: HashMap<Place, i64>,
}

impl Book {
    /// Whether a period takes new records.
    pub fn enter_period(&mut self, platform: PlatformNumber, period: Period, open: bool) {
        self.open.insert((platform, period), open);
    }

    /// A record that stands.
    pub fn enter(&mut self, place: Place, standing: Standing) {
        self.standing
            .entry((place.platform, place.key))
            .or_default()
            .insert(place.period, standing);
    }

    /// How much of the record at `place` its reversals take back already.
    pub fn enter_reversed(&mut self, place: Place, reversed_fen: i64) {
        self.reversed_fen.insert(place, reversed_fen);
    }

    /// Records that reversals named: where they are, their amount, and what is taken back of it.
    pub fn reversed(&self) -> impl Iterator<Item = (Place, i64, i64)> {
        self.reversed_fen.iter().filter_map(|(place, fen)| {
            let standing = self
                .standing
                .get(&(place.platform, place.key))?
                .get(&place.period)?;
            Some((*place, standing.record.amount.get(), *fen))
        })
    }

    /// The record that one at `place` takes back when it names `id` and comes at `position`: of
    /// those that came before, in the same or an earlier period, the one in the earliest.
    #[must_use]
    pub fn target(&self, place: Place, id: &RecordId, position: usize) -> Option<(Place, &Record)> {
        let key = RecordKey::of(id.as_str());
        self.standing
            .get(&(place.platform, key))?
            .range(..=place.period)
            .find(|(_, standing)| {
                standing.record.id == *id && standing.since.is_none_or(|since| since < position)
            })
            .map(|(&period, standing)| {
                (
                    Place {
                        period,
                        key,
                        ..place
                    },
                    &standing.record,
                )
            })
    }

    /// Judges the record at `position` in the group and, where it is accepted, lets it stand.
    pub fn judge(&mut self, position: usize, at: Place, record: &Record) -> Ruling {
        let Place {
            platform,
            period,
            key,
        } = at;
        let here = self
            .standing
            .get(&(platform, key))
            .and_then(|places| places.get(&period));
        if let Some(standing) = here {
            return if standing.record == *record {
                Ruling::Duplicate
            } else {
                Ruling::Refused(RecordRefusal::Conflict)
            };
        }
        if self.open.get(&(platform, period)) != Some(&true) {
            return Ruling::Refused(RecordRefusal::PeriodSealed);
        }
        let accepted = match &record.reverses {
            None => Accepted {
                fee_date: record.occurred_on,
                reverses: None,
            },
            Some(id) => match self.reverse(position, at, record, id) {
                Ok(accepted) => accepted,
                Err(refusal) => return Ruling::Refused(refusal),
            },
        };
        let standing = Standing {
            record: record.clone(),
            since: Some(position),
        };
        self.enter(at, standing);
        Ruling::Accepted(accepted)
    }

    /// `SETTLEMENT.md`, Fee date: what a reversal may take back.
    fn reverse(
        &mut self,
        position: usize,
        at: Place,
        reversal: &Record,
        id: &RecordId,
    ) -> Result<Accepted, RecordRefusal> {
        let (place, record) = self
            .target(at, id, position)
            .ok_or(RecordRefusal::ReversedRecordNotFound)?;
        if record.reverses.is_some() {
            return Err(RecordRefusal::ReversalOfReversal);
        }
        let who_and_what = |record: &Record| (record.merchant_id.clone(), record.fee_kind.clone());
        if who_and_what(record) != who_and_what(reversal) {
            return Err(RecordRefusal::ReversalMismatch);
        }
        let (fee_date, amount_fen) = (record.occurred_on, record.amount.get());
        let reversed_fen = self.reversed_fen.entry(place).or_default();
        let with_this = i128::from(*reversed_fen) - i128::from(reversal.amount.get());
        *reversed_fen = i64::try_from(with_this)
            .ok()
            .filter(|fen| *fen <= amount_fen)
            .ok_or(RecordRefusal::ReversalExceedsRecord)?;
        Ok(Accepted {
            fee_date,
            reverses: Some(place),
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{
        super::record::tests::{fee, period, place, reversal},
        *,
    };

    fn book(standing: &[(Record, Option<usize>)]) -> Book {
        let mut book = Book::default();
        for open in ["2017-01", "2017-02", "2017-03", "2017-04"] {
            book.enter_period(PlatformNumber(1), period(open), true);
        }
        for (record, since) in standing {
            let standing = Standing {
                record: record.clone(),
                since: *since,
            };
            book.enter(place("2017-03", record), standing);
        }
        book
    }

    fn judge(book: &mut Book, position: usize, record: &Record) -> Result<Option<Place>, Outcome> {
        match book.judge(position, place("2017-03", record), record) {
            Ruling::Accepted(accepted) => Ok(accepted.reverses),
            other => Err(other.outcome()),
        }
    }

    fn refused(refusal: RecordRefusal) -> Result<Option<Place>, Outcome> {
        Err(Outcome::Refused(refusal))
    }

    #[test]
    fn reversals_take_back_at_most_the_record() {
        let fee = fee("f", 100);
        let mut book = book(&[(fee.clone(), None)]);
        book.enter_reversed(place("2017-03", &fee), 30);
        let exceeds = refused(RecordRefusal::ReversalExceedsRecord);

        assert_eq!(judge(&mut book, 0, &reversal("a", "f", -71)), exceeds);
        assert_eq!(judge(&mut book, 1, &reversal("b", "f", i64::MIN)), exceeds);
        assert!(judge(&mut book, 2, &reversal("c", "f", -50)).is_ok());
        assert!(judge(&mut book, 3, &reversal("a", "f", -20)).is_ok());
        assert_eq!(judge(&mut book, 4, &reversal("d", "f", -1)), exceeds);

        assert_eq!(
            book.reversed().collect::<Vec<_>>(),
            [(place("2017-03", &fee), 100, 100)]
        );
    }

    #[test]
    fn the_same_reversal_again_is_a_duplicate_and_takes_nothing_back() {
        let mut book = book(&[(fee("f", 100), None)]);
        assert!(judge(&mut book, 0, &reversal("a", "f", -100)).is_ok());
        assert_eq!(
            judge(&mut book, 1, &reversal("a", "f", -100)),
            Err(Outcome::Duplicate)
        );
        assert_eq!(
            judge(&mut book, 2, &reversal("a", "f", -99)),
            refused(RecordRefusal::Conflict)
        );
    }

    #[test]
    fn a_reversal_counts_on_the_day_of_what_it_reverses() {
        let mut book = book(&[(
            Record {
                occurred_on: date!(2016 - 12 - 31),
                ..fee("f", 9)
            },
            None,
        )]);
        let record = reversal("a", "f", -9);
        let ruling = book.judge(0, place("2017-03", &record), &record);
        let Ruling::Accepted(accepted) = ruling else {
            panic!("{ruling:?}")
        };
        assert_eq!(accepted.fee_date, date!(2016 - 12 - 31));
    }

    #[test]
    fn what_comes_later_in_the_group_cannot_be_reversed() {
        let mut book = book(&[(fee("f", 100), Some(5))]);
        let not_found = refused(RecordRefusal::ReversedRecordNotFound);
        assert_eq!(judge(&mut book, 4, &reversal("a", "f", -1)), not_found);
        assert!(judge(&mut book, 6, &reversal("b", "f", -1)).is_ok());
        assert_eq!(judge(&mut book, 7, &reversal("c", "c", -1)), not_found);
        assert_eq!(
            judge(&mut book, 8, &reversal("d", "unknown", -1)),
            not_found
        );
    }

    #[test]
    fn a_reversal_is_of_the_same_merchant_and_kind_and_of_no_reversal() {
        let other_shop = Record {
            merchant_id: gazelle_kernel::MerchantId::parse("shop-8").unwrap(),
            ..fee("s", 9)
        };
        let other_kind = Record {
            fee_kind: gazelle_kernel::FeeKind::MEMBERSHIP,
            ..fee("k", 9)
        };
        let standing =
            [other_shop, other_kind, reversal("r", "f", -1)].map(|record| (record, None));
        let mut book = book(&standing);
        let cases = [
            ("s", RecordRefusal::ReversalMismatch),
            ("k", RecordRefusal::ReversalMismatch),
            ("r", RecordRefusal::ReversalOfReversal),
        ];
        for (of, refusal) in cases {
            assert_eq!(
                judge(&mut book, 0, &reversal("a", of, -1)),
                refused(refusal),
                "{of}"
            );
        }
    }

    #[test]
    fn of_several_periods_the_earliest_that_is_not_later_holds_the_record() {
        let mut book = book(&[]);
        let fee = fee("f", 100);
        let not_found = refused(RecordRefusal::ReversedRecordNotFound);
        for (held, expected) in [
            ("2017-04", None),
            ("2017-02", Some("2017-02")),
            ("2017-01", Some("2017-01")),
        ] {
            let standing = Standing {
                record: fee.clone(),
                since: None,
            };
            book.enter(place(held, &fee), standing);
            let judged = judge(&mut book, 9, &reversal(held, "f", -1));
            assert_eq!(
                judged,
                expected.map_or(not_found, |period| Ok(Some(place(period, &fee))))
            );
        }
    }

    #[test]
    fn a_sealed_period_takes_no_reversal_and_a_refused_fee_leaves_room_for_the_next() {
        let mut book = book(&[(fee("f", 100), None)]);
        book.enter_period(PlatformNumber(1), period("2017-03"), false);
        assert_eq!(
            judge(&mut book, 0, &reversal("a", "f", -1)),
            refused(RecordRefusal::PeriodSealed)
        );
        book.enter_period(PlatformNumber(1), period("2017-03"), true);
        assert!(judge(&mut book, 1, &reversal("b", "x", -1)).is_err());
        assert_eq!(judge(&mut book, 2, &fee("b", 7)), Ok(None));
    }
}
