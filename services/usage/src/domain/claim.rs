//! Whose a record id is, when several periods of a platform hold it.
//!
//! An id is claimed by a sealed period that holds it, or by an open one whose record a sealed
//! period takes back, or the one that is being sealed. Sealing refuses what another period claims,
//! so no two ever do.

use std::collections::BTreeMap;

use gazelle_kernel::Period;

use super::{count::Reversal, key::RecordKey, refusal::RecordRefusal};

/// Which records of a period to refuse, and why.
pub type Claimed = BTreeMap<RecordKey, RecordRefusal>;

/// What stands in other periods under some keys.
#[derive(Debug, Clone, Default)]
pub struct InOtherPeriods {
    /// Keys that sealed periods hold, each with one that does.
    pub held: Vec<(RecordKey, Period)>,
    /// Keys of records that reversals in a sealed period take back, each with the record's period.
    pub fixed: Vec<(RecordKey, Period)>,
}

/// What a period that is to be sealed shares with others.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The period itself.
    pub period: Period,
    /// The platform's sealed periods, in the order in which they were sealed.
    pub sealed: &'a [Period],
    /// What stands under the keys of its own records.
    pub own: InOtherPeriods,
    /// What stands under the keys of other open periods' records that it takes back.
    pub named: InOtherPeriods,
    /// Its reversals of other open periods' records.
    pub open_reversals: &'a [Reversal],
    /// Its reversals of other periods' records while one of the same id is in it too.
    pub beside: &'a [Reversal],
}

impl Shared<'_> {
    /// What other periods claim: records of this one by their ids, and reversals in it of open
    /// periods' records that will be refused when those are sealed.
    #[must_use]
    pub fn claimed(&self) -> Claimed {
        let mut claimed = self.claimed_by_sealed();
        self.refuse_reversals_of_claimed(&mut claimed);
        // Last, since a reversal that is refused itself takes nothing back.
        let mut beside = self.beside.to_vec();
        beside.sort_unstable();
        for reversal in beside {
            if !claimed.contains_key(&reversal.key) {
                let refusal = RecordRefusal::RecordInSealedPeriod(reversal.in_period);
                claimed.entry(reversal.reversed).or_insert(refusal);
            }
        }
        claimed
    }

    /// Its records that sealed periods hold, or take back of another one; of several the one that
    /// was sealed first is told.
    fn claimed_by_sealed(&self) -> Claimed {
        let mut claimed = Claimed::new();
        let rank = |period: Period| self.sealed.iter().position(|sealed| *sealed == period);
        for &(key, other) in &self.own.held {
            let refusal = RecordRefusal::RecordInSealedPeriod(other);
            let first = claimed.entry(key).or_insert(refusal);
            if let RecordRefusal::RecordInSealedPeriod(before) = *first
                && rank(other) < rank(before)
            {
                *first = refusal;
            }
        }
        for &(key, other) in &self.own.fixed {
            if other != self.period {
                let refusal = RecordRefusal::RecordInSealedPeriod(other);
                claimed.entry(key).or_insert(refusal);
            }
        }
        claimed
    }

    /// Refuses reversals of open periods' records that others claim, which will be refused when
    /// those are sealed.
    fn refuse_reversals_of_claimed(&self, claimed: &mut Claimed) {
        let mut named: BTreeMap<RecordKey, Option<Period>> = BTreeMap::new();
        for &(key, period) in &self.named.fixed {
            named.insert(key, Some(period));
        }
        for &(key, _) in &self.named.held {
            named.insert(key, None);
        }
        for reversal in self.open_reversals {
            let is_claimed = match named.get(&reversal.reversed) {
                // By the very record that it takes back.
                Some(Some(period)) => *period != reversal.in_period,
                Some(None) => true,
                None => false,
            };
            if is_claimed {
                claimed
                    .entry(reversal.key)
                    .or_insert(RecordRefusal::ReversedRecordRefused);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples::period, *};

    const REFUSED: RecordRefusal = RecordRefusal::ReversedRecordRefused;

    fn key(id: &str) -> RecordKey {
        RecordKey::of(id)
    }

    fn standing(held: &[(&str, &str)], fixed: &[(&str, &str)]) -> InOtherPeriods {
        let keys = |of: &[(&str, &str)]| of.iter().map(|(id, it)| (key(id), period(it))).collect();
        InOtherPeriods {
            held: keys(held),
            fixed: keys(fixed),
        }
    }

    fn reversal(id: &str, reversed: &str, in_period: &str) -> Reversal {
        Reversal {
            reversed: key(reversed),
            key: key(id),
            in_period: period(in_period),
        }
    }

    fn nothing() -> Shared<'static> {
        Shared {
            period: period("2017-03"),
            sealed: &[],
            own: InOtherPeriods::default(),
            named: InOtherPeriods::default(),
            open_reversals: &[],
            beside: &[],
        }
    }

    fn in_sealed(text: &str) -> RecordRefusal {
        RecordRefusal::RecordInSealedPeriod(period(text))
    }

    #[test]
    fn a_record_is_refused_for_the_period_with_its_id_that_was_sealed_first() {
        let shared = Shared {
            sealed: &[period("2017-02"), period("2017-01"), period("2017-04")],
            own: standing(
                &[("a", "2017-01"), ("a", "2017-02"), ("a", "2017-04")],
                &[("a", "2017-05")],
            ),
            ..nothing()
        };
        let first = Claimed::from([(key("a"), in_sealed("2017-02"))]);
        assert_eq!(shared.claimed(), first);
        assert_eq!(nothing().claimed(), Claimed::new());
    }

    #[test]
    fn a_record_that_a_sealed_period_takes_back_is_claimed_from_all_but_its_own() {
        let shared = Shared {
            own: standing(&[], &[("a", "2017-03"), ("b", "2017-05")]),
            ..nothing()
        };
        let other = Claimed::from([(key("b"), in_sealed("2017-05"))]);
        assert_eq!(shared.claimed(), other);
    }

    #[test]
    fn a_reversal_is_refused_where_another_period_claims_what_it_takes_back() {
        let shared = Shared {
            named: standing(
                &[("a", "2017-01")],
                &[("a", "2017-02"), ("b", "2017-05"), ("c", "2017-02")],
            ),
            open_reversals: &[
                reversal("of a", "a", "2017-02"),
                reversal("of b", "b", "2017-02"),
                reversal("of c", "c", "2017-02"),
                reversal("of d", "d", "2017-02"),
            ],
            ..nothing()
        };
        let refused = Claimed::from([(key("of a"), REFUSED), (key("of b"), REFUSED)]);
        assert_eq!(shared.claimed(), refused);
    }

    #[test]
    fn a_record_gives_way_to_the_one_of_its_id_that_a_reversal_beside_it_takes_back() {
        let beside = [reversal("of a", "a", "2017-02")];
        let stays = Shared {
            beside: &beside,
            ..nothing()
        };
        let refused = Claimed::from([(key("a"), in_sealed("2017-02"))]);
        assert_eq!(stays.claimed(), refused);
        // Unless the reversal is refused itself.
        let goes = Shared {
            named: standing(&[("a", "2017-01")], &[]),
            open_reversals: &beside,
            beside: &beside,
            ..nothing()
        };
        assert_eq!(goes.claimed(), Claimed::from([(key("of a"), REFUSED)]));
    }
}
