//! Warns of what is remarkable about what a stream brought, and refuses nothing.

use std::collections::HashMap;

use gazelle_kernel::Period;
use gazelle_proto::usage::v1 as pb;

/// The days of what a stream brought, by period.
#[derive(Debug, Default)]
pub struct Days(HashMap<Period, (i64, i64)>);

impl Days {
    /// So many records more of proper form, and so many of these with a day before the period's
    /// first. Warns where most of all so far are.
    pub fn add(&mut self, period: Period, (proper, late): (u32, u32)) -> Vec<pb::Warning> {
        let (all, all_late) = self.0.entry(period).or_default();
        *all += i64::from(proper);
        *all_late += i64::from(late);
        if *all_late * 2 <= *all {
            return Vec::new();
        }
        let first_day = period.first_day();
        vec![pb::Warning {
            kind: pb::WarningKind::DaysOutsidePeriod.into(),
            record_count: *all_late,
            of_record_count: *all,
            message: format!(
                "{all_late} of {all} records have a day before {first_day}, the first of {period}; \
                 is this the right file?"
            ),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_while_most_of_what_came_is_late() {
        let march = Period::parse("2017-03").unwrap();
        let mut days = Days::default();
        assert_eq!(days.add(march, (2, 1)), []);
        let warnings = days.add(march, (1, 1));
        let counts = |warning: &pb::Warning| (warning.record_count, warning.of_record_count);
        assert_eq!(warnings.iter().map(counts).collect::<Vec<_>>(), [(2, 3)]);
        assert_eq!(days.add(march.next().unwrap(), (1, 0)), []);
        assert_eq!(days.add(march, (1, 0)), []);
    }
}
