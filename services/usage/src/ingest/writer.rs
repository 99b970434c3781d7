//! Writes groups.
//!
//! Fees first, all at once: one COPY into the table, sorted by place. Only if the database finds
//! a place taken, the same group goes through `insert ... on conflict`, and what was not inserted
//! is compared with what stands. Then, in a second transaction, the few records that are judged
//! one by one: reversals. Before it the group waits for all that came earlier, of which they may
//! name something; with nothing locked, since those may be waiting for this one's fees.
//!
//! Both hold their periods open until they commit, so that nothing is added to a sealed one.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{PgConnection, PgPool};

use super::{
    Batch, IngestError, Queued,
    group::{self, Group, Numbers, Written, month},
    queue::Ticket,
    retry::Attempts,
};
use crate::{
    domain::{
        Accepted, Book, Outcome, Place, PlatformPeriod, Receipt, Record, RecordKey, Refusals,
        Ruling, Run, Standing, settle,
    },
    names::Names,
    store::{self, Patience, StoreError, period::Gate, record::NewRecord},
};

/// How long reversals wait for what came before them. Longer than its transactions may take.
const EARLIER_WAIT: Duration = Duration::from_mins(1);

/// Groups of a month that go row by row after one with records that were there already: where a
/// platform sends everything again, trying to copy first would only leave dead rows.
const GROUPS_ONE_BY_ONE: u8 = 8;

/// Writes groups, one at a time in each of the tasks that share it.
#[derive(Debug)]
pub struct Writer {
    pool: PgPool,
    names: Arc<Names>,
    repeating: Mutex<HashMap<PlatformPeriod, u8>>,
}

impl Writer {
    pub fn new(pool: PgPool, names: Arc<Names>) -> Self {
        Self {
            pool,
            names,
            repeating: Mutex::default(),
        }
    }

    /// Writes a group and answers each of its batches.
    pub async fn write(&self, queued: Vec<Queued>, ticket: Ticket) {
        let mut batches = Vec::with_capacity(queued.len());
        let mut answers = Vec::with_capacity(queued.len());
        for Queued {
            batch,
            answer,
            room,
        } in queued
        {
            batches.push(batch);
            answers.push((answer, room));
        }
        let results = match self.try_write(batches, &ticket).await {
            Ok(results) => results,
            Err(error) => answers.iter().map(|_| Err(error.clone())).collect(),
        };
        for ((answer, room), result) in answers.into_iter().zip(results) {
            // A stream that has ended takes no answer; what was written is written.
            let _ = answer.send(result);
            drop(room);
        }
    }

    async fn try_write(
        &self,
        batches: Vec<Batch>,
        ticket: &Ticket,
    ) -> Result<Vec<Result<super::Acknowledgement, IngestError>>, IngestError> {
        let failed = |error| IngestError::Store(Arc::new(error));
        let group = self.lay_out(batches).await.map_err(failed)?;
        let mut all = Written {
            outcomes: vec![None; group.entries.len()],
            receipts: HashMap::new(),
        };
        if group.has_fees() {
            let mut attempts = Attempts::new(self.is_repeating(&group.months));
            all = loop {
                match self.write_fees(&group, &attempts).await {
                    Ok(written) => break written,
                    Err(error) => attempts.next_after(error).await.map_err(failed)?,
                }
            };
            self.note_repeating(&group, &all.outcomes);
        }
        if !group.plan.slow.is_empty() {
            if !ticket.wait_for_earlier(EARLIER_WAIT).await {
                return Err(IngestError::Behind);
            }
            let mut attempts = Attempts::new(true);
            let written = loop {
                match self.write_reversals(&group, &all.outcomes, &attempts).await {
                    Ok(written) => break written,
                    Err(error) => attempts.next_after(error).await.map_err(failed)?,
                }
            };
            all.receipts.extend(written.receipts);
            for &position in &group.plan.slow {
                all.outcomes[position] = written.outcomes[position];
            }
        }
        Ok(group.answers(&all))
    }

    async fn lay_out(&self, batches: Vec<Batch>) -> Result<Group, StoreError> {
        let mut attempts = Attempts::new(true);
        let numbers = loop {
            match self.find_numbers(&batches).await {
                Ok(numbers) => break numbers,
                Err(error) => attempts.next_after(error).await?,
            }
        };
        Ok(Group::new(batches, &numbers))
    }

    async fn find_numbers(&self, batches: &[Batch]) -> Result<Numbers, StoreError> {
        let fee_kinds = self
            .names
            .fee_kinds(&self.pool, &group::fee_kinds(batches))
            .await?;
        let mut platforms = HashMap::new();
        let mut months = BTreeSet::new();
        for batch in batches {
            let number = self.names.platform(&self.pool, &batch.platform).await?;
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

    async fn write_fees(&self, group: &Group, attempts: &Attempts) -> Result<Written, StoreError> {
        let mut tx = self.pool.begin().await?;
        store::bound_waits(&mut tx, Patience::Short).await?;
        let gates = store::period::hold_open(&mut tx, &group.months, !attempts.pass_busy).await?;
        let place = |run: &Run<'_>| group.entries[run.first].place;
        let gate = |run: &Run<'_>| gates[&month(place(run))];
        let runs: Vec<Run<'_>> = group
            .plan
            .runs()
            .filter(|run| gate(run) != Gate::Busy)
            .collect();
        let (open, shut): (Vec<Run<'_>>, Vec<Run<'_>>) =
            runs.iter().partition(|run| gate(run) == Gate::Open);

        let new = |run: &Run<'_>| {
            let entry = &group.entries[run.first];
            let fee_date = entry.record.occurred_on;
            NewRecord {
                entry,
                fee_kind: group.fee_kinds[run.first],
                accepted: Accepted {
                    fee_date,
                    reverses: None,
                },
            }
        };
        let mut taken: HashSet<Place> = HashSet::new();
        if attempts.one_by_one {
            let new: Vec<NewRecord<'_>> = open.iter().map(new).collect();
            taken.extend(open.iter().map(place));
            for place in store::record::insert(&mut tx, &new).await? {
                taken.remove(&place);
            }
        } else if !open.is_empty() {
            store::record::copy(&mut tx, open.iter().map(new)).await?;
        }
        let wanted: Vec<Place> = taken
            .iter()
            .copied()
            .chain(shut.iter().map(place))
            .collect();
        let held = find(&mut tx, wanted).await?;
        if taken.iter().any(|place| !held.contains_key(place)) {
            return Err(StoreError::Raced);
        }

        let mut outcomes = vec![None; group.entries.len()];
        for run in &runs {
            let held = held.get(&place(run));
            settle(
                &group.entries,
                *run,
                held,
                gate(run) == Gate::Open,
                &mut outcomes,
            );
        }
        let months: Vec<PlatformPeriod> = group
            .months
            .iter()
            .filter(|of| gates[of] != Gate::Busy)
            .copied()
            .collect();
        let mut refusals = Refusals::default();
        group.refuse_malformed(&mut refusals, &months);
        let receipts = finish(
            &mut tx,
            group,
            &months,
            0..outcomes.len(),
            &outcomes,
            refusals,
        )
        .await?;
        tx.commit().await?;
        Ok(Written { outcomes, receipts })
    }

    async fn write_reversals(
        &self,
        group: &Group,
        fees: &[Option<Outcome>],
        attempts: &Attempts,
    ) -> Result<Written, StoreError> {
        let mut tx = self.pool.begin().await?;
        store::bound_waits(&mut tx, Patience::Short).await?;
        let mut book = Book::default();
        let slow = hold_past(&mut tx, group, &mut book, !attempts.pass_busy).await?;
        load_named(&mut tx, group, &slow, fees, &mut book).await?;
        let locked = lock_reversed(&mut tx, group, &slow, &mut book).await?;
        // Only now: whoever reversed one of these records a moment ago has committed.
        for (place, record) in find(&mut tx, slow.iter().map(|&p| group.entries[p].place)).await? {
            book.enter(
                place,
                Standing {
                    record,
                    since: None,
                },
            );
        }

        let mut outcomes = vec![None; group.entries.len()];
        let mut new = Vec::new();
        for &position in &slow {
            let entry = &group.entries[position];
            let ruling = book.judge(position, entry);
            outcomes[position] = Some(ruling.outcome());
            if let Ruling::Accepted(accepted) = ruling {
                new.push(NewRecord {
                    entry,
                    fee_kind: group.fee_kinds[position],
                    accepted,
                });
            }
        }

        new.sort_unstable_by_key(|new| new.entry.place);
        if store::record::insert(&mut tx, &new).await?.len() != new.len() {
            return Err(StoreError::Raced);
        }
        save_reversed(&mut tx, &book, &locked).await?;
        let months: BTreeSet<PlatformPeriod> = slow
            .iter()
            .map(|&position| month(group.entries[position].place))
            .collect();
        let months: Vec<PlatformPeriod> = months.into_iter().collect();
        let positions = slow.iter().copied();
        let receipts = finish(
            &mut tx,
            group,
            &months,
            positions,
            &outcomes,
            Refusals::default(),
        )
        .await?;
        tx.commit().await?;
        Ok(Written { outcomes, receipts })
    }

    fn is_repeating(&self, months: &[PlatformPeriod]) -> bool {
        let repeating = self
            .repeating
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        months.iter().any(|of| repeating.contains_key(of))
    }

    fn note_repeating(&self, group: &Group, outcomes: &[Option<Outcome>]) {
        let repeated: BTreeSet<PlatformPeriod> = group
            .plan
            .runs()
            .filter(|run| outcomes[run.first] == Some(Outcome::Duplicate))
            .map(|run| month(group.entries[run.first].place))
            .collect();
        let mut repeating = self
            .repeating
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for of in &group.months {
            if repeated.contains(of) {
                repeating.insert(*of, GROUPS_ONE_BY_ONE);
            } else if let Some(groups) = repeating.get_mut(of) {
                *groups -= 1;
                if *groups == 0 {
                    repeating.remove(of);
                }
            }
        }
    }
}

async fn find(
    tx: &mut PgConnection,
    places: impl IntoIterator<Item = Place>,
) -> Result<HashMap<Place, Record>, StoreError> {
    let places: Vec<Place> = places.into_iter().collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::record::find(tx, places).await?.into_iter().collect())
}

/// Holds everything open that a reversal may name, so that sealing does not refuse it meanwhile.
/// Returns the positions to be judged; not those that may name something in a busy period.
async fn hold_past(
    tx: &mut PgConnection,
    group: &Group,
    book: &mut Book,
    wait: bool,
) -> Result<Vec<usize>, StoreError> {
    let mut last = BTreeMap::new();
    for &position in &group.plan.slow {
        let (platform, period) = month(group.entries[position].place);
        let last = last.entry(platform).or_insert(period);
        *last = period.max(*last);
    }
    let last: Vec<PlatformPeriod> = last.into_iter().collect();
    let months = store::period::list_through(tx, &last).await?;
    let gates = store::period::hold_open(tx, &months, wait).await?;
    for (&(platform, period), &gate) in &gates {
        book.enter_period(platform, period, gate == Gate::Open);
    }
    let is_busy = |(platform, period): PlatformPeriod| {
        gates
            .iter()
            .any(|(of, gate)| *gate == Gate::Busy && of.0 == platform && of.1 <= period)
    };
    let judged = group.plan.slow.iter().copied();
    Ok(judged
        .filter(|&position| !is_busy(month(group.entries[position].place)))
        .collect())
}

/// Enters what the reversals name. What this group brought itself stands since its position.
async fn load_named(
    tx: &mut PgConnection,
    group: &Group,
    slow: &[usize],
    fees: &[Option<Outcome>],
    book: &mut Book,
) -> Result<(), StoreError> {
    let named: BTreeSet<Place> = slow
        .iter()
        .filter_map(|&position| {
            let entry = &group.entries[position];
            let key = RecordKey::of(entry.record.reverses.as_ref()?);
            Some(Place { key, ..entry.place })
        })
        .collect();
    let keys: HashSet<RecordKey> = named.iter().map(|place| place.key).collect();
    let since: HashMap<Place, usize> = group
        .plan
        .runs()
        .filter(|run| fees[run.first] == Some(Outcome::Accepted))
        .map(|run| (group.entries[run.first].place, run.first))
        .filter(|(place, _)| keys.contains(&place.key))
        .collect();
    for (place, record) in store::record::find_through(tx, named).await? {
        book.enter(
            place,
            Standing {
                record,
                since: since.get(&place).copied(),
            },
        );
    }
    Ok(())
}

/// Locks how much is taken back of each record that may be reversed; returns these records.
async fn lock_reversed(
    tx: &mut PgConnection,
    group: &Group,
    slow: &[usize],
    book: &mut Book,
) -> Result<BTreeMap<Place, i64>, StoreError> {
    let mut targets = BTreeMap::new();
    for &position in slow {
        let entry = &group.entries[position];
        if let Some(id) = &entry.record.reverses
            && let Some((place, record)) = book.target(entry.place, id, position)
            && record.reverses.is_none()
        {
            targets.insert(place, record.amount.get());
        }
    }
    let records: Vec<(Place, i64)> = targets.iter().map(|(place, fen)| (*place, *fen)).collect();
    if !records.is_empty() {
        store::reversed::insert_missing(tx, &records).await?;
        for (place, reversed_fen) in store::reversed::lock(tx, &records).await? {
            book.enter_reversed(place, reversed_fen);
        }
    }
    Ok(targets)
}

async fn save_reversed(
    tx: &mut PgConnection,
    book: &Book,
    locked: &BTreeMap<Place, i64>,
) -> Result<(), StoreError> {
    let reversed: Vec<(Place, i64, i64)> = book.reversed().collect();
    // A record that this transaction inserts itself, which nobody else can know yet.
    let new: Vec<(Place, i64)> = reversed
        .iter()
        .filter(|(place, ..)| !locked.contains_key(place))
        .map(|&(place, amount_fen, _)| (place, amount_fen))
        .collect();
    if !new.is_empty() {
        store::reversed::insert_missing(tx, &new).await?;
    }
    let now: Vec<(Place, i64)> = reversed
        .iter()
        .map(|&(place, _, fen)| (place, fen))
        .collect();
    if !now.is_empty() {
        store::reversed::update(tx, &now).await?;
    }
    Ok(())
}

/// Writes down what was refused, and what is now held of these months; the latter last, since
/// the other writers wait for it.
async fn finish(
    tx: &mut PgConnection,
    group: &Group,
    months: &[PlatformPeriod],
    positions: impl Iterator<Item = usize> + Clone,
    outcomes: &[Option<Outcome>],
    mut refusals: Refusals,
) -> Result<HashMap<PlatformPeriod, Receipt>, StoreError> {
    for position in positions.clone() {
        if let Some(Outcome::Refused(refusal)) = outcomes[position] {
            group.refuse(&mut refusals, position, refusal);
        }
    }
    let mut new_refused: HashMap<PlatformPeriod, i64> = HashMap::new();
    if refusals.iter().len() > 0 {
        for of in store::refused::insert(tx, &refusals).await? {
            *new_refused.entry(of).or_default() += 1;
        }
    }
    let gains = group.gains(positions, outcomes);
    let mut receipts = store::period::lock_receipts(tx, months).await?;
    let mut now = Vec::new();
    for (of, receipt) in &mut receipts {
        let gain = gains.get(of);
        let refused = new_refused.get(of).copied().unwrap_or_default();
        if let Some(gain) = gain {
            receipt.merge(gain);
        }
        if gain.is_some() || refused > 0 {
            now.push((*of, *receipt, refused));
        }
    }
    if !now.is_empty() {
        store::period::update_receipts(tx, &now).await?;
    }
    Ok(receipts)
}
