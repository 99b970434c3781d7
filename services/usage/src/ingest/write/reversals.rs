//! What reversals name: where it may be, and what is taken back of it.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;

use super::error::WriteError;
use crate::{
    domain::{
        judge::Judge,
        key::{Place, PlatformNumber},
        record::Record,
    },
    ingest::{group::Group, memory::period_filters::PeriodFilters},
    store::{self, reversed::Taken},
    tuning::LOOKS_AT_ONCE,
};

/// The platforms whose records a group's reversals may name, in order.
pub fn platforms(group: &Group) -> Vec<PlatformNumber> {
    let named: BTreeSet<PlatformNumber> = group.named.iter().map(|named| named.platform).collect();
    named.into_iter().collect()
}

/// What stands of what a group's reversals name.
pub async fn find_named(
    tx: &mut PgConnection,
    group: &Group,
    filters: &PeriodFilters,
) -> Result<Vec<(Place, Record)>, WriteError> {
    let mut found = Vec::new();
    if group.named.is_empty() {
        return Ok(found);
    }
    let named: Vec<Place> = group.named.iter().copied().collect();
    let periods = store::period::list_progress(tx, &platforms(group)).await?;
    let names_at_once = (LOOKS_AT_ONCE / periods.len().max(1)).max(1);
    for some in named.chunks(names_at_once) {
        let places = filters.narrow(some, &periods);
        found.extend(store::record::find(tx, places).await?);
    }
    Ok(found)
}

/// Locks how much is taken back of each record that these may reverse, as far as anything ever was;
/// returns that.
pub async fn lock(
    tx: &mut PgConnection,
    group: &Group,
    judged: &[usize],
    judge: &mut Judge,
) -> Result<HashMap<Place, i64>, WriteError> {
    let mut targets = BTreeSet::new();
    for &position in judged {
        if let Some(id) = &group.record(position).reverses
            && let Some(place) = judge.reversed_fee(group.place(position), id, position)
        {
            targets.insert(place);
        }
    }
    if targets.is_empty() {
        return Ok(HashMap::new());
    }
    let taken = store::reversed::lock(tx, targets).await?;
    for &(place, reversed_fen) in &taken {
        judge.set_reversed(place, reversed_fen);
    }
    Ok(taken.into_iter().collect())
}

/// Saves what is taken back beyond `before`.
pub async fn save(
    tx: &mut PgConnection,
    judge: &Judge,
    before: &HashMap<Place, i64>,
) -> Result<(), WriteError> {
    let taken: Vec<Taken> = judge
        .reversed()
        .map(|(place, amount_fen, fen)| Taken {
            place,
            amount_fen,
            more_fen: fen - before.get(&place).copied().unwrap_or_default(),
        })
        .filter(|taken| taken.more_fen > 0)
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    // Somebody took back of a record that nobody had when this began.
    if store::reversed::add(tx, &taken).await? != taken.len() as u64 {
        return Err(WriteError::Raced);
    }
    Ok(())
}
