//! Enrollments as they are stored, against what was put, as the trail of it says.

use foldhash::HashMap;
use gazelle_kernel::{Date, Instant, parse_date};
use serde::Deserialize;
use time::macros::datetime;

use super::weighed::{WeighedSum, Weights};

/// A version of an enrollment: what was put, when, by whom and by which revision. Days and moments
/// are as tables hold them, which may be some that no clock shows.
#[derive(Debug, Clone, Copy, Hash)]
pub struct EnrolledVersion<'a> {
    pub program_id: &'a str,
    pub uscc: &'a str,
    /// In days since 2000-01-01.
    pub effective_from: i32,
    pub since: i64,
    /// In days since 2000-01-01.
    pub effective_to: Option<i32>,
    pub applied_at: &'a str,
    pub recorded_by: &'a str,
    /// In microseconds since 2000-01-01T00:00:00Z.
    pub recorded_at: i128,
}

const EPOCH: Instant = datetime!(2000-01-01 00:00 UTC);

fn days(day: Date) -> i32 {
    day.to_julian_day() - EPOCH.date().to_julian_day()
}

/// The days of a text, if that is a day.
fn days_of(text: &str) -> Option<i32> {
    parse_date(text).ok().map(days)
}

/// Takes in a version that holds until a revision, or still.
pub fn add(versions: &mut WeighedSum, version: &EnrolledVersion<'_>, until: Option<i64>) {
    let weight = versions.weights().of(version);
    versions.add(&(weight, until), 1);
}

/// What was put so far.
#[derive(Debug)]
pub struct Put {
    versions: WeighedSum,
    /// What versions that hold weigh, by what their program, enterprise and first day do.
    holding: HashMap<u128, u128>,
}

#[derive(Debug, Deserialize)]
struct Content<'a> {
    revision: i64,
    #[serde(borrow)]
    enrollments: Vec<PutItem<'a>>,
}

#[derive(Debug, Deserialize)]
struct PutItem<'a> {
    program_id: &'a str,
    uscc: &'a str,
    applied_at: &'a str,
    effective: Effective<'a>,
}

#[derive(Debug, Deserialize)]
struct Effective<'a> {
    from: &'a str,
    to: Option<&'a str>,
}

impl Put {
    /// Nothing yet.
    #[must_use]
    pub fn new(weights: Weights) -> Self {
        Self {
            versions: WeighedSum::new(weights),
            holding: HashMap::default(),
        }
    }

    /// Takes in what somebody put, in the order of the trail; what cannot be read is none.
    pub fn take(&mut self, content: &str, recorded_by: &str, recorded_at: Instant) {
        let Ok(content) = serde_json::from_str::<Content<'_>>(content) else {
            return;
        };
        let since = content.revision;
        let recorded_at = (recorded_at - EPOCH).whole_microseconds();
        for item in content.enrollments {
            let Some(effective_from) = days_of(item.effective.from) else {
                continue;
            };
            let version = EnrolledVersion {
                program_id: item.program_id,
                uscc: item.uscc,
                effective_from,
                since,
                effective_to: item.effective.to.and_then(days_of),
                applied_at: item.applied_at,
                recorded_by,
                recorded_at,
            };
            let weights = self.versions.weights();
            let key = weights.of(&(item.program_id, item.uscc, effective_from));
            if let Some(replaced) = self.holding.insert(key, weights.of(&version)) {
                self.versions.add(&(replaced, Some(since)), 1);
            }
        }
    }

    /// All versions that should be there.
    #[must_use]
    pub fn versions(mut self) -> WeighedSum {
        for holding in self.holding.into_values() {
            self.versions.add(&(holding, None::<i64>), 1);
        }
        self.versions
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    const PUT: &str = r#"{"enrollments":[{"applied_at":"2016-11-01T00:00:00Z","effective":
        {"from":"2017-01-01","to":null},"program_id":"share","uscc":"U"}],"revision":1}"#;
    const AGAIN: &str = r#"{"enrollments":[{"applied_at":"2016-11-01T00:00:00Z","effective":
        {"from":"2017-01-01","to":"2017-07-01"},"program_id":"share","uscc":"U"}],"revision":4}"#;
    const NEW_YEAR_2017: i32 = 17 * 365 + 5;

    fn version(since: i64, effective_to: Option<i32>) -> EnrolledVersion<'static> {
        EnrolledVersion {
            program_id: "share",
            uscc: "U",
            effective_from: NEW_YEAR_2017,
            since,
            effective_to,
            applied_at: "2016-11-01T00:00:00Z",
            recorded_by: "person:o",
            recorded_at: 1_000_000 * i128::from(since),
        }
    }

    fn agrees(stored: &[(EnrolledVersion<'_>, Option<i64>)]) -> bool {
        let mut put = Put::new(Weights(RandomState::new(), RandomState::new()));
        let at = |seconds| EPOCH + time::Duration::seconds(seconds);
        put.take(PUT, "person:o", at(1));
        put.take(AGAIN, "person:o", at(4));
        let put = put.versions();
        let mut versions = WeighedSum::new(put.weights().clone());
        for (version, until) in stored {
            add(&mut versions, version, *until);
        }
        versions.agrees(&put)
    }

    #[test]
    fn what_is_stored_is_what_was_put_with_what_replaced_it() {
        let (first, second) = (version(1, None), version(4, Some(NEW_YEAR_2017 + 181)));
        assert!(agrees(&[(second, None), (first, Some(4))]));
        let by_another = EnrolledVersion {
            recorded_by: "person:p",
            ..first
        };
        for other in [
            &[(first, Some(4))][..],
            &[(first, None), (second, None)],
            &[(first, Some(3)), (second, None)],
            &[(by_another, Some(4)), (second, None)],
            &[(version(1, Some(1)), Some(4)), (second, None)],
            &[(first, Some(4)), (second, None), (second, None)],
        ] {
            assert!(!agrees(other), "{other:?}");
        }
    }
}
