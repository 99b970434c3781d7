//! Whether the days of records are those of their period.

use gazelle_kernel::{Date, Period};

/// How the days of some records of a period lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Records of proper form.
    pub proper: u32,
    /// Of these, those with a day before the period's first.
    pub late: u32,
}

impl DayCounts {
    /// How these days of records of proper form lie in their period.
    #[must_use]
    pub fn of(period: Period, days: impl IntoIterator<Item = Date>) -> Self {
        let first_day = period.first_day();
        let mut counts = Self::default();
        for day in days {
            counts.proper += 1;
            counts.late += u32::from(day < first_day);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{super::samples::period, *};

    #[test]
    fn a_day_before_the_first_of_the_period_is_late() {
        let days = [
            date!(2017 - 02 - 28),
            date!(2017 - 03 - 01),
            date!(2017 - 03 - 31),
        ];
        let counts = DayCounts { proper: 3, late: 1 };
        assert_eq!(DayCounts::of(period("2017-03"), days), counts);
    }
}
