//! Judges and writes one after the other what needs a look at each: reversals, and what was likely
//! sent before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::{PgConnection, PgPool};

use super::{
    fees::{Changes, Sealed, finish},
    group::{Group, Written, month},
    reach::Reach,
    retry::{Attempts, Method},
};
use crate::{
    domain::{
        Accepted, Book, Outcome, Place, PlatformNumber, PlatformPeriod, Record, Refusals, Ruling,
        Standing,
    },
    store::{self, Patience, StoreError, period::Gate, reversed::Taken},
};

/// Places that are looked into with one statement.
const LOOKS_AT_ONCE: usize = 50_000;

/// Judges and writes what of a group is judged one by one.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    pub group: &'a Group,
    /// What became of the rest of it.
    pub fees: &'a [Option<Outcome>],
    pub reach: &'a Reach,
    pub attempts: &'a Attempts,
}

impl Judge<'_> {
    pub async fn write(self, pool: &PgPool) -> Result<Written, StoreError> {
        let group = self.group;
        let mut tx = pool.begin_with(Patience::Short.begin()).await?;
        let mut book = Book::default();
        let (slow, all_open) = self.hold(&mut tx, &mut book).await?;
        let named: Vec<Place> = group.named.iter().copied().collect();
        for (place, record) in find_named(&mut tx, &named, self.reach).await? {
            // What this group brought itself stands since its position.
            let own = group.find_fee(place);
            let since = own.filter(|at| self.fees[*at] == Some(Outcome::Accepted));
            book.enter(place, Standing { record, since });
        }
        let mut taken = BTreeMap::new();
        // Otherwise all are taken for new, and nothing for taken back, until one can't be accepted
        // or it turns out at the end that one stood, or too little is left.
        let looks = self.attempts.method != Method::Copy || !all_open;
        if looks {
            taken = lock_reversed(&mut tx, group, &slow, &mut book).await?;
            // Only now: whoever reversed one of these records a moment ago has committed.
            let places = slow.iter().map(|&position| group.place(position));
            for (place, record) in store::record::find(&mut tx, places).await? {
                let since = None;
                book.enter(place, Standing { record, since });
            }
        }

        let mut outcomes = vec![None; group.len()];
        let mut refusals = Refusals::default();
        let mut new = Vec::new();
        for &position in &slow {
            let ruling = book.judge(position, group.place(position), &group.record(position));
            outcomes[position] = Some(ruling.outcome());
            match ruling {
                Ruling::Accepted(accepted) => new.push(group.new_record(position, accepted)),
                Ruling::Refused(_) if !looks => return Err(StoreError::Raced),
                Ruling::Refused(refusal) => group.refuse(&mut refusals, position, refusal),
                Ruling::Duplicate => {}
            }
        }

        new.sort_unstable_by_key(|new| new.place);
        save_reversed(&mut tx, &book, &taken).await?;
        if store::record::insert(&mut tx, &new).await?.len() != new.len() {
            return Err(StoreError::Raced);
        }
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
    /// out meanwhile. Returns the positions to be judged, not those of what is busy; and whether all
    /// months are open.
    async fn hold(
        self,
        tx: &mut PgConnection,
        book: &mut Book,
    ) -> Result<(Vec<usize>, bool), StoreError> {
        let group = self.group;
        let wait = !self.attempts.pass_busy;
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
        let slow = judged
            .filter(|&position| {
                let of = month(group.place(position));
                let is_held = !group.is_reversal(position) || held.contains(&of.0);
                gates[&of] != Gate::Busy && is_held
            })
            .collect();
        let all_open = gates.values().all(|gate| *gate == Gate::Open);
        Ok((slow, all_open))
    }
}

/// Judges the reversals of a group whose fees are about to be copied, taking all of it for new,
/// and saves what they take back. Returns with what each is accepted; nothing where there is none,
/// or one can't be accepted. No group that came before and is not written yet may
/// [touch](Group::touches) what they name.
pub async fn accept_all(
    tx: &mut PgConnection,
    group: &Group,
    reach: &Reach,
) -> Result<Option<HashMap<usize, Accepted>>, StoreError> {
    let slow = &group.plan.slow;
    if slow.is_empty() || slow.iter().any(|at| !group.is_reversal(*at)) {
        return Ok(None);
    }
    let mut book = Book::default();
    // With nothing locked before, and without waiting: sealing locks in the same order.
    let gates = store::period::hold_open(tx, &group.months, false).await?;
    if gates.values().any(|gate| *gate != Gate::Open) {
        return Ok(None);
    }
    for &(platform, period) in &group.months {
        book.enter_period(platform, period, true);
    }
    let platforms: BTreeSet<PlatformNumber> =
        slow.iter().map(|at| group.place(*at).platform).collect();
    let platforms: Vec<PlatformNumber> = platforms.into_iter().collect();
    if store::name::hold_reversals(tx, &platforms, false)
        .await?
        .len()
        != platforms.len()
    {
        return Ok(None);
    }
    for place in group.named.iter().flat_map(|named| group.places_of(*named)) {
        if let Some(at) = group.find_fee(place) {
            let (record, since) = (group.record(at), Some(at));
            book.enter(place, Standing { record, since });
        }
    }
    let named: Vec<Place> = group.named.iter().copied().collect();
    for (place, record) in find_named(tx, &named, reach).await? {
        let since = None;
        book.enter(place, Standing { record, since });
    }
    let mut all = HashMap::with_capacity(slow.len());
    for &position in slow {
        match book.judge(position, group.place(position), &group.record(position)) {
            Ruling::Accepted(accepted) => all.insert(position, accepted),
            Ruling::Duplicate | Ruling::Refused(_) => return Ok(None),
        };
    }
    save_reversed(tx, &book, &BTreeMap::new()).await?;
    Ok(Some(all))
}

/// What stands of what the reversals name.
async fn find_named(
    tx: &mut PgConnection,
    named: &[Place],
    reach: &Reach,
) -> Result<Vec<(Place, Record)>, StoreError> {
    let mut found = Vec::new();
    if named.is_empty() {
        return Ok(found);
    }
    let mut platforms: Vec<PlatformNumber> = named.iter().map(|place| place.platform).collect();
    platforms.dedup();
    let months = store::period::list_progress(tx, &platforms).await?;
    let names_at_once = (LOOKS_AT_ONCE / months.len().max(1)).max(1);
    for some in named.chunks(names_at_once) {
        let places = reach.narrow(some, &months);
        found.extend(store::record::find(tx, places).await?);
    }
    Ok(found)
}

/// Locks how much is taken back of each record that may be reversed, as far as anything ever was;
/// returns that.
async fn lock_reversed(
    tx: &mut PgConnection,
    group: &Group,
    slow: &[usize],
    book: &mut Book,
) -> Result<BTreeMap<Place, i64>, StoreError> {
    let mut targets = BTreeSet::new();
    for &position in slow {
        if let Some(id) = &group.record(position).reverses
            && let Some((place, record)) = book.target(group.place(position), id, position)
            && record.reverses.is_none()
        {
            targets.insert(place);
        }
    }
    if targets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let taken = store::reversed::lock(tx, targets).await?;
    for &(place, reversed_fen) in &taken {
        book.enter_reversed(place, reversed_fen);
    }
    Ok(taken.into_iter().collect())
}

/// Saves what is taken back beyond `before`.
async fn save_reversed(
    tx: &mut PgConnection,
    book: &Book,
    before: &BTreeMap<Place, i64>,
) -> Result<(), StoreError> {
    let taken: Vec<Taken> = book
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
        return Err(StoreError::Raced);
    }
    Ok(())
}
