//! Writes what comes first of each place where that is a fee: nearly everything.

use std::collections::{HashMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::{
    group::{Group, Written, month},
    retry::{Attempts, Method},
};
use crate::{
    domain::{Accepted, Outcome, Place, PlatformPeriod, Record, Refusals, Run, settle},
    store::{
        self, Patience, StoreError,
        period::{Gate, Holding},
        record::NewRecord,
    },
};

/// Writes the fees of a group, and what is malformed in it.
pub async fn write(
    pool: &PgPool,
    group: &Group,
    attempts: &Attempts,
) -> Result<Written, StoreError> {
    let mut tx = pool.begin().await?;
    store::bound_waits(&mut tx, Patience::Short).await?;
    let gates = store::period::hold_open(&mut tx, &group.months, !attempts.pass_busy).await?;
    let place = |run: &Run<'_>| group.entries[run.first].place;
    // Nearly always all of them are open, which saves a look for every record.
    let all_open = gates.values().all(|gate| *gate == Gate::Open);
    let gate = |run: &Run<'_>| {
        if all_open {
            Gate::Open
        } else {
            gates[&month(place(run))]
        }
    };
    let runs: Vec<Run<'_>> = group
        .plan
        .runs()
        .filter(|run| gate(run) != Gate::Busy)
        .collect();
    let (open, shut): (Vec<Run<'_>>, Vec<Run<'_>>) =
        runs.iter().partition(|run| gate(run) == Gate::Open);

    let held = match attempts.method {
        Method::Copy => {
            store::record::copy(&mut tx, new(group, &open)).await?;
            find(&mut tx, shut.iter().map(place)).await?
        }
        Method::LookThenCopy => {
            let held = find(&mut tx, runs.iter().map(place)).await?;
            let free: Vec<Run<'_>> = open
                .iter()
                .filter(|run| !held.contains_key(&place(run)))
                .copied()
                .collect();
            store::record::copy(&mut tx, new(group, &free)).await?;
            held
        }
        Method::OneByOne => {
            let taken = insert(&mut tx, group, &open).await?;
            let wanted = taken.iter().copied().chain(shut.iter().map(place));
            let held = find(&mut tx, wanted).await?;
            if taken.iter().any(|place| !held.contains_key(place)) {
                return Err(StoreError::Raced);
            }
            held
        }
    };

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
    let holdings = finish(
        &mut tx,
        group,
        &months,
        0..outcomes.len(),
        &outcomes,
        refusals,
    )
    .await?;
    tx.commit().await?;
    Ok(Written { outcomes, holdings })
}

/// The first record of each place.
fn new<'a>(group: &'a Group, runs: &'a [Run<'_>]) -> impl ExactSizeIterator<Item = NewRecord<'a>> {
    runs.iter().map(|run| {
        let entry = &group.entries[run.first];
        NewRecord {
            entry,
            fee_kind: group.fee_kinds[run.first],
            accepted: Accepted {
                fee_date: entry.record.occurred_on,
                reverses: None,
            },
        }
    })
}

/// Inserts the first record of each place where none is; returns the places that were taken.
async fn insert(
    tx: &mut PgConnection,
    group: &Group,
    runs: &[Run<'_>],
) -> Result<HashSet<Place>, StoreError> {
    let new: Vec<NewRecord<'_>> = new(group, runs).collect();
    let mut taken: HashSet<Place> = new.iter().map(|new| new.entry.place).collect();
    for place in store::record::insert(tx, &new).await? {
        taken.remove(&place);
    }
    Ok(taken)
}

/// What stands at these places.
pub async fn find(
    tx: &mut PgConnection,
    places: impl IntoIterator<Item = Place>,
) -> Result<HashMap<Place, Record>, StoreError> {
    let places: Vec<Place> = places.into_iter().collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::record::find(tx, places).await?.into_iter().collect())
}

/// Writes down what was refused, and what is now held of these months; the latter last, since
/// the other writers wait for it.
pub async fn finish(
    tx: &mut PgConnection,
    group: &Group,
    months: &[PlatformPeriod],
    positions: impl Iterator<Item = usize> + Clone,
    outcomes: &[Option<Outcome>],
    mut refusals: Refusals,
) -> Result<HashMap<PlatformPeriod, Holding>, StoreError> {
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
    let mut holdings = store::period::lock_holdings(tx, months).await?;
    let mut now = Vec::new();
    for (of, holding) in &mut holdings {
        let gain = gains.get(of);
        let refused = new_refused.get(of).copied().unwrap_or_default();
        if let Some(gain) = gain {
            holding.receipt.merge(gain);
            holding.revision += 1;
        }
        if gain.is_some() || refused > 0 {
            now.push((*of, *holding, refused));
        }
    }
    if !now.is_empty() {
        store::period::update_holdings(tx, &now).await?;
    }
    Ok(holdings)
}
