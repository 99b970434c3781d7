//! Judges and writes one after the other what needs a look at each: reversals, and what was likely
//! sent before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::{
    fees::{Changes, Sealed, finish},
    group::{Group, Written, month},
    retry::Attempts,
};
use crate::{
    domain::{
        Book, Outcome, Place, PlatformNumber, PlatformPeriod, RecordKey, Refusals, Ruling, Standing,
    },
    store::{self, Patience, StoreError, period::Gate},
};

/// Judges and writes what of a group is judged one by one; `fees` is what became of the rest.
pub async fn write(
    pool: &PgPool,
    group: &Group,
    fees: &[Option<Outcome>],
    attempts: &Attempts,
) -> Result<Written, StoreError> {
    let mut tx = pool.begin_with(Patience::Short.begin()).await?;
    let mut book = Book::default();
    let slow = hold(&mut tx, group, &mut book, !attempts.pass_busy).await?;
    load_named(&mut tx, group, &slow, fees, &mut book).await?;
    let locked = lock_reversed(&mut tx, group, &slow, &mut book).await?;
    // Only now: whoever reversed one of these records a moment ago has committed.
    let places = slow.iter().map(|&position| group.place(position));
    for (place, record) in store::record::find(&mut tx, places).await? {
        book.enter(
            place,
            Standing {
                record,
                since: None,
            },
        );
    }

    let mut outcomes = vec![None; group.len()];
    let mut refusals = Refusals::default();
    let mut new = Vec::new();
    for &position in &slow {
        let ruling = book.judge(position, group.place(position), &group.record(position));
        outcomes[position] = Some(ruling.outcome());
        match ruling {
            Ruling::Accepted(accepted) => new.push(group.new_record(position, accepted)),
            Ruling::Refused(refusal) => group.refuse(&mut refusals, position, refusal),
            Ruling::Duplicate => {}
        }
    }

    new.sort_unstable_by_key(|new| new.place);
    if store::record::insert(&mut tx, &new).await?.len() != new.len() {
        return Err(StoreError::Raced);
    }
    save_reversed(&mut tx, &book, &locked).await?;
    let months: BTreeSet<PlatformPeriod> = slow
        .iter()
        .map(|&position| month(group.place(position)))
        .collect();
    let months: Vec<PlatformPeriod> = months.into_iter().collect();
    let gains = group.gains(&slow, &outcomes);
    let changes = Changes { gains, refusals };
    let holdings = finish(&mut tx, &months, changes, Sealed::Passes).await?;
    tx.commit().await?;
    Ok(Written { outcomes, holdings })
}

/// Holds the months open, and then all that reversals may name, so that sealing does not take it
/// out meanwhile. Returns the positions to be judged; not those of what is busy.
async fn hold(
    tx: &mut PgConnection,
    group: &Group,
    book: &mut Book,
    wait: bool,
) -> Result<Vec<usize>, StoreError> {
    let (mut months, mut platforms) = (BTreeSet::new(), BTreeSet::new());
    for &position in &group.plan.slow {
        let (platform, period) = month(group.place(position));
        months.insert((platform, period));
        if group.is_reversal(position) {
            platforms.insert(platform);
        }
    }
    let months: Vec<PlatformPeriod> = months.into_iter().collect();
    let gates = store::period::hold_open(tx, &months, wait).await?;
    for (&(platform, period), &gate) in &gates {
        book.enter_period(platform, period, gate == Gate::Open);
    }
    let platforms: Vec<PlatformNumber> = platforms.into_iter().collect();
    let held = if platforms.is_empty() {
        Vec::new()
    } else {
        store::name::hold_reversals(tx, &platforms, wait).await?
    };
    let judged = group.plan.slow.iter().copied();
    Ok(judged
        .filter(|&position| {
            let of = month(group.place(position));
            let is_held = !group.is_reversal(position) || held.contains(&of.0);
            gates[&of] != Gate::Busy && is_held
        })
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
            let key = RecordKey::of(group.record(position).reverses?.as_str());
            Some(Place {
                key,
                ..group.place(position)
            })
        })
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let keys: HashSet<RecordKey> = named.iter().map(|place| place.key).collect();
    let since: HashMap<Place, usize> = group
        .plan
        .runs()
        .filter(|run| fees[run.first] == Some(Outcome::Accepted))
        .map(|run| (group.place(run.first), run.first))
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
        if let Some(id) = &group.record(position).reverses
            && let Some((place, record)) = book.target(group.place(position), id, position)
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
