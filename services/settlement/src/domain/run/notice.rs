//! The public notice of a result.

use gazelle_kernel::{Instant, day_in_shanghai, days_later, midnight_in_shanghai};

/// When a public notice ends: with the last of its days in Asia/Shanghai, of which the day of
/// publication is none (Civil Code, article 201); one without days, at once.
#[must_use]
pub fn notice_ends_at(published_at: Instant, notice_days: i32) -> Instant {
    if notice_days <= 0 {
        return published_at;
    }
    let first_day_after = i64::from(notice_days) + 1;
    midnight_in_shanghai(days_later(day_in_shanghai(published_at), first_day_after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::instant;

    #[test]
    fn a_notice_counts_whole_days_in_shanghai() {
        let ends = |at, days| notice_ends_at(instant(at), days);
        assert_eq!(
            ends("2017-02-01T00:00:00+08:00", 1),
            instant("2017-02-03T00:00:00+08:00")
        );
        assert_eq!(
            ends("2017-02-01T15:59:59Z", 1),
            instant("2017-02-03T00:00:00+08:00")
        );
        assert_eq!(
            ends("2017-02-01T16:00:00Z", 1),
            instant("2017-02-04T00:00:00+08:00")
        );
        assert_eq!(
            ends("2017-02-01T10:00:00+08:00", 0),
            instant("2017-02-01T10:00:00+08:00")
        );
    }
}
