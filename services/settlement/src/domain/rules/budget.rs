//! What of a year's budget can be spent, and who gets it.

use gazelle_kernel::{Instant, Period, Uscc, Year};

use super::{
    overflow::{Overflow, final_value},
    split::largest_remainder,
};
use crate::domain::program::{Allocation, Budget, Release};

/// What a year's budget has released through a period, in fen (`SETTLEMENT.md`, Budget); without a
/// budget, 0.
#[must_use]
pub fn released_fen(budget: Option<&Budget>, year: Year, through: Period) -> i64 {
    let Some(budget) = budget else { return 0 };
    let twelfths = match budget.release {
        Release::Monthly if through.year() == year => i64::from(through.month()),
        Release::Monthly | Release::AtOnce => 12,
    };
    // Amount x twelfths / 12, in an order that stays within 64 bits.
    let (twelfth, rest) = (budget.amount_fen.get() / 12, budget.amount_fen.get() % 12);
    twelfth * twelfths + rest * twelfths / 12
}

/// What this run may grant: released less granted by earlier approved runs, net; at least 0, as a
/// cut budget takes nothing back.
pub fn available_fen(released_fen: i64, granted_before_fen: i64) -> Result<i64, Overflow> {
    final_value(
        "what is available",
        (i128::from(released_fen) - i128::from(granted_before_fen)).max(0),
    )
}

/// What an enterprise is due, and its place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The enterprise.
    pub uscc: Uscc,
    /// When it first applied, of the enrollments that overlap the program year, if there are any.
    pub applied_at: Option<Instant>,
    /// What is due; negative: to be taken back.
    pub due_fen: i64,
}

/// The places of positive dues in the list, in the order in which they are served: by first
/// application, those that have none last, then by USCC.
#[must_use]
pub fn order(dues: &[Due]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..dues.len()).filter(|&at| dues[at].due_fen > 0).collect();
    order.sort_by_key(|&at| {
        (
            dues[at].applied_at.is_none(),
            dues[at].applied_at,
            dues[at].uscc,
        )
    });
    order
}

/// The sum of positive dues, in fen.
pub fn sum_of_positive(dues: &[Due]) -> Result<i64, Overflow> {
    let sum = dues.iter().map(|due| i128::from(due.due_fen.max(0))).sum();
    final_value("the sum of positive dues", sum)
}

/// What each is granted, in the order of `dues` (`SETTLEMENT.md`, Budget).
///
/// A negative due is taken back in full, and is not there to be granted in the same run. Positive
/// ones are granted at most their due, and at most `available_fen` in all.
pub fn allocate(
    allocation: Allocation,
    available_fen: i64,
    dues: &[Due],
) -> Result<Vec<i64>, Overflow> {
    let mut granted: Vec<i64> = dues.iter().map(|due| due.due_fen.min(0)).collect();
    let sum = sum_of_positive(dues)?;
    let order = order(dues);
    let wanted: Vec<i64> = order.iter().map(|&at| dues[at].due_fen).collect();
    let given = if sum <= available_fen {
        wanted
    } else {
        match allocation {
            Allocation::FirstCome => first_come(available_fen, &wanted),
            Allocation::ProRata => largest_remainder(available_fen, &wanted),
        }
    };
    for (at, given) in order.into_iter().zip(given) {
        granted[at] = given;
    }
    Ok(granted)
}

fn first_come(mut left: i64, wanted: &[i64]) -> Vec<i64> {
    let take = |&due: &i64| {
        let given = due.min(left);
        left -= given;
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
        let monthly = Budget {
            release: Release::Monthly,
            ..budget(2017, 100)
        };
        let released = |through| released_fen(Some(&monthly), year(2017), period(through));
        assert_eq!(
            ["2017-01", "2017-11", "2017-12", "2018-01"].map(released),
            [8, 91, 100, 100]
        );
        assert_eq!(
            released_fen(Some(&budget(2017, 100)), year(2017), period("2017-01")),
            100
        );
        assert_eq!(released_fen(None, year(2017), period("2017-12")), 0);
        let large = Budget {
            amount_fen: gazelle_kernel::Fen::new(i64::MAX),
            ..monthly
        };
        assert_eq!(
            released_fen(Some(&large), year(2017), period("2017-06")),
            i64::MAX / 2
        );
    }

    #[test]
    fn a_cut_budget_leaves_nothing_available_and_takes_nothing_back() {
        assert_eq!(available_fen(100, 40), Ok(60));
        assert_eq!(available_fen(100, 140), Ok(0));
    }

    fn dues(figures: [(Option<&str>, i64); 3]) -> Vec<Due> {
        let due = |(at, (applied_at, due_fen)): (usize, (Option<&str>, i64))| Due {
            uscc: uscc(at),
            applied_at: applied_at.map(instant),
            due_fen,
        };
        figures.into_iter().enumerate().map(due).collect()
    }

    #[test]
    fn the_first_to_apply_is_served_first() {
        let late = Some("2016-01-02T00:00:00+08:00");
        let early = Some("2016-01-01T23:00:00+08:00");
        let granted = |dues: &[Due]| allocate(Allocation::FirstCome, 15, dues);
        assert_eq!(
            granted(&dues([(late, 10), (early, 10), (None, 10)])),
            Ok(vec![5, 10, 0])
        );
        assert_eq!(
            granted(&dues([(None, 10), (late, 4), (late, 10)])),
            Ok(vec![1, 4, 10])
        );
        assert_eq!(
            granted(&dues([(early, 10), (early, 10), (early, 10)])),
            Ok(vec![10, 5, 0])
        );
        assert_eq!(
            granted(&dues([(early, -7), (late, 20), (late, 0)])),
            Ok(vec![-7, 15, 0])
        );
    }

    #[test]
    fn a_short_budget_is_shared_in_proportion() {
        let (early, late) = (Some("2016-01-01T00:00:00Z"), Some("2016-01-02T00:00:00Z"));
        let granted = |available, dues: &[Due]| allocate(Allocation::ProRata, available, dues);
        assert_eq!(
            granted(100, &dues([(late, 50), (late, 50), (early, 50)])),
            Ok(vec![33, 33, 34])
        );
        assert_eq!(
            granted(10, &dues([(late, 30), (late, 30), (late, -60)])),
            Ok(vec![5, 5, -60])
        );
        assert_eq!(
            granted(60, &dues([(late, 30), (late, 30), (late, 0)])),
            Ok(vec![30, 30, 0])
        );
        assert_eq!(
            granted(0, &dues([(late, 30), (late, 30), (late, 0)])),
            Ok(vec![0, 0, 0])
        );
    }

    #[test]
    fn dues_beyond_64_bits_fail_whatever_is_available() {
        for allocation in [Allocation::FirstCome, Allocation::ProRata] {
            assert_eq!(
                allocate(
                    allocation,
                    0,
                    &dues([(None, i64::MAX), (None, 1), (None, -5)])
                ),
                Err(Overflow("the sum of positive dues"))
            );
            assert!(
                allocate(
                    allocation,
                    0,
                    &dues([(None, i64::MAX), (None, 0), (None, i64::MIN)])
                )
                .is_ok()
            );
        }
    }
}
