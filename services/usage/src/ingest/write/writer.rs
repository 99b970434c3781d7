//! How one group is written, from its batches to their answers.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use gazelle_kernel::{Period, PlatformId};
use parking_lot::Mutex;
use sqlx::PgPool;
use tokio::time::Instant;

use super::{
    copy,
    error::WriteError,
    judged::Judged,
    look_up,
    outcome::Written,
    row_by_row,
    strategy::{Attempts, Strategies, Strategy, looks_up_all},
};
use crate::{
    domain::{
        acknowledgement::{Acknowledgement, Remark},
        key::{PlaceStart, PlatformPeriod},
        refusal::{Outcome, RecordRefusal},
    },
    ingest::{
        answer::IngestError,
        batch::Batch,
        group::{Group, Numbers},
        memory::{period_filters::PeriodFilters, recent::Recent},
        queue::{Queued, Ticket},
    },
    metrics::{self, Fate},
    names::Names,
    tuning::EARLIER_WAIT,
};

/// Writes groups, one at a time in each of the tasks that share it.
#[derive(Debug)]
pub struct Writer {
    pool: PgPool,
    names: Arc<Names>,
    recent: Arc<Mutex<Recent>>,
    filters: Arc<PeriodFilters>,
    strategies: Strategies,
}

impl Writer {
    pub fn new(
        pool: PgPool,
        names: Arc<Names>,
        recent: Arc<Mutex<Recent>>,
        filters: Arc<PeriodFilters>,
    ) -> Self {
        Self {
            pool,
            names,
            recent,
            filters,
            strategies: Strategies::default(),
        }
    }

    /// Writes a group and answers each of its batches.
    pub async fn write(&self, queued: Vec<Queued>, ticket: Ticket) {
        let mut batches = Vec::with_capacity(queued.len());
        let mut answers = Vec::with_capacity(queued.len());
        for Queued {
            batch,
            answer,
            slot,
        } in queued
        {
            answers.push((answer, slot, batch.platform.clone()));
            batches.push(batch);
        }
        let started = Instant::now();
        let results = match self.try_write(batches, &ticket).await {
            Ok(results) => results,
            Err(error) => answers.iter().map(|_| Err(error.clone())).collect(),
        };
        let records = answers.iter().map(|(_, slot, _)| slot.records as usize);
        metrics::group_written(records.sum(), started.elapsed());
        for ((answer, slot, platform), result) in answers.into_iter().zip(results) {
            if let Ok(acknowledgement) = &result {
                count(&platform, slot.records, &acknowledgement.remarks);
                metrics::acknowledged(slot.since.elapsed());
            }
            // A stream that has ended takes no answer; what was written is written.
            let _ = answer.send(result);
            drop(slot);
        }
    }

    async fn try_write(
        &self,
        batches: Vec<Batch>,
        ticket: &Ticket,
    ) -> Result<Vec<Result<Acknowledgement, IngestError>>, IngestError> {
        let numbers = self.find_numbers(&batches).await?;
        // In the order of the tickets: of two that bring the same id, the later finds the mark of
        // the earlier, and is judged after it; or it waits, where it is not remembered.
        if !ticket.wait_for_earlier_shown(EARLIER_WAIT).await {
            return Err(IngestError::Behind);
        }
        let group = Arc::new(self.lay_out(batches, &numbers));
        ticket.show(group.clone());
        if is_named_before(&group, ticket) || is_brought_before(&group, ticket) {
            wait_for_earlier(ticket).await?;
        }
        let mut written = Written::nothing(&group);
        if group.has_fees() {
            written = self.write_fees(&group, ticket).await?;
        }
        // Reversals may have gone with the fees.
        let judged = &group.plan.judged;
        if judged.iter().any(|at| written.outcomes[*at].is_none()) {
            wait_for_earlier(ticket).await?;
            let elsewhere = self.find_elsewhere(&group);
            let fees = &written.outcomes;
            let later = self.write_judged(&group, fees, &elsewhere).await?;
            written.merge(later, judged);
            if !elsewhere.is_empty() {
                self.remember_judged(&group, &written.outcomes);
            }
        }
        Ok(group.answers(&written))
    }

    fn lay_out(&self, batches: Vec<Batch>, numbers: &Numbers) -> Group {
        let periods = batches.iter().map(|batch| numbers.period(batch));
        let repeating = self.strategies.is_repeating(periods);
        let mut recent = self.recent.lock();
        Group::new(
            batches,
            numbers,
            |place, elsewhere| recent.insert(place, elsewhere),
            |fees, records| looks_up_all(repeating, fees, records),
        )
    }

    /// The periods that may hold the ids of what is judged instead: those that came before in any
    /// period of the group, since many may have pushed each other out, and those where what came
    /// before the group turned out to stand.
    fn find_elsewhere(&self, group: &Group) -> Vec<(usize, Period)> {
        let place = |position| PlaceStart::of(group.place(position));
        let id = |place: PlaceStart| (place.platform(), place.key);
        let mut suspects: HashMap<(u32, u64), BTreeSet<Period>> = HashMap::new();
        for &(position, period) in &group.plan.elsewhere {
            let of_id = suspects.entry(id(place(position))).or_default();
            of_id.insert(period);
        }
        let recent = self.recent.lock();
        for &position in &group.plan.judged {
            recent.find(place(position), &mut |period| {
                let of_id = suspects.entry(id(place(position))).or_default();
                of_id.insert(period);
            });
        }
        let judged = group.plan.judged.iter();
        let elsewhere = judged.flat_map(|&position| {
            let own = group.place(position).period;
            let of_id = suspects.get(&id(place(position))).into_iter().flatten();
            of_id
                .filter(move |period| **period != own)
                .map(move |period| (position, *period))
        });
        elsewhere.collect()
    }

    /// Remembers where ids stand that came for several periods, and not what was refused for that:
    /// those who send the same ids month by month would push out what stands.
    fn remember_judged(&self, group: &Group, outcomes: &[Option<Outcome>]) {
        let mut recent = self.recent.lock();
        for &position in &group.plan.judged {
            let place = PlaceStart::of(group.place(position));
            match outcomes[position] {
                Some(
                    Outcome::Accepted
                    | Outcome::Duplicate
                    | Outcome::Refused(RecordRefusal::Conflict),
                ) => {
                    recent.insert(place, &mut |_| ());
                }
                Some(Outcome::Refused(refusal)) => {
                    if let Some(period) = refusal.other_period() {
                        recent.forget(place);
                        recent.insert(place.in_period(period), &mut |_| ());
                    }
                }
                None => {}
            }
        }
    }

    async fn find_numbers(&self, batches: &[Batch]) -> Result<Numbers, WriteError> {
        let mut attempts = Attempts::new(Strategy::RowByRow, false);
        loop {
            match self.try_find_numbers(batches).await {
                Ok(numbers) => return Ok(numbers),
                Err(error) => attempts.next_after(error).await?,
            }
        }
    }

    async fn try_find_numbers(&self, batches: &[Batch]) -> Result<Numbers, WriteError> {
        let kinds = batches.iter().flat_map(|batch| &batch.kinds).collect();
        let fee_kinds = self.names.fee_kinds(&self.pool, &kinds).await?;
        let mut platforms = HashMap::new();
        let mut periods = BTreeSet::new();
        for batch in batches {
            let platform = match platforms.get(&batch.platform) {
                Some(number) => *number,
                None => self.names.platform(&self.pool, &batch.platform).await?,
            };
            platforms.insert(batch.platform.clone(), platform);
            periods.insert(PlatformPeriod {
                platform,
                period: batch.period,
            });
        }
        let periods: Vec<PlatformPeriod> = periods.into_iter().collect();
        self.names.periods(&self.pool, &periods).await?;
        Ok(Numbers {
            platforms,
            fee_kinds,
        })
    }

    async fn write_fees(&self, group: &Group, ticket: &Ticket) -> Result<Written, IngestError> {
        let mut attempts = self.strategies.attempts(group);
        let written = loop {
            let written = match attempts.strategy {
                Strategy::Copy => {
                    let filters = are_settled(group, ticket).then_some(&*self.filters);
                    copy::write(&self.pool, group, filters).await
                }
                Strategy::LookUpThenCopy => look_up::write(&self.pool, group, &attempts).await,
                Strategy::RowByRow => row_by_row::write(&self.pool, group, &attempts).await,
            };
            match written {
                Ok(written) => break written,
                Err(error) => attempts.next_after(error).await?,
            }
        };
        self.strategies.note_attempts(&attempts);
        self.strategies.note_outcomes(group, &written.outcomes);
        Ok(written)
    }

    async fn write_judged(
        &self,
        group: &Group,
        fees: &[Option<Outcome>],
        elsewhere: &[(usize, Period)],
    ) -> Result<Written, IngestError> {
        let is_elsewhere = !elsewhere.is_empty();
        let mut attempts = self.strategies.attempts_to_judge(group, is_elsewhere);
        let written = loop {
            let judged = Judged {
                group,
                fees,
                elsewhere,
                filters: &self.filters,
                attempts: &attempts,
            };
            match judged.write(&self.pool).await {
                Ok(written) => break written,
                Err(error) => attempts.next_after(error).await?,
            }
        };
        self.strategies.note_attempts(&attempts);
        Ok(written)
    }
}

async fn wait_for_earlier(ticket: &Ticket) -> Result<(), IngestError> {
    if ticket.wait_for_earlier_finished(EARLIER_WAIT).await {
        return Ok(());
    }
    Err(IngestError::Behind)
}

/// Whether reversals that came before and are not judged yet name what a group brings: they would
/// find what came after them.
fn is_named_before(group: &Group, ticket: &Ticket) -> bool {
    let mut before = ticket.earlier().into_iter().flatten();
    before.any(|before| group.touches(&before.named))
}

/// Whether what a group writes at once may come in one before it that is not written yet: of two
/// that differ the first stands.
fn is_brought_before(group: &Group, ticket: &Ticket) -> bool {
    let mut before = ticket.earlier().into_iter().flatten();
    before.any(|before| group.repeats(&before))
}

/// Whether nothing that came before and is not written yet touches what the reversals of a group
/// name, or is of their own ids, so that these may be judged now. Of what is not laid out yet
/// nothing is known.
fn are_settled(group: &Group, ticket: &Ticket) -> bool {
    let touches = |before: &Group| before.touches(&group.named) || group.meets(before);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::samples::{group, queue, queued};

    #[tokio::test]
    async fn what_a_reversal_before_names_waits_until_that_is_judged() {
        let (sender, queue, _) = queue(10);
        for _ in 0..2 {
            sender.send(queued(10)).await.unwrap();
        }
        let (_, before) = queue.next_group().await.unwrap();
        let (_, ticket) = queue.next_group().await.unwrap();
        let named = group(&[("alpha", "2017-03", "f", "")]);
        assert!(!is_named_before(&named, &ticket));
        before.show(Arc::new(group(&[("alpha", "2017-03", "r", "f")])));
        assert!(is_named_before(&named, &ticket));
        let other = group(&[("alpha", "2017-03", "g", "")]);
        assert!(!is_named_before(&other, &ticket));
        drop(before);
        assert!(!is_named_before(&named, &ticket));
    }

    #[tokio::test]
    async fn what_comes_again_waits_until_what_came_first_is_written() {
        let (sender, queue, _) = queue(10);
        for _ in 0..2 {
            sender.send(queued(10)).await.unwrap();
        }
        let (_, before) = queue.next_group().await.unwrap();
        let (_, ticket) = queue.next_group().await.unwrap();
        before.show(Arc::new(group(&[("alpha", "2017-03", "f", "")])));
        let is_awaited = |record| is_brought_before(&group(&[record]), &ticket);
        assert!(is_awaited(("alpha", "2017-03", "f", "")));
        assert!(!is_awaited(("alpha", "2017-03", "g", "")));
        assert!(!is_awaited(("alpha", "2017-04", "f", "")));
        assert!(!is_awaited(("beta", "2017-03", "f", "")));
        drop(before);
        assert!(!is_awaited(("alpha", "2017-03", "f", "")));
    }

    #[tokio::test]
    async fn reversals_are_not_judged_while_a_group_before_is_about_the_same_or_not_known() {
        let (sender, queue, _) = queue(10);
        for _ in 0..2 {
            sender.send(queued(10)).await.unwrap();
        }
        let (_, before) = queue.next_group().await.unwrap();
        let (_, ticket) = queue.next_group().await.unwrap();
        let show = |id| before.show(Arc::new(group(&[("alpha", "2017-03", id, "")])));
        let fees = group(&[("alpha", "2017-03", "g", "")]);
        let reversals = group(&[("alpha", "2017-03", "r", "f")]);
        assert!(are_settled(&fees, &ticket));
        assert!(!are_settled(&reversals, &ticket));
        show("g");
        assert!(are_settled(&reversals, &ticket));
        show("f");
        assert!(!are_settled(&reversals, &ticket));
        show("r");
        assert!(!are_settled(&reversals, &ticket));
        drop(before);
        assert!(are_settled(&reversals, &ticket));
    }
}
