//! Writes all records of a group that need no look at each: nearly everything. And with them, where
//! nothing speaks against it, the reversals.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::{
    group::{Group, Written, month},
    reach::Reach,
    retry::{Attempts, Method},
    reversals,
};
use crate::{
    domain::{Found, Outcome, Place, PlatformPeriod, Receipt, Record, Refusals, Run, settle},
    store::{
        self, Patience, StoreError,
        period::{Gate, Holding},
        record::{NewRecord, NewRow},
        row,
    },
};

/// Writes the fees of a group, and what is malformed in it; with a `reach` the reversals too, if
/// all can be accepted now.
pub async fn write(
    pool: &PgPool,
    group: &Group,
    reach: Option<&Reach>,
    attempts: &Attempts,
) -> Result<Written, StoreError> {
    match attempts.method {
        Method::Copy => copy_all(pool, group, reach).await,
        Method::LookThenCopy | Method::OneByOne => look_and_write(pool, group, attempts).await,
    }
}

/// Copies everything, taking it for new and its periods for open; sees at the end whether they
/// are, which costs nothing, since their receipts are locked then anyway.
async fn copy_all(
    pool: &PgPool,
    group: &Group,
    reach: Option<&Reach>,
) -> Result<Written, StoreError> {
    let mut tx = pool.begin_with(Patience::Short.begin()).await?;
    let mut outcomes = vec![None; group.len()];
    let mut gains = BTreeMap::new();
    let accepted = match reach {
        Some(reach) => reversals::accept_all(&mut tx, group, reach).await?,
        None => None,
    };
    if let Some(accepted) = accepted {
        for position in accepted.keys() {
            outcomes[*position] = Some(Outcome::Accepted);
        }
        gains = group.gains(&group.plan.slow, &outcomes);
        let row = |position| match accepted.get(&position) {
            Some(accepted) => group.row_with(position, accepted),
            None => group.row(position),
        };
        let rows: Vec<NewRow<'_>> = group.plan.firsts().map(row).collect();
        store::record::copy(&mut tx, row::COPY_ALL, &rows).await?;
    } else {
        let runs = group.plan.runs();
        let rows: Vec<NewRow<'_>> = runs.map(|run| group.row(run.first)).collect();
        store::record::copy(&mut tx, row::COPY_FEES, &rows).await?;
    }
    for run in group.plan.runs() {
        let is_same = |at| group.is_same(at, run.first);
        settle(run, Found::Nothing, is_same, &mut outcomes);
    }
    let mut refusals = Refusals::default();
    group.refuse_malformed(&mut refusals, &group.months);
    refuse_fees(group, &outcomes, &mut refusals);
    for (of, gain) in group.gains_by_fees(&outcomes) {
        gains.entry(of).or_default().merge(&gain);
    }
    let changes = Changes { gains, refusals };
    let holdings = finish(&mut tx, &group.months, changes, Sealed::Fails).await?;
    tx.commit().await?;
    Ok(Written { outcomes, holdings })
}

/// Holds the periods open and looks what stands, before anything is written.
async fn look_and_write(
    pool: &PgPool,
    group: &Group,
    attempts: &Attempts,
) -> Result<Written, StoreError> {
    let mut tx = pool.begin_with(Patience::Short.begin()).await?;
    let gates = store::period::hold_open(&mut tx, &group.months, !attempts.pass_busy).await?;
    let gate = |run: &Run<'_>| gates[&month(group.place(run.first))];
    let runs: Vec<Run<'_>> = group
        .plan
        .runs()
        .filter(|run| gate(run) != Gate::Busy)
        .collect();
    let is_open = |run: &&Run<'_>| gate(run) == Gate::Open;
    let new = |run: &Run<'_>| group.new_fee(run.first);
    let is_new = if attempts.method == Method::OneByOne {
        let open: Vec<NewRecord<'_>> = runs.iter().filter(is_open).map(new).collect();
        let inserted = store::record::insert(&mut tx, &open).await?;
        Some(inserted.into_iter().collect::<HashSet<Place>>())
    } else {
        None
    };
    let is_inserted = |run: &Run<'_>| {
        let inserted = is_new.as_ref();
        inserted.is_some_and(|places| places.contains(&group.place(run.first)))
    };
    let standing = stand_already(&mut tx, group, &runs).await?;

    let mut outcomes = vec![None; group.len()];
    let mut free = Vec::new();
    for (run, standing) in runs.iter().zip(&standing) {
        let found = match standing {
            Some(_) if !is_inserted(run) => Found::Record,
            _ if gate(run) == Gate::Open => Found::Nothing,
            _ => Found::Shut,
        };
        if found == Found::Nothing {
            free.push(run.first);
        }
        let is_same = |at| match standing {
            Some(Stands::Other(record)) => group.record(at) == *record,
            Some(Stands::Same) | None => at == run.first || group.is_same(at, run.first),
        };
        settle(*run, found, is_same, &mut outcomes);
    }
    match is_new {
        None => {
            let rows: Vec<NewRow<'_>> = free.iter().map(|at| group.row(*at)).collect();
            store::record::copy(&mut tx, row::COPY_FEES, &rows).await?;
        }
        // Somebody else's was in the way, and is not seen yet, or not any more.
        Some(inserted) if inserted.len() != free.len() => return Err(StoreError::Raced),
        Some(_) => {}
    }
    let months: Vec<PlatformPeriod> = group
        .months
        .iter()
        .filter(|of| gates[of] != Gate::Busy)
        .copied()
        .collect();
    let mut refusals = Refusals::default();
    group.refuse_malformed(&mut refusals, &months);
    refuse_fees(group, &outcomes, &mut refusals);
    let gains = group.gains_by_fees(&outcomes);
    let changes = Changes { gains, refusals };
    let holdings = finish(&mut tx, &months, changes, Sealed::Passes).await?;
    tx.commit().await?;
    Ok(Written { outcomes, holdings })
}

/// What stands at a fee's place.
#[derive(Debug, Clone)]
enum Stands {
    /// The same.
    Same,
    /// A record of other content.
    Other(Record),
}

/// What stands at the place of each run.
async fn stand_already(
    tx: &mut PgConnection,
    group: &Group,
    runs: &[Run<'_>],
) -> Result<Vec<Option<Stands>>, StoreError> {
    let fees: Vec<NewRecord<'_>> = runs.iter().map(|run| group.new_fee(run.first)).collect();
    let standing = store::record::compare(tx, &fees).await?;
    let mut stands = vec![None; runs.len()];
    for same in standing.same {
        stands[same] = Some(Stands::Same);
    }
    if !standing.other.is_empty() {
        let places = standing.other.iter().map(|other| fees[*other].place);
        let records = store::record::find(tx, places).await?;
        let mut records: HashMap<Place, Record> = records.into_iter().collect();
        for other in standing.other {
            stands[other] = records.remove(&fees[other].place).map(Stands::Other);
        }
    }
    Ok(stands)
}

fn refuse_fees(group: &Group, outcomes: &[Option<Outcome>], refusals: &mut Refusals) {
    for (position, outcome) in outcomes.iter().enumerate() {
        if let Some(Outcome::Refused(refusal)) = outcome {
            group.refuse(refusals, position, *refusal);
        }
    }
}

/// What a transaction changes beside the records.
#[derive(Debug)]
pub struct Changes {
    /// What each month gains.
    pub gains: BTreeMap<PlatformPeriod, Receipt>,
    /// What is to be written down as refused.
    pub refusals: Refusals,
}

/// What comes of a period that turns out to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// It was known and gains nothing.
    Passes,
    /// It was taken for open: the transaction fails.
    Fails,
}

/// Writes down what was refused, and what is now held of these months; the latter last, since
/// the other writers wait for it.
pub async fn finish(
    tx: &mut PgConnection,
    months: &[PlatformPeriod],
    Changes { gains, refusals }: Changes,
    sealed: Sealed,
) -> Result<HashMap<PlatformPeriod, Holding>, StoreError> {
    let mut new_refused: HashMap<PlatformPeriod, i64> = HashMap::new();
    if refusals.iter().len() > 0 {
        for of in store::refused::insert(tx, &refusals).await? {
            *new_refused.entry(of).or_default() += 1;
        }
    }
    let mut holdings = HashMap::new();
    let mut now = Vec::new();
    for (of, (mut holding, is_sealed)) in store::period::lock_holdings(tx, months).await? {
        if is_sealed && sealed == Sealed::Fails {
            return Err(StoreError::Sealed);
        }
        let gain = gains.get(&of);
        let refused = new_refused.get(&of).copied().unwrap_or_default();
        if let Some(gain) = gain {
            holding.receipt.merge(gain);
            holding.revision += 1;
        }
        if gain.is_some() || refused > 0 {
            now.push((of, holding, refused));
        }
        holdings.insert(of, holding);
    }
    if !now.is_empty() {
        store::period::update_holdings(tx, &now).await?;
    }
    Ok(holdings)
}
