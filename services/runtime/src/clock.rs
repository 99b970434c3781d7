//! The one place that reads the time and makes ids.

use std::sync::Arc;

use parking_lot::Mutex;
use time::{Duration, OffsetDateTime, UtcOffset};
use uuid::{NoContext, Timestamp, Uuid};

/// Where the time comes from. Cheap to clone; clones of a fixed clock move together.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    /// The machine's, and how far we are ahead of it.
    System(Duration),
    Fixed(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System(Duration::ZERO))
    }

    /// The clock of a machine that is this far ahead of this one, to see what becomes of that.
    #[must_use]
    pub fn ahead(by: Duration) -> Self {
        Self(Source::System(by))
    }

    /// A clock that stands still until [`advance`](Self::advance) moves it.
    #[must_use]
    pub fn fixed(at: OffsetDateTime) -> Self {
        Self(Source::Fixed(Arc::new(Mutex::new(at))))
    }

    /// Moves a fixed clock; the system's cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(at) = &self.0 {
            *at.lock() += by;
        }
    }

    /// Whether it goes by itself.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.0, Source::System(_))
    }

    /// The time in UTC, in whole microseconds: what PostgreSQL keeps, so that a value is the same
    /// before and after it is stored.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let now = match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Source::System(ahead) => OffsetDateTime::now_utc() + *ahead,
            Source::Fixed(at) => *at.lock(),
        };
        now.to_offset(UtcOffset::UTC).truncate_to_microsecond()
    }

    /// A new id (UUID version 7), which sorts by this clock's time.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.nanosecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_in_microseconds() {
        let start = OffsetDateTime::from_unix_timestamp_nanos(1_512_000_000_123_456_789).unwrap();
        let clock = Clock::fixed(start);
        let other = clock.clone();
        assert_eq!(clock.now().nanosecond(), 123_456_000);

        other.advance(Duration::days(1));

        assert_eq!(
            clock.now() - start.truncate_to_microsecond(),
            Duration::days(1)
        );
        assert!(clock.id() != clock.id());
    }
}
