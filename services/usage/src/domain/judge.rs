//! Judges records one after the other, on what stands: reversals, and fees that may stand already.

use std::collections::{BTreeSet, HashMap};

use gazelle_kernel::{Period, RecordId};

use super::{
    content::Content,
    key::{Place, PlatformPeriod, RecordKey},
    record::Record,
    refusal::RecordRefusal,
    ruling::{Accepted, Ruling},
};

/// A record that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing<C> {
    content: C,
    /// Where it came among the records that are being judged; none where it stood before.
    since: Option<u32>,
}

/// What stands, as far as the records that are to be judged name it.
#[derive(Debug)]
pub struct Judge<C = Record> {
    is_open: HashMap<PlatformPeriod, bool>,
    /// The periods of what stands.
    periods: BTreeSet<PlatformPeriod>,
    standing: HashMap<Place, Standing<C>>,
    /// Under each key, a period that holds it, as far as another than the record's own may.
    elsewhere: HashMap<Place, Period>,
    reversed_fen: HashMap<Place, i64>,
}

impl<C> Default for Judge<C> {
    fn default() -> Self {
        Self {
            is_open: HashMap::new(),
            periods: BTreeSet::new(),
            standing: HashMap::new(),
            elsewhere: HashMap::new(),
            reversed_fen: HashMap::new(),
        }
    }
}

impl<C: Content> Judge<C> {
    /// Whether a period takes new records.
    pub fn set_open(&mut self, period: PlatformPeriod, is_open: bool) {
        self.is_open.insert(period, is_open);
    }

    /// A record that stands; `since` its position in what is being judged, if it came with that.
    pub fn let_stand(&mut self, place: Place, record: &Record, since: Option<usize>) {
        self.periods.insert(place.platform_period());
        let since = since.map(position);
        let content = C::from(record);
        self.standing.insert(place, Standing { content, since });
    }

    /// Whether anything is known to stand at a place.
    #[must_use]
    pub fn knows(&self, place: Place) -> bool {
        self.standing.contains_key(&place)
    }

    /// Another period of the platform holds the id of a record that may come for this place.
    pub fn set_elsewhere(&mut self, place: Place, period: Period) {
        self.elsewhere.insert(place, period);
    }

    /// Another period of the platform in which a record of the same key stands.
    #[must_use]
    pub fn find_elsewhere(&self, place: Place) -> Option<Period> {
        let periods = self.periods.range(first_period(place)..);
        periods
            .take_while(|it| it.platform == place.platform)
            .map(|it| it.period)
            .find(|period| *period != place.period && self.knows(place.in_period(*period)))
    }

    /// How much of the record at `place` its reversals take back already.
    pub fn set_reversed(&mut self, place: Place, reversed_fen: i64) {
        self.reversed_fen.insert(place, reversed_fen);
    }

    /// Whether it is known how much of the record at `place` is taken back.
    #[must_use]
    pub fn knows_reversed(&self, place: Place) -> bool {
        self.reversed_fen.contains_key(&place)
    }

    /// Records that reversals named: where they are, their amount, and what is taken back of it.
    pub fn reversed(&self) -> impl Iterator<Item = (Place, i64, i64)> {
        self.reversed_fen.iter().filter_map(|(place, fen)| {
            let (_, amount_fen) = self.standing.get(place)?.content.day_and_fen();
            Some((*place, amount_fen, *fen))
        })
    }

    /// Where the fee is that a record at `place` takes back when it names `id` and comes at `at`;
    /// none where that is a reversal.
    #[must_use]
    pub fn reversed_fee(&self, place: Place, id: &RecordId, at: usize) -> Option<Place> {
        let (place, target) = self.target(place, id, at)?;
        (!target.is_reversal()).then_some(place)
    }

    /// The record that one at `place` takes back when it names `id` and comes at `at`: of those
    /// that came before, in the same or an earlier period, the one in the earliest.
    fn target(&self, place: Place, id: &RecordId, at: usize) -> Option<(Place, &C)> {
        let key = RecordKey::of(id.as_str());
        self.periods
            .range(first_period(place)..=place.platform_period())
            .find_map(|period| {
                let there = period.place(key);
                let standing = self.standing.get(&there)?;
                let came_before = standing.since.is_none_or(|since| since < position(at));
                let is_it = came_before && standing.content.has_id(id);
                is_it.then_some((there, &standing.content))
            })
    }

    /// Judges the record that comes at position `at` for `place` and, where it is accepted, lets it
    /// stand.
    pub fn judge(&mut self, at: usize, place: Place, record: &Record) -> Ruling {
        if let Some(standing) = self.standing.get(&place) {
            return if standing.content.is_same(record) {
                Ruling::Duplicate
            } else {
                Ruling::Refused(RecordRefusal::Conflict)
            };
        }
        if self.is_open.get(&place.platform_period()) != Some(&true) {
            return Ruling::Refused(RecordRefusal::PeriodSealed);
        }
        if let Some(period) = self.elsewhere.get(&place) {
            return Ruling::Refused(RecordRefusal::ConflictElsewhere(*period));
        }
        let accepted = match &record.reverses {
            None => Accepted {
                fee_date: record.occurred_on,
                reverses: None,
            },
            Some(id) => match self.reverse(at, place, record, id) {
                Ok(accepted) => accepted,
                Err(refusal) => return Ruling::Refused(refusal),
            },
        };
        self.let_stand(place, record, Some(at));
        Ruling::Accepted(accepted)
    }

    /// `SETTLEMENT.md`, Fee date: what a reversal may take back.
    fn reverse(
        &mut self,
        at: usize,
        place: Place,
        reversal: &Record,
        id: &RecordId,
    ) -> Result<Accepted, RecordRefusal> {
        let (place, target) = self
            .target(place, id, at)
            .ok_or(RecordRefusal::ReversedRecordNotFound)?;
        if target.is_reversal() {
            return Err(RecordRefusal::ReversalOfReversal);
        }
        if !target.is_of_same_subject(reversal) {
            return Err(RecordRefusal::ReversalMismatch);
        }
        let (fee_date, amount_fen) = target.day_and_fen();
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

/// The first period that the platform of a place can have.
fn first_period(place: Place) -> PlatformPeriod {
    let first = Period::from_index(FIRST_PERIOD).expect("2000-01 is a period");
    place.in_period(first).platform_period()
}

/// January 2000, as [`Period::index`] counts.
const FIRST_PERIOD: i16 = 24_000;

fn position(at: usize) -> u32 {
    u32::try_from(at).expect("some ten thousand records, or some hundred thousand, are judged")
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{
        super::{
            content::RecordDigest,
            refusal::Outcome,
            samples::{fee, period, place, platform_period, reversal},
        },
        *,
    };

    fn judge(standing: &[(Record, Option<usize>)]) -> Judge {
        let mut judge = Judge::default();
        for open in ["2017-01", "2017-02", "2017-03", "2017-04"] {
            judge.set_open(platform_period(open), true);
        }
        for (record, since) in standing {
            judge.let_stand(place("2017-03", record), record, *since);
        }
        judge
    }

    fn rule<C: Content>(
        judge: &mut Judge<C>,
        position: usize,
        record: &Record,
    ) -> Result<Option<Place>, Outcome> {
        match judge.judge(position, place("2017-03", record), record) {
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
        let mut judge = judge(&[(fee.clone(), None)]);
        judge.set_reversed(place("2017-03", &fee), 30);
        let exceeds = refused(RecordRefusal::ReversalExceedsRecord);

        assert_eq!(rule(&mut judge, 0, &reversal("a", "f", -71)), exceeds);
        assert_eq!(rule(&mut judge, 1, &reversal("b", "f", i64::MIN)), exceeds);
        assert!(rule(&mut judge, 2, &reversal("c", "f", -50)).is_ok());
        assert!(rule(&mut judge, 3, &reversal("a", "f", -20)).is_ok());
        assert_eq!(rule(&mut judge, 4, &reversal("d", "f", -1)), exceeds);

        assert_eq!(
            judge.reversed().collect::<Vec<_>>(),
            [(place("2017-03", &fee), 100, 100)]
        );
    }

    #[test]
    fn the_same_reversal_again_is_a_duplicate_and_takes_nothing_back() {
        let mut judge = judge(&[(fee("f", 100), None)]);
        assert!(rule(&mut judge, 0, &reversal("a", "f", -100)).is_ok());
        assert_eq!(
            rule(&mut judge, 1, &reversal("a", "f", -100)),
            Err(Outcome::Duplicate)
        );
        assert_eq!(
            rule(&mut judge, 2, &reversal("a", "f", -99)),
            refused(RecordRefusal::Conflict)
        );
    }

    #[test]
    fn a_reversal_counts_on_the_day_of_what_it_reverses() {
        let mut judge = judge(&[(
            Record {
                occurred_on: date!(2016 - 12 - 31),
                ..fee("f", 9)
            },
            None,
        )]);
        let record = reversal("a", "f", -9);
        let ruling = judge.judge(0, place("2017-03", &record), &record);
        let Ruling::Accepted(accepted) = ruling else {
            panic!("{ruling:?}")
        };
        assert_eq!(accepted.fee_date, date!(2016 - 12 - 31));
    }

    #[test]
    fn what_comes_later_in_the_group_cannot_be_reversed() {
        let mut judge = judge(&[(fee("f", 100), Some(5))]);
        let not_found = refused(RecordRefusal::ReversedRecordNotFound);
        assert_eq!(rule(&mut judge, 4, &reversal("a", "f", -1)), not_found);
        assert!(rule(&mut judge, 6, &reversal("b", "f", -1)).is_ok());
        assert_eq!(rule(&mut judge, 7, &reversal("c", "c", -1)), not_found);
        assert_eq!(
            rule(&mut judge, 8, &reversal("d", "unknown", -1)),
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
        let mut judge = judge(&standing);
        let cases = [
            ("s", RecordRefusal::ReversalMismatch),
            ("k", RecordRefusal::ReversalMismatch),
            ("r", RecordRefusal::ReversalOfReversal),
        ];
        for (reversed, refusal) in cases {
            assert_eq!(
                rule(&mut judge, 0, &reversal("a", reversed, -1)),
                refused(refusal),
                "{reversed}"
            );
        }
    }

    #[test]
    fn of_several_periods_the_earliest_that_is_not_later_holds_the_record() {
        let mut judge = judge(&[]);
        let fee = fee("f", 100);
        let not_found = refused(RecordRefusal::ReversedRecordNotFound);
        for (held, expected) in [
            ("2017-04", None),
            ("2017-02", Some("2017-02")),
            ("2017-01", Some("2017-01")),
        ] {
            judge.let_stand(place(held, &fee), &fee, None);
            let judged = rule(&mut judge, 9, &reversal(held, "f", -1));
            assert_eq!(
                judged,
                expected.map_or(not_found, |period| Ok(Some(place(period, &fee))))
            );
        }
    }

    #[test]
    fn a_sealed_period_takes_no_reversal_and_a_refused_fee_leaves_room_for_the_next() {
        let mut judge = judge(&[(fee("f", 100), None)]);
        judge.set_open(platform_period("2017-03"), false);
        assert_eq!(
            rule(&mut judge, 0, &reversal("a", "f", -1)),
            refused(RecordRefusal::PeriodSealed)
        );
        judge.set_open(platform_period("2017-03"), true);
        assert!(rule(&mut judge, 1, &reversal("b", "x", -1)).is_err());
        assert_eq!(rule(&mut judge, 2, &fee("b", 7)), Ok(None));
    }

    #[test]
    fn an_id_that_another_period_holds_is_refused_with_that_period() {
        let mut judge = judge(&[(fee("f", 100), None)]);
        let fee = fee("g", 1);
        judge.set_elsewhere(place("2017-03", &fee), period("2017-02"));
        let conflict = refused(RecordRefusal::ConflictElsewhere(period("2017-02")));
        assert_eq!(rule(&mut judge, 0, &fee), conflict);
        let reversal = reversal("h", "f", -1);
        judge.set_elsewhere(place("2017-03", &reversal), period("2017-02"));
        assert_eq!(rule(&mut judge, 1, &reversal), conflict);
    }

    #[test]
    fn what_is_remembered_of_a_record_is_enough_to_judge_by() {
        let standing = [fee("f", 100), reversal("r", "f", -1)];
        let other_shop = Record {
            merchant_id: gazelle_kernel::MerchantId::parse("shop-8").unwrap(),
            ..reversal("x", "f", -1)
        };
        let mut whole = judge(&standing.clone().map(|record| (record, None)));
        let mut digests: Judge<RecordDigest> = Judge::default();
        digests.set_open(platform_period("2017-03"), true);
        for record in &standing {
            digests.let_stand(place("2017-03", record), record, None);
        }
        let judged = [
            fee("f", 100),
            fee("f", 101),
            reversal("a", "f", -60),
            reversal("b", "f", -41),
            reversal("c", "r", -1),
            reversal("d", "a", -1),
            other_shop,
            reversal("a", "f", -60),
            fee("n", 1),
            reversal("e", "n", -1),
        ];
        for (at, record) in judged.iter().enumerate() {
            assert_eq!(rule(&mut digests, at, record), rule(&mut whole, at, record));
        }
    }
}
