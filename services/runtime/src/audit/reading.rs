//! What somebody read of a platform, as the trail has it, before it is shown.
//!
//! The first page is written down before it is answered. Pages that follow within a time are
//! counted, and the count is written after it: so a month of a million records takes two entries
//! and not a thousand.

use std::time::Duration;

use foldhash::HashMap;
use gazelle_kernel::Actor;
use parking_lot::Mutex;
use serde_json::json;
use tokio::time::Instant;

/// How long pages are counted after a first one.
const PERIOD: Duration = Duration::from_mins(10);

/// Readings that are counted at a time; beyond, every page is written down.
const READINGS_MAX: usize = 4_096;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Which list, as `records`.
    pub list: &'static str,
    /// Whose; `*`: more than one platform's.
    pub platform_id: String,
    /// Of which period; empty: of more than one.
    pub period: String,
}

impl Reading {
    pub(super) fn content(&self, row_count: u64, continued: bool) -> String {
        let Self { list, period, .. } = self;
        let mut content = json!({ "list": list, "row_count": row_count });
        if !period.is_empty() {
            content["period"] = json!(period);
        }
        if continued {
            content["continued"] = json!(true);
        }
        content.to_string()
    }
}

/// Who reads what, and how many rows since the last entry.
#[derive(Debug, Default)]
pub(super) struct Readings(Mutex<HashMap<(Actor, Reading), OpenReading>>);

#[derive(Debug)]
struct OpenReading {
    began: Instant,
    row_count: u64,
}

impl Readings {
    /// Whether a page is one of a reading that was written down, and counted now.
    pub(super) fn count(&self, actor: &Actor, reading: &Reading, row_count: u64) -> bool {
        let mut readings = self.0.lock();
        let known = readings.get_mut(&(actor.clone(), reading.clone()));
        let known = known.filter(|counted| counted.began.elapsed() < PERIOD);
        known.is_some_and(|counted| {
            counted.row_count += row_count;
            true
        })
    }

    pub(super) fn began(&self, actor: Actor, reading: Reading) {
        let mut readings = self.0.lock();
        if readings.len() < READINGS_MAX {
            let counted = OpenReading {
                began: Instant::now(),
                row_count: 0,
            };
            readings.entry((actor, reading)).or_insert(counted);
        }
    }

    /// Ends the counts that are over: who, what of whom, and the content of its entry.
    pub(super) fn sweep(&self, all: bool) -> Vec<(Actor, String, String)> {
        let mut readings = self.0.lock();
        let over = readings.extract_if(|_, counted| all || counted.began.elapsed() >= PERIOD);
        over.filter(|(_, counted)| counted.row_count > 0)
            .map(|((actor, reading), counted)| {
                let content = reading.content(counted.row_count, true);
                (actor, reading.platform_id, content)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pages_after_the_first_are_counted_until_their_time_is_over() {
        let readings = Readings::default();
        let actor = Actor::new("person:alice");
        let reading = Reading {
            list: "records",
            platform_id: "alpha".into(),
            period: "2017-03".into(),
        };
        assert!(!readings.count(&actor, &reading, 100));
        readings.began(actor.clone(), reading.clone());
        assert!(readings.count(&actor, &reading, 100));
        assert!(readings.count(&actor, &reading, 7));
        assert!(!readings.count(&Actor::new("person:bob"), &reading, 7));
        assert_eq!(readings.sweep(false), []);
        tokio::time::advance(PERIOD).await;
        assert!(!readings.count(&actor, &reading, 5));
        let [(who, whose, content)] = &readings.sweep(false)[..] else {
            panic!("one count is over");
        };
        assert_eq!((who.as_str(), whose.as_str()), ("person:alice", "alpha"));
        let expected =
            json!({"list": "records", "period": "2017-03", "row_count": 107, "continued": true});
        assert_eq!(content, &expected.to_string());
    }
}
