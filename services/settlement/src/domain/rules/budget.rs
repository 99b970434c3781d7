//! What of a year's budget can be spent, and who gets it (`SETTLEMENT.md`, Budget).

use gazelle_kernel::{Fen, Instant, Period, Uscc, Year};

use super::{
    overflow::{Overflow, final_sum, final_value},
    remainder::largest_remainder,
};
use crate::domain::program::{Allocation, Budget, Release};

/// What a year's budget has released through a period; without a budget, 0.
pub fn released(budget: Option<&Budget>, year: Year, through: Period) -> Result<Fen, Overflow> {
    let Some(budget) = budget else {
        return Ok(Fen::ZERO);
    };
    let twelfths = match budget.release {
        Release::Monthly if through.year() == year => i128::from(through.month()),
        Release::Monthly | Release::AtOnce => 12,
    };
    let released = budget.amount_fen.wide() * twelfths / 12;
    final_value("what is released", released)
}

/// What this run may grant: released less granted by earlier approved runs, net; at least 0, as a
/// cut budget takes nothing back.
pub fn available(released: Fen, granted_before: Fen) -> Result<Fen, Overflow> {
    let left = released.wide() - granted_before.wide();
    final_value("what is available", left.max(0))
}

/// What an enterprise is due, and its place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub uscc: Uscc,
    /// When it first applied, of the enrollments that overlap the program year, if there are any.
    pub applied_at: Option<Instant>,
    /// What is due; negative: to be taken back.
    pub due_fen: Fen,
}

/// The places of positive dues in the list, in the order in which they are served: by first
/// application, those that have none last, then by USCC.
#[must_use]
pub fn order(dues: &[Due]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..dues.len())
        .filter(|&at| dues[at].due_fen > Fen::ZERO)
        .collect();
    order.sort_by_key(|&at| {
        let due = &dues[at];
        (due.applied_at.is_none(), due.applied_at, due.uscc)
    });
    order
}

/// What each is granted, in the order of `dues`.
///
/// A negative due is taken back in full, and is not there to be granted in the same run. Positive
/// ones are granted at most their due, and at most `available` in all.
pub fn allocate(
    allocation: Allocation,
    available: Fen,
    dues: &[Due],
) -> Result<Vec<Fen>, Overflow> {
    let mut granted: Vec<Fen> = dues.iter().map(|due| due.due_fen.min(Fen::ZERO)).collect();
    let order = order(dues);
    let wanted: Vec<Fen> = order.iter().map(|&at| dues[at].due_fen).collect();
    let sum = final_sum("the sum of positive dues", wanted.iter().copied())?;
    let given = if sum <= available {
        wanted
    } else {
        match allocation {
            Allocation::FirstCome => first_come(available, &wanted),
            Allocation::ProRata => largest_remainder(available, &wanted),
        }
    };
    for (at, given) in order.into_iter().zip(given) {
        granted[at] = given;
    }
    Ok(granted)
}

fn first_come(available: Fen, wanted: &[Fen]) -> Vec<Fen> {
    let mut left = available;
    let take = |&due: &Fen| {
        let given = due.min(left);
        left = left.checked_sub(given).expect("no more than is left");
        given
    };
    wanted.iter().map(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{budget, instant, period, uscc, year};

    #[test]
    fn a_monthly_budget_is_released_by_twelfths_until_it_is_all_there() {
        let monthly = |amount| Budget {
            release: Release::Monthly,
            ..budget(2017, amount)
        };
        let released = |budget: &Budget, through| {
            let released = released(Some(budget), year(2017), period(through));
            released.map(Fen::get)
        };
        assert_eq!(
            ["2017-01", "2017-11", "2017-12", "2018-01"]
                .map(|through| released(&monthly(100), through)),
            [8, 91, 100, 100].map(Ok)
        );
        assert_eq!(released(&budget(2017, 100), "2017-01"), Ok(100));
        assert_eq!(released(&monthly(i64::MAX), "2017-06"), Ok(i64::MAX / 2));
        assert_eq!(
            super::released(None, year(2017), period("2017-12")),
            Ok(Fen::ZERO)
        );
    }

    #[test]
    fn a_cut_budget_leaves_nothing_available_and_takes_nothing_back() {
        let available = |released, before| available(Fen::new(released), Fen::new(before));
        assert_eq!(available(100, 40), Ok(Fen::new(60)));
        assert_eq!(available(100, 140), Ok(Fen::ZERO));
    }

    fn dues(figures: [(Option<&str>, i64); 3]) -> Vec<Due> {
        let due = |(at, (applied_at, due)): (usize, (Option<&str>, i64))| Due {
            uscc: uscc(at),
            applied_at: applied_at.map(instant),
            due_fen: Fen::new(due),
        };
        figures.into_iter().enumerate().map(due).collect()
    }

    /// What each is granted out of `available`.
    fn granted(
        allocation: Allocation,
        available: i64,
        figures: [(Option<&str>, i64); 3],
    ) -> Vec<i64> {
        let granted = allocate(allocation, Fen::new(available), &dues(figures));
        let granted = granted.expect("sums that fit");
        granted.into_iter().map(Fen::get).collect()
    }

    #[test]
    fn the_first_to_apply_is_served_first() {
        let late = Some("2016-01-02T00:00:00+08:00");
        let early = Some("2016-01-01T23:00:00+08:00");
        let granted = |figures| granted(Allocation::FirstCome, 15, figures);
        assert_eq!(granted([(late, 10), (early, 10), (None, 10)]), [5, 10, 0]);
        assert_eq!(granted([(None, 10), (late, 4), (late, 10)]), [1, 4, 10]);
        assert_eq!(granted([(early, 10), (early, 10), (early, 10)]), [10, 5, 0]);
        assert_eq!(granted([(early, -7), (late, 20), (late, 0)]), [-7, 15, 0]);
    }

    #[test]
    fn a_short_budget_is_shared_in_proportion() {
        let (early, late) = (Some("2016-01-01T00:00:00Z"), Some("2016-01-02T00:00:00Z"));
        let granted = |available, figures| granted(Allocation::ProRata, available, figures);
        assert_eq!(
            granted(100, [(late, 50), (late, 50), (early, 50)]),
            [33, 33, 34]
        );
        assert_eq!(
            granted(10, [(late, 30), (late, 30), (late, -60)]),
            [5, 5, -60]
        );
        assert_eq!(
            granted(60, [(late, 30), (late, 30), (late, 0)]),
            [30, 30, 0]
        );
        assert_eq!(granted(0, [(late, 30), (late, 30), (late, 0)]), [0, 0, 0]);
    }

    #[test]
    fn dues_beyond_64_bits_fail_whatever_is_available() {
        for allocation in [Allocation::FirstCome, Allocation::ProRata] {
            let allocated = |figures| allocate(allocation, Fen::ZERO, &dues(figures));
            assert_eq!(
                allocated([(None, i64::MAX), (None, 1), (None, -5)]),
                Err(Overflow("the sum of positive dues"))
            );
            assert!(allocated([(None, i64::MAX), (None, 0), (None, i64::MIN)]).is_ok());
        }
    }
}
