//! Writes what comes first of each place where that is a fee: nearly everything.

use std::collections::{HashMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::{
    group::{Group, Written, month},
    retry::Attempts,
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
    let gate = |run: &Run<'_>| gates[&month(place(run))];
    let runs: Vec<Run<'_>> = group
        .plan
        .runs()
        .filter(|run| gate(run) != Gate::Busy)
        .collect();
    let (open, shut): (Vec<Run<'_>>, Vec<Run<'_>>) =
        runs.iter().partition(|run| gate(run) == Gate::Open);

    let taken = insert(&mut tx, group, &open, attempts).await?;
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

/// Inserts the first record of each place; returns the places that were taken already. Row by row
/// it finds those; otherwise it fails where there is one.
async fn insert(
    tx: &mut PgConnection,
    group: &Group,
    runs: &[Run<'_>],
    attempts: &Attempts,
) -> Result<HashSet<Place>, StoreError> {
    let new = runs.iter().map(|run| {
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
    });
    let mut taken = HashSet::new();
    if attempts.one_by_one {
        let new: Vec<NewRecord<'_>> = new.collect();
        taken.extend(new.iter().map(|new| new.entry.place));
        for place in store::record::insert(tx, &new).await? {
            taken.remove(&place);
        }
    } else if !runs.is_empty() {
        store::record::copy(tx, new).await?;
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
