//! What a run of a program would read, and what is missing.

use std::collections::BTreeMap;

use gazelle_kernel::{Instant, Period, PlatformId};
use uuid::Uuid;

use super::owed::{OwedPeriod, Owing};

/// Where each month stands that a run would read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Each month that a covered platform owes, by platform and period.
    pub periods: Vec<PeriodReadiness>,
    /// Covered platforms that owe no month and reported none, by id.
    pub silent_platform_ids: Vec<PlatformId>,
    /// Whether the run's own period is over in Asia/Shanghai.
    pub period_over: bool,
    /// The open run of the program, which comes first.
    pub open_run_id: Option<Uuid>,
}

/// Where one month stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodReadiness {
    pub owed: OwedPeriod,
    /// Whose turn it is.
    pub state: PeriodState,
}

/// Where a month that a platform owes stands, and so whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodState {
    /// It has days to come.
    NotOver,
    /// The platform has reported and stated nothing.
    NotReported,
    /// The platform has reported, and has yet to state its totals.
    NotStated,
    /// The platform has stated its totals: an officer seals it.
    NotSealed,
    Sealed,
}

impl Readiness {
    /// Where the months of `owing` stand at a moment; `held` says of a month in which anything was
    /// reported or stated whether it was stated.
    #[must_use]
    pub fn new(
        owing: Owing,
        held: &BTreeMap<OwedPeriod, bool>,
        (through, now): (Period, Instant),
        open_run_id: Option<Uuid>,
    ) -> Self {
        let state = |owed: &OwedPeriod, sealed: bool| match held.get(owed) {
            _ if sealed => PeriodState::Sealed,
            _ if !owed.period.is_over(now) => PeriodState::NotOver,
            None => PeriodState::NotReported,
            Some(false) => PeriodState::NotStated,
            Some(true) => PeriodState::NotSealed,
        };
        let periods = owing.periods.into_iter().map(|(owed, sealed)| {
            let state = state(&owed, sealed);
            PeriodReadiness { owed, state }
        });
        Self {
            periods: periods.collect(),
            silent_platform_ids: owing.silent_platform_ids.into_iter().collect(),
            period_over: through.is_over(now),
            open_run_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::fixture::{instant, period, platform};

    #[test]
    fn each_month_says_whose_turn_it_is() {
        let owed = |text| OwedPeriod {
            platform_id: platform("alpha"),
            period: period(text),
        };
        let owing = Owing {
            span: (period("2025-01"), period("2025-12")),
            periods: BTreeMap::from([
                (owed("2025-01"), true),
                (owed("2025-02"), false),
                (owed("2025-03"), false),
                (owed("2025-04"), false),
                (owed("2025-05"), false),
            ]),
            silent_platform_ids: BTreeSet::from([platform("beta")]),
        };
        let held = BTreeMap::from([
            (owed("2025-01"), true),
            (owed("2025-02"), true),
            (owed("2025-03"), false),
        ]);
        let now = instant("2025-05-01T00:00:00+08:00");
        let readiness = Readiness::new(owing, &held, (period("2025-05"), now), None);
        let states: Vec<PeriodState> = readiness.periods.iter().map(|p| p.state).collect();
        assert_eq!(
            states,
            [
                PeriodState::Sealed,
                PeriodState::NotSealed,
                PeriodState::NotStated,
                PeriodState::NotReported,
                PeriodState::NotOver,
            ]
        );
        assert_eq!(readiness.silent_platform_ids, [platform("beta")]);
        assert!(!readiness.period_over);
    }
}
