//! How many refused attempts of each caller get entries.

use std::time::Duration;

use foldhash::HashMap;
use gazelle_kernel::{Actor, Instant as Moment};
use parking_lot::Mutex;
use tokio::time::Instant;
use tonic::Code;

/// Most entries of a caller in each [`PERIOD`].
const ENTRIES_MAX: u32 = 10;
pub(super) const PERIOD: Duration = Duration::from_mins(1);

/// Callers that are counted at a time. Nobody has so many; the rest share a count.
const CALLERS_MAX: usize = 4_096;

/// An attempt that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusedAttempt {
    pub at: Moment,
    pub actor: Actor,
    /// Its full name, as `package.Service/Method`.
    pub method: &'static str,
    pub code: Code,
    /// As the contract has it.
    pub reason: String,
    /// Attempts of this caller before it that have no entry.
    pub left_out: u64,
}

/// How many entries each caller has had.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<Actor, Window>>);

#[derive(Debug)]
struct Window {
    began: Instant,
    entries: u32,
    left_out: u64,
}

impl Rates {
    /// Whether an attempt gets an entry, and how many of the same caller got none before it.
    pub(super) fn admit(&self, actor: &Actor) -> Option<u64> {
        let mut windows = self.0.lock();
        let now = Instant::now();
        let actor = if windows.len() < CALLERS_MAX || windows.contains_key(actor) {
            actor.clone()
        } else {
            others()
        };
        let window = windows.entry(actor).or_insert(Window {
            began: now,
            entries: 0,
            left_out: 0,
        });
        if now - window.began >= PERIOD {
            (window.began, window.entries) = (now, 0);
        }
        if window.entries >= ENTRIES_MAX {
            window.left_out += 1;
            return None;
        }
        window.entries += 1;
        Some(std::mem::take(&mut window.left_out))
    }

    /// Attempts that got no entry after all.
    pub(super) fn give_back(&self, actor: &Actor, count: u64) {
        if let Some(window) = self.0.lock().get_mut(actor) {
            window.left_out += count;
        }
    }

    /// Ends the windows that are over; with those of whom attempts were left out since.
    pub(super) fn sweep(&self, all: bool) -> Vec<(Actor, u64)> {
        let now = Instant::now();
        let mut windows = self.0.lock();
        let over = windows.extract_if(|_, window| all || now - window.began >= PERIOD);
        over.filter(|(_, window)| window.left_out > 0)
            .map(|(actor, window)| (actor, window.left_out))
            .collect()
    }
}

/// Callers beyond those that are counted.
fn others() -> Actor {
    Actor::new("person:*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_leaves_ten_entries_a_minute_and_a_count() {
        let rates = Rates::default();
        let (flood, other) = (Actor::new("person:a"), Actor::new("person:b"));
        let admitted = (0..1_000).filter(|_| rates.admit(&flood).is_some()).count();
        assert_eq!((admitted, rates.admit(&other)), (10, Some(0)));
        assert_eq!(rates.sweep(false), []);
        tokio::time::advance(PERIOD).await;
        assert_eq!(rates.admit(&flood), Some(990));
        for _ in 0..20 {
            rates.admit(&flood);
        }
        tokio::time::advance(PERIOD).await;
        assert_eq!(rates.sweep(false), [(flood, 11)]);
        assert!(rates.0.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn more_callers_than_are_counted_share_a_count() {
        let rates = Rates::default();
        for number in 0..2 * CALLERS_MAX {
            rates.admit(&Actor::new(format!("person:{number}")));
        }
        assert!(rates.0.lock().len() <= CALLERS_MAX + 1);
        tokio::time::advance(PERIOD).await;
        let left_out = CALLERS_MAX as u64 - u64::from(ENTRIES_MAX);
        assert_eq!(rates.sweep(false), [(others(), left_out)]);
    }
}
