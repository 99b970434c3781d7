//! Warns of what is remarkable about what a stream brought, and refuses nothing.

use std::collections::HashMap;

use gazelle_kernel::Period;
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::clock::Clock;

use crate::domain::days::DayCounts;

/// The days of what a stream brought, by period.
#[derive(Debug)]
pub struct Days {
    clock: Clock,
    counts: HashMap<Period, Count>,
}

#[derive(Debug)]
struct Count {
    /// Records of proper form.
    all: i64,
    /// Of these, those with a day before the period's first.
    late: i64,
    /// The period had not begun when the first of them came.
    is_ahead: bool,
}

impl Days {
    /// Nothing came yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            counts: HashMap::new(),
        }
    }

    /// Those of a period.
    pub fn of_period(&mut self, period: Period) -> DaysOfPeriod<'_> {
        let is_ahead = || !period.has_begun(self.clock.now());
        let count = self.counts.entry(period).or_insert_with(|| Count {
            all: 0,
            late: 0,
            is_ahead: is_ahead(),
        });
        DaysOfPeriod { period, count }
    }
}

/// The days of what a stream brought for one period.
pub struct DaysOfPeriod<'a> {
    period: Period,
    count: &'a mut Count,
}

impl DaysOfPeriod<'_> {
    /// Some more came. Warns where most of all so far lie before the period, and where it has not
    /// begun.
    pub fn add(&mut self, more: DayCounts) -> Vec<pb::Warning> {
        let Self { period, count } = self;
        let period = *period;
        count.all += i64::from(more.proper);
        count.late += i64::from(more.late);
        let Count {
            all,
            late,
            is_ahead,
        } = **count;
        let outside = (late * 2 > all).then(|| outside(period, late, all));
        let ahead = (is_ahead && all > 0).then(|| not_begun(period, all));
        outside.into_iter().chain(ahead).collect()
    }
}

fn outside(period: Period, late: i64, all: i64) -> pb::Warning {
    let first_day = period.first_day();
    pb::Warning {
        kind: pb::WarningKind::DaysOutsidePeriod.into(),
        record_count: late,
        of_record_count: all,
        message: format!(
            "{late} of {all} records have a day before {first_day}, the first of {period}; is this \
             the right file?"
        ),
    }
}

fn not_begun(period: Period, all: i64) -> pb::Warning {
    let first_day = period.first_day();
    pb::Warning {
        kind: pb::WarningKind::PeriodNotBegun.into(),
        record_count: all,
        of_record_count: all,
        message: format!(
            "{period} begins on {first_day}, which is still to come; is it the right month?"
        ),
    }
}

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, macros::datetime};

    use super::*;
    use pb::WarningKind::{DaysOutsidePeriod, PeriodNotBegun};

    fn days(now: OffsetDateTime) -> Days {
        Days::new(Clock::fixed(now))
    }

    fn lie(proper: u32, late: u32) -> DayCounts {
        DayCounts { proper, late }
    }

    fn counts(warnings: &[pb::Warning]) -> Vec<(pb::WarningKind, i64, i64)> {
        let counts = |it: &pb::Warning| (it.kind(), it.record_count, it.of_record_count);
        warnings.iter().map(counts).collect()
    }

    #[test]
    fn it_warns_while_most_of_what_came_is_late() {
        let march = Period::parse("2017-03").unwrap();
        let mut days = days(datetime!(2017-05-01 00:00 UTC));
        assert_eq!(days.of_period(march).add(lie(2, 1)), []);
        let warnings = days.of_period(march).add(lie(1, 1));
        assert_eq!(counts(&warnings), [(DaysOutsidePeriod, 2, 3)]);
        assert_eq!(days.of_period(march.next().unwrap()).add(lie(1, 0)), []);
        assert_eq!(days.of_period(march).add(lie(1, 0)), []);
    }

    #[test]
    fn it_warns_of_a_month_that_has_not_begun_in_shanghai() {
        let march = Period::parse("2017-03").unwrap();
        let mut before = days(datetime!(2017-02-28 15:59:59 UTC));
        assert_eq!(
            counts(&before.of_period(march).add(lie(2, 0))),
            [(PeriodNotBegun, 2, 2)]
        );
        assert_eq!(before.of_period(march.next().unwrap()).add(lie(0, 0)), []);
        let both = before.of_period(march).add(lie(3, 5));
        assert_eq!(
            counts(&both),
            [(DaysOutsidePeriod, 5, 5), (PeriodNotBegun, 5, 5)]
        );
        let mut begun = days(datetime!(2017-02-28 16:00 UTC));
        assert_eq!(begun.of_period(march).add(lie(2, 0)), []);
    }
}
