//! Decides how a group is written, first and after each attempt that failed.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use gazelle_runtime::failure::told;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::error::WriteError;
use crate::{
    domain::{key::PlatformPeriod, refusal::Outcome},
    ingest::group::Group,
    tuning::{
        ATTEMPTS_MAX, GROUPS_LOOKED_UP, LOOKS_MAX, PASS_BUSY, PAUSE_MAX, PAUSE_MIN, REPEATS_SHARE,
    },
};

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// [`copy`](super::copy): all are taken for new, the quickest; it fails if any place is taken
    /// or any period sealed.
    Copy,
    /// [`look_up`](super::look_up): periods are held open, or found sealed; what is taken is looked
    /// up; and the rest is copied. It fails only if another transaction takes one of those places
    /// meanwhile.
    LookUpThenCopy,
    /// [`row_by_row`](super::row_by_row): row by row, which never fails for that.
    RowByRow,
}

/// Whether what stands is looked up for all fees of a group, and none of them is judged because it
/// came lately: where its periods are `repeating`, or `came_lately` of its records are many.
pub fn looks_up_all(repeating: bool, came_lately: usize, records: usize) -> bool {
    repeating || came_lately > records / REPEATS_SHARE
}

/// What the last groups were like.
#[derive(Debug, Default)]
pub struct Strategies {
    /// Periods of which records were sent again, each with how many groups more are looked up.
    repeating: Mutex<HashMap<PlatformPeriod, u8>>,
    pass_busy_until: Mutex<Option<Instant>>,
}

impl Strategies {
    /// How to write first what is most likely new.
    pub fn attempts(&self, group: &Group) -> Attempts {
        let repeats = group.plan.is_repeating || self.is_repeating(group.periods.iter().copied());
        if repeats || self.is_busy() {
            self.attempts_with(Strategy::LookUpThenCopy)
        } else {
            self.attempts_with(Strategy::Copy)
        }
    }

    /// How to write first what is judged one by one: where fees are among it, which came lately,
    /// they most likely stand.
    /// Likewise where any of them may stand elsewhere.
    pub fn attempts_to_judge(&self, group: &Group, is_elsewhere: bool) -> Attempts {
        let mut judged = group.plan.judged.iter();
        if judged.any(|at| !group.is_reversal(*at)) || is_elsewhere {
            self.attempts_with(Strategy::LookUpThenCopy)
        } else {
            self.attempts(group)
        }
    }

    fn attempts_with(&self, strategy: Strategy) -> Attempts {
        Attempts::new(strategy, self.is_busy())
    }

    /// Whether records of any of these periods were sent again a moment ago.
    pub fn is_repeating(&self, mut periods: impl Iterator<Item = PlatformPeriod>) -> bool {
        let repeating = self.repeating.lock();
        periods.any(|period| repeating.contains_key(&period))
    }

    fn is_busy(&self) -> bool {
        let until = *self.pass_busy_until.lock();
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Learns whether a transaction waited in vain for what is being sealed.
    pub fn note_attempts(&self, attempts: &Attempts) {
        if attempts.waited_in_vain {
            *self.pass_busy_until.lock() = Some(Instant::now() + PASS_BUSY);
        }
    }

    /// Learns which periods' fees were sent again.
    pub fn note_outcomes(&self, group: &Group, outcomes: &[Option<Outcome>]) {
        let repeated: BTreeSet<PlatformPeriod> = group
            .plan
            .at_once()
            .filter(|same| outcomes[same.first] == Some(Outcome::Duplicate))
            .map(|same| group.place(same.first).platform_period())
            .collect();
        let mut repeating = self.repeating.lock();
        for period in &group.periods {
            if repeated.contains(period) {
                repeating.insert(*period, GROUPS_LOOKED_UP);
            } else if let Some(groups) = repeating.get_mut(period) {
                *groups -= 1;
                if *groups == 0 {
                    repeating.remove(period);
                }
            }
        }
    }
}

/// The attempts of one transaction.
#[derive(Debug)]
pub struct Attempts {
    pauses: ExponentialBackoff,
    looks: u32,
    /// How the next one writes.
    pub strategy: Strategy,
    /// The next one does not wait for what is being sealed.
    pub pass_busy: bool,
    waited_in_vain: bool,
}

impl Attempts {
    /// A bounded number, with pauses between those that the database failed.
    pub fn new(strategy: Strategy, pass_busy: bool) -> Self {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(PAUSE_MIN)
            .with_max_delay(PAUSE_MAX)
            .with_factor(2.0)
            .with_max_times(ATTEMPTS_MAX - 1);
        Self {
            pauses: pauses.build(),
            looks: 0,
            strategy,
            pass_busy,
            waited_in_vain: false,
        }
    }

    /// Whether the next one looks at what stands before it judges: unless what is judged is taken
    /// for new, and all its periods are open.
    pub fn looks_at_judged(&self, all_open: bool) -> bool {
        self.strategy != Strategy::Copy || !all_open
    }

    /// Chooses the next attempt's strategy, and waits a little where the database failed; or
    /// returns the error, where another attempt is useless.
    pub async fn next_after(&mut self, error: WriteError) -> Result<(), WriteError> {
        if let Some(pause) = self.decide(error)? {
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    fn decide(&mut self, error: WriteError) -> Result<Option<Duration>, WriteError> {
        let was_mistaken = matches!(error, WriteError::Sealed | WriteError::Raced);
        if was_mistaken && self.strategy == Strategy::Copy {
            self.strategy = Strategy::LookUpThenCopy;
            return Ok(None);
        }
        if error.is_record_present() {
            match self.strategy {
                Strategy::Copy => self.strategy = Strategy::LookUpThenCopy,
                Strategy::LookUpThenCopy if self.looks + 1 < LOOKS_MAX => self.looks += 1,
                Strategy::LookUpThenCopy => self.strategy = Strategy::RowByRow,
                Strategy::RowByRow => return Err(error),
            }
            return Ok(None);
        }
        if !error.is_transient() {
            return Err(error);
        }
        let Some(pause) = self.pauses.next() else {
            return Err(error);
        };
        if error.is_lock_timeout() {
            (self.pass_busy, self.waited_in_vain) = (true, true);
            if self.strategy == Strategy::Copy {
                self.strategy = Strategy::LookUpThenCopy;
            }
        }
        tracing::warn!(cause = cause(&error), "records are written again");
        Ok(Some(pause))
    }
}

/// What lies behind a failure, for the log.
fn cause(error: &WriteError) -> String {
    std::error::Error::source(error).map_or_else(|| told(error), told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_for_new_and_open_is_looked_up_at_once() {
        for error in [WriteError::Sealed, WriteError::Raced] {
            let mut attempts = Attempts::new(Strategy::Copy, false);
            assert!(matches!(attempts.decide(error), Ok(None)));
            assert_eq!(attempts.strategy, Strategy::LookUpThenCopy);
        }
    }

    #[test]
    fn all_is_looked_up_where_more_than_a_share_came_lately_or_the_periods_repeat() {
        let records = 10 * REPEATS_SHARE;
        assert!(!looks_up_all(false, 10, records) && looks_up_all(false, 11, records));
        assert!(looks_up_all(true, 0, records));
    }

    #[test]
    fn what_is_judged_is_taken_for_new_only_in_open_periods_and_at_first() {
        let mut attempts = Attempts::new(Strategy::Copy, false);
        assert!(!attempts.looks_at_judged(true) && attempts.looks_at_judged(false));
        assert!(matches!(attempts.decide(WriteError::Raced), Ok(None)));
        assert!(attempts.looks_at_judged(true));
    }

    #[test]
    fn attempts_end_and_their_pauses_are_bounded() {
        let mut attempts = Attempts::new(Strategy::RowByRow, false);
        let decide = |_| attempts.decide(WriteError::Raced).ok().flatten();
        let pauses: Vec<Duration> = (0..ATTEMPTS_MAX).map_while(decide).collect();
        assert_eq!((pauses.len(), pauses[0]), (ATTEMPTS_MAX - 1, PAUSE_MIN));
        assert!(pauses.iter().all(|pause| *pause <= PAUSE_MAX));
    }
}
