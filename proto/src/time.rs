//! Moments of the contract as the services calculate with them, and back.

use gazelle_kernel::{Instant, ParseError};
use prost_types::Timestamp;

/// Nanoseconds in a second.
const SECOND_NANOS: i128 = 1_000_000_000;

/// A moment for the wire.
#[must_use]
pub fn timestamp(instant: Instant) -> Timestamp {
    Timestamp {
        seconds: instant.unix_timestamp(),
        nanos: i32::try_from(instant.nanosecond()).expect("less than a second"),
    }
}

/// A moment from the wire, in UTC. Refused as `INSTANT_INVALID`: a year before 1 or after 9999,
/// and parts of a second that are negative or a whole one.
pub fn instant(timestamp: &Timestamp) -> Result<Instant, ParseError> {
    let Timestamp { seconds, nanos } = timestamp;
    let refused = || {
        ParseError::new(
            "INSTANT_INVALID",
            &format!("{seconds} s {nanos} ns"),
            "seconds of the years 1 to 9999, and 0 to 999999999 nanoseconds",
        )
    };
    if !(0..SECOND_NANOS).contains(&i128::from(*nanos)) {
        return Err(refused());
    }
    let nanos = i128::from(*seconds) * SECOND_NANOS + i128::from(*nanos);
    Instant::from_unix_timestamp_nanos(nanos)
        .ok()
        .filter(|instant| instant.year() >= 1)
        .ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::parse_instant;

    use super::*;

    #[test]
    fn a_moment_comes_back_as_it_went() {
        for text in [
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999999Z",
            "2017-11-11T08:30:00.000001+08:00",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            let moment = parse_instant(text).unwrap();
            assert_eq!(instant(&timestamp(moment)), Ok(moment), "{text}");
        }
        let before = timestamp(parse_instant("1969-12-31T23:59:59.5Z").unwrap());
        assert_eq!((before.seconds, before.nanos), (-1, 500_000_000));
    }

    #[test]
    fn what_is_no_moment_of_these_years_is_refused() {
        for (seconds, nanos) in [
            (0, -1),
            (0, 1_000_000_000),
            (-62_135_596_801, 999_999_999),
            (253_402_300_800, 0),
            (i64::MIN, 0),
            (i64::MAX, 999_999_999),
        ] {
            let refused = instant(&Timestamp { seconds, nanos });
            assert_eq!(
                refused.map_err(|error| error.reason()),
                Err("INSTANT_INVALID"),
                "{seconds} {nanos}"
            );
        }
    }
}
