//! Writes groups.
//!
//! All at once, in one COPY into the table, sorted by place. Only if the database finds a place
//! taken, what stands is looked up, compared, and the rest copied; and if others write the same
//! records just now, the group goes through `insert ... on conflict`.
//!
//! Reversals go with the fees if what they name stands already, nothing that came before and is not
//! written yet is about it, and all of them can be accepted. Otherwise they are judged one by one in a second transaction, as is what came a moment ago
//! already. Before it the group waits for all that came earlier, which these are about; with
//! nothing locked, since those may be waiting for this one's fees.
//!
//! Both lock the rows of their periods before they commit and find them open, so that nothing is
//! added to a sealed one.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use gazelle_kernel::PlatformId;
use sqlx::PgPool;
use tokio::time::Instant;

use super::{
    Acknowledgement, Batch, IngestError, Queued, Remark, fees,
    group::{Group, Numbers, Written, month},
    queue::Ticket,
    reach::Reach,
    recent::Recent,
    retry::{Attempts, Method},
    reversals::Judge,
};
use crate::{
    domain::{Outcome, PlatformPeriod},
    metrics::{self, Fate},
    names::Names,
    store::StoreError,
};

/// How long reversals wait for what came before them. Longer than its transactions may take.
const EARLIER_WAIT: Duration = Duration::from_mins(1);

/// Groups of a month of which what stands is looked up first, after one with records that were
/// there already: where a platform sends everything again, trying to copy first would only leave
/// dead rows.
const GROUPS_LOOKED_UP: u8 = 8;

/// How long groups do not wait for what is being sealed, after one that waited in vain: all that
/// is in a group waits with it, other platforms' too.
const PASS_BUSY: Duration = Duration::from_secs(10);

/// Writes groups, one at a time in each of the tasks that share it.
#[derive(Debug)]
pub struct Writer {
    pool: PgPool,
    names: Arc<Names>,
    recent: Mutex<Recent>,
    reach: Arc<Reach>,
    repeating: Mutex<HashMap<PlatformPeriod, u8>>,
    pass_busy_until: Mutex<Option<Instant>>,
}

impl Writer {
    pub fn new(pool: PgPool, names: Arc<Names>, reach: Arc<Reach>) -> Self {
        Self {
            pool,
            names,
            recent: Mutex::default(),
            reach,
            repeating: Mutex::default(),
            pass_busy_until: Mutex::default(),
        }
    }

    /// Writes a group and answers each of its batches.
    pub async fn write(&self, queued: Vec<Queued>, ticket: Ticket) {
        let mut batches = Vec::with_capacity(queued.len());
        let mut answers = Vec::with_capacity(queued.len());
        for Queued {
            batch,
            answer,
            place,
        } in queued
        {
            answers.push((answer, place, batch.platform.clone()));
            batches.push(batch);
        }
        let started = Instant::now();
        let results = match self.try_write(batches, &ticket).await {
            Ok(results) => results,
            Err(error) => answers.iter().map(|_| Err(error.clone())).collect(),
        };
        let records = answers.iter().map(|(_, place, _)| place.records as usize);
        metrics::group_written(records.sum(), started.elapsed());
        for ((answer, place, platform), result) in answers.into_iter().zip(results) {
            if let Ok(acknowledgement) = &result {
                count(&platform, place.records, &acknowledgement.remarks);
                metrics::acknowledged(place.since.elapsed());
            }
            // A stream that has ended takes no answer; what was written is written.
            let _ = answer.send(result);
            drop(place);
        }
    }

    async fn try_write(
        &self,
        batches: Vec<Batch>,
        ticket: &Ticket,
    ) -> Result<Vec<Result<Acknowledgement, IngestError>>, IngestError> {
        let failed = |error| IngestError::Store(Arc::new(error));
        let group = Arc::new(self.lay_out(batches).await.map_err(failed)?);
        ticket.show(group.clone());
        let mut all = Written {
            outcomes: vec![None; group.len()],
            holdings: HashMap::new(),
        };
        if group.has_fees() {
            let mut attempts = self.attempts(self.method(&group));
            all = loop {
                let reach = are_settled(&group, ticket).then_some(&*self.reach);
                match fees::write(&self.pool, &group, reach, &attempts).await {
                    Ok(written) => break written,
                    Err(error) => attempts.next_after(error).await.map_err(failed)?,
                }
            };
            self.note_busy(&attempts);
            self.note_repeating(&group, &all.outcomes);
        }
        let is_open = |at: &usize| all.outcomes[*at].is_none();
        if group.plan.slow.iter().any(is_open) {
            if !ticket.wait_for_earlier(EARLIER_WAIT).await {
                return Err(IngestError::Behind);
            }
            let fees_came_lately = group.plan.slow.iter().any(|at| !group.is_reversal(*at));
            let method = if fees_came_lately {
                Method::LookThenCopy
            } else {
                self.method(&group)
            };
            let mut attempts = self.attempts(method);
            let written = loop {
                let judge = Judge {
                    group: &group,
                    fees: &all.outcomes,
                    reach: &self.reach,
                    attempts: &attempts,
                };
                match judge.write(&self.pool).await {
                    Ok(written) => break written,
                    Err(error) => attempts.next_after(error).await.map_err(failed)?,
                }
            };
            self.note_busy(&attempts);
            all.holdings.extend(written.holdings);
            for &position in &group.plan.slow {
                all.outcomes[position] = written.outcomes[position];
            }
        }
        Ok(group.answers(&all))
    }

    async fn lay_out(&self, batches: Vec<Batch>) -> Result<Group, StoreError> {
        let mut attempts = Attempts::new(Method::OneByOne, false);
        let numbers = loop {
            match self.find_numbers(&batches).await {
                Ok(numbers) => break numbers,
                Err(error) => attempts.next_after(error).await?,
            }
        };
        let month = |of: &Batch| (numbers.platforms[&of.platform], of.period);
        // Where everything is looked up anyway, what came lately need not be known.
        let all = self.is_repeating(batches.iter().map(month));
        let mut recent = lock(&self.recent);
        let came_lately = |place| !all && recent.insert(place);
        Ok(Group::new(batches, &numbers, came_lately))
    }

    async fn find_numbers(&self, batches: &[Batch]) -> Result<Numbers, StoreError> {
        let kinds = batches.iter().flat_map(|batch| &batch.kinds).collect();
        let fee_kinds = self.names.fee_kinds(&self.pool, &kinds).await?;
        let mut platforms = HashMap::new();
        let mut months = BTreeSet::new();
        for batch in batches {
            let number = match platforms.get(&batch.platform) {
                Some(number) => *number,
                None => self.names.platform(&self.pool, &batch.platform).await?,
            };
            platforms.insert(batch.platform.clone(), number);
            months.insert((number, batch.period));
        }
        let months: Vec<PlatformPeriod> = months.into_iter().collect();
        self.names.periods(&self.pool, &months).await?;
        Ok(Numbers {
            platforms,
            fee_kinds,
        })
    }

    /// How to write first what is most likely new.
    fn method(&self, group: &Group) -> Method {
        let months = || group.months.iter().copied();
        if group.is_repeating || self.is_repeating(months()) || self.is_busy() {
            Method::LookThenCopy
        } else {
            Method::Copy
        }
    }

    fn attempts(&self, method: Method) -> Attempts {
        Attempts::new(method, self.is_busy())
    }

    fn is_busy(&self) -> bool {
        let until = *lock(&self.pass_busy_until);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn note_busy(&self, attempts: &Attempts) {
        if attempts.waited_in_vain() {
            *lock(&self.pass_busy_until) = Some(Instant::now() + PASS_BUSY);
        }
    }

    fn is_repeating(&self, mut months: impl Iterator<Item = PlatformPeriod>) -> bool {
        let repeating = lock(&self.repeating);
        months.any(|of| repeating.contains_key(&of))
    }

    fn note_repeating(&self, group: &Group, outcomes: &[Option<Outcome>]) {
        let repeated: BTreeSet<PlatformPeriod> = group
            .plan
            .runs()
            .filter(|run| outcomes[run.first] == Some(Outcome::Duplicate))
            .map(|run| month(group.place(run.first)))
            .collect();
        let mut repeating = lock(&self.repeating);
        for of in &group.months {
            if repeated.contains(of) {
                repeating.insert(*of, GROUPS_LOOKED_UP);
            } else if let Some(groups) = repeating.get_mut(of) {
                *groups -= 1;
                if *groups == 0 {
                    repeating.remove(of);
                }
            }
        }
    }
}

/// Whether nothing that came before and is not written yet touches what the reversals of a group
/// name, so that these may be judged now. Of what is not laid out yet nothing is known.
fn are_settled(group: &Group, ticket: &Ticket) -> bool {
    let touches = |before: &Group| before.touches(&group.named);
    group.named.is_empty()
        || ticket
            .earlier()
            .iter()
            .all(|before| before.as_ref().is_some_and(|before| !touches(before)))
}

/// Counts a batch's records by what became of them.
fn count(platform: &PlatformId, records: u32, remarks: &[Remark]) {
    let duplicates = remarks
        .iter()
        .filter(|r| r.outcome == Outcome::Duplicate)
        .count() as u64;
    let refused = remarks.len() as u64 - duplicates;
    let accepted = u64::from(records) - duplicates - refused;
    let fates = [
        (Fate::Accepted, accepted),
        (Fate::Duplicate, duplicates),
        (Fate::Refused, refused),
    ];
    for (fate, count) in fates {
        if count > 0 {
            metrics::records(platform.as_str(), fate, count);
        }
    }
}

/// What is behind the lock is whole after every step, so a panic elsewhere does not spoil it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            group::tests::group,
            queue::tests::{intake, queued},
        },
        *,
    };

    #[tokio::test]
    async fn reversals_are_not_judged_while_a_group_before_is_about_the_same_or_not_known() {
        let (sender, intake) = intake();
        for _ in 0..2 {
            sender.send(queued(10)).await.unwrap();
        }
        let (_, before) = intake.next_group().await.unwrap();
        let (_, ticket) = intake.next_group().await.unwrap();
        let show = |id| before.show(Arc::new(group(&[("alpha", "2017-03", id, "")])));
        let fees = group(&[("alpha", "2017-03", "g", "")]);
        let reversals = group(&[("alpha", "2017-03", "r", "f")]);
        assert!(are_settled(&fees, &ticket));
        assert!(!are_settled(&reversals, &ticket));
        show("g");
        assert!(are_settled(&reversals, &ticket));
        show("f");
        assert!(!are_settled(&reversals, &ticket));
        drop(before);
        assert!(are_settled(&reversals, &ticket));
    }
}
