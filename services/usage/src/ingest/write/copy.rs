//! The quickest way: copies everything, taking it for new and its periods for open.
//!
//! The database objects where a place is taken; whether a period is sealed shows at the end, which
//! costs nothing, since its receipt is locked then anyway. Reversals go with the fees where all can
//! be accepted now.

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool};

use super::{
    error::WriteError,
    finish::{IfSealed, finish},
    outcome::Written,
    reversals,
};
use crate::{
    domain::{
        judge::Judge,
        plan::{Found, decide},
        refusal::Outcome,
        ruling::{Accepted, Ruling},
    },
    ingest::{group::Group, memory::period_filters::PeriodFilters},
    store::{self, TransactionKind, copy_in::NewRow, copy_row, period::Gate},
};

/// Writes the fees of a group, and what is malformed in it; with `filters` the reversals too, if
/// all can be accepted now.
pub async fn write(
    pool: &PgPool,
    group: &Group,
    filters: Option<&PeriodFilters>,
) -> Result<Written, WriteError> {
    let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
    let accepted = match filters {
        Some(filters) => accept_reversals(&mut tx, group, filters).await?,
        None => None,
    };
    let mut outcomes = vec![None; group.len()];
    if let Some(accepted) = accepted {
        for position in accepted.keys() {
            outcomes[*position] = Some(Outcome::Accepted);
        }
        let row = |position| match accepted.get(&position) {
            Some(accepted) => group.row_with(position, accepted),
            None => group.row(position),
        };
        let rows: Vec<NewRow<'_>> = group.plan.firsts().map(row).collect();
        store::copy_in::copy(&mut tx, copy_row::COPY_ALL, &rows).await?;
    } else {
        let fees = group.plan.at_once();
        let rows: Vec<NewRow<'_>> = fees.map(|same| group.row(same.first)).collect();
        store::copy_in::copy(&mut tx, copy_row::COPY_FEES, &rows).await?;
    }
    for same in group.plan.at_once() {
        let is_same = |at| group.is_same(at, same.first);
        decide(same, Found::Nothing, is_same, &mut outcomes);
    }
    let periods = &group.periods;
    let refusals = group.refusals(periods, &outcomes);
    finish(tx, group, periods, outcomes, &refusals, IfSealed::Fails).await
}

/// Judges the reversals of a group, taking all of it for new, and saves what they take back.
/// Returns with what each is accepted; nothing where there is none, or one can't be accepted. No
/// group that came before and is not written yet may [touch](Group::touches) what they name.
async fn accept_reversals(
    tx: &mut PgConnection,
    group: &Group,
    filters: &PeriodFilters,
) -> Result<Option<HashMap<usize, Accepted>>, WriteError> {
    let reversals = &group.plan.judged;
    if reversals.is_empty()
        || !group.plan.elsewhere.is_empty()
        || reversals.iter().any(|at| !group.is_reversal(*at))
    {
        return Ok(None);
    }
    // With nothing locked before, and without waiting: sealing locks in the same order.
    let gates = store::period::hold_open(tx, &group.periods, false).await?;
    if gates.values().any(|gate| *gate != Gate::Open) {
        return Ok(None);
    }
    let platforms = reversals::platforms(group);
    if store::number::hold_reversals(tx, &platforms, false)
        .await?
        .len()
        != platforms.len()
    {
        return Ok(None);
    }
    let mut judge = judge_of(group);
    for (place, record) in reversals::find_named(tx, group, filters).await? {
        judge.let_stand(place, &record, None);
    }
    let mut all = HashMap::with_capacity(reversals.len());
    for &position in reversals {
        match judge.judge(position, group.place(position), &group.record(position)) {
            Ruling::Accepted(accepted) => all.insert(position, accepted),
            Ruling::Duplicate | Ruling::Refused(_) => return Ok(None),
        };
    }
    reversals::save(tx, &judge, &HashMap::new()).await?;
    Ok(Some(all))
}

/// A judge for whom the group's periods are open, and its own fees stand, as far as its reversals
/// name them.
fn judge_of(group: &Group) -> Judge {
    let mut judge = Judge::default();
    for period in &group.periods {
        judge.set_open(*period, true);
    }
    for place in group.named.iter().flat_map(|named| group.places_of(*named)) {
        if let Some(at) = group.find_fee(place) {
            judge.let_stand(place, &group.record(at), Some(at));
        }
    }
    judge
}
