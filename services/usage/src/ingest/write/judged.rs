//! Judges and writes one after the other what needs a look at each: reversals that could not go
//! with the fees, and what was likely sent before.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gazelle_kernel::Period;
use sqlx::{PgConnection, PgPool};

use super::{
    error::WriteError,
    finish::{IfSealed, finish},
    outcome::Written,
    reversals,
    strategy::Attempts,
};
use crate::{
    domain::{
        judge::Judge,
        key::{Place, PlatformNumber, PlatformPeriod, RecordKey},
        refusal::Outcome,
        refused::Refusals,
        ruling::Ruling,
    },
    ingest::{group::Group, memory::period_filters::PeriodFilters},
    store::{self, TransactionKind, period::Gate, record::NewRecord},
    tuning::LOOKS_AT_ONCE,
};

/// What is to be judged, and what is known for it.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    pub group: &'a Group,
    /// What became of the fees that were written at once.
    pub fees: &'a [Option<Outcome>],
    /// Positions of records, each with another period that may hold the same id.
    pub elsewhere: &'a [(usize, Period)],
    pub filters: &'a PeriodFilters,
    pub attempts: &'a Attempts,
}

impl Judged<'_> {
    /// Judges and writes it.
    pub async fn write(self, pool: &PgPool) -> Result<Written, WriteError> {
        let group = self.group;
        let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
        let mut judge = Judge::default();
        let (positions, all_open) = self.hold(&mut tx, &mut judge).await?;
        self.let_named_stand(&mut tx, &mut judge).await?;
        // Otherwise all are taken for new, and nothing for taken back, until one can't be accepted
        // or it turns out at the end that one stood, or too little is left.
        let looks = self.attempts.looks_at_judged(all_open);
        let mut taken = HashMap::new();
        if looks {
            taken = reversals::lock(&mut tx, group, &positions, &mut judge).await?;
            // Only now: whoever reversed one of these records a moment ago has committed.
            self.let_own_stand(&mut tx, &positions, &mut judge).await?;
        }

        let mut outcomes = vec![None; group.len()];
        let mut refusals = Refusals::default();
        let mut new = Vec::new();
        for &position in &positions {
            self.look_elsewhere(&mut judge, position);
            let ruling = judge.judge(position, group.place(position), &group.record(position));
            outcomes[position] = Some(ruling.outcome());
            match ruling {
                Ruling::Accepted(accepted) => new.push(group.new_record(position, accepted)),
                Ruling::Refused(_) if !looks => return Err(WriteError::Raced),
                Ruling::Refused(refusal) => group.refuse(&mut refusals, position, refusal),
                Ruling::Duplicate => {}
            }
        }

        reversals::save(&mut tx, &judge, &taken).await?;
        insert(&mut tx, new).await?;
        let periods = self.periods(&positions);
        finish(tx, group, &periods, outcomes, &refusals, IfSealed::Passes).await
    }

    fn periods(self, positions: &[usize]) -> Vec<PlatformPeriod> {
        let places = positions.iter().map(|&position| self.group.place(position));
        let periods: BTreeSet<_> = places.map(Place::platform_period).collect();
        periods.into_iter().collect()
    }

    /// Holds the periods open, and then all that reversals may name, so that sealing does not take
    /// it out meanwhile. Returns the positions to be judged, not those of what is busy; and whether
    /// all periods are open.
    async fn hold(
        self,
        tx: &mut PgConnection,
        judge: &mut Judge,
    ) -> Result<(Vec<usize>, bool), WriteError> {
        let group = self.group;
        let wait = !self.attempts.pass_busy;
        let periods = self.periods(&group.plan.judged);
        let gates = store::period::hold_open(tx, &periods, wait).await?;
        for (&period, &gate) in &gates {
            judge.set_open(period, gate == Gate::Open);
        }
        let platforms = reversals::platforms(group);
        let held = if platforms.is_empty() {
            Vec::new()
        } else {
            store::number::hold_reversals(tx, &platforms, wait).await?
        };
        let all = group.plan.judged.iter().copied();
        let positions = all.filter(|&position| {
            let period = group.place(position).platform_period();
            let is_held = !group.is_reversal(position) || held.contains(&period.platform);
            gates[&period] != Gate::Busy && is_held
        });
        let all_open = gates.values().all(|gate| *gate == Gate::Open);
        Ok((positions.collect(), all_open))
    }

    /// What reversals name; what this group brought itself stands since its position.
    async fn let_named_stand(
        self,
        tx: &mut PgConnection,
        judge: &mut Judge,
    ) -> Result<(), WriteError> {
        for (place, record) in reversals::find_named(tx, self.group, self.filters).await? {
            let own = self.group.find_fee(place);
            let since = own.filter(|at| self.fees[*at] == Some(Outcome::Accepted));
            judge.let_stand(place, &record, since);
        }
        Ok(())
    }

    /// Whether what was judged before holds the id of a record for another period.
    fn look_elsewhere(self, judge: &mut Judge, position: usize) {
        let place = self.group.place(position);
        if !self.elsewhere.is_empty()
            && let Some(period) = judge.find_elsewhere(place)
        {
            judge.set_elsewhere(place, period);
        }
    }

    /// What stands where these belong, and what other periods hold of their ids.
    async fn let_own_stand(
        self,
        tx: &mut PgConnection,
        positions: &[usize],
        judge: &mut Judge,
    ) -> Result<(), WriteError> {
        let places = positions.iter().map(|&position| self.group.place(position));
        for (place, record) in store::record::find(tx, places).await? {
            judge.let_stand(place, &record, None);
        }
        for (place, period) in find_elsewhere(tx, self.group, self.elsewhere).await? {
            judge.set_elsewhere(place, period);
        }
        Ok(())
    }
}

/// Inserts what was accepted, in the order of the places.
async fn insert(tx: &mut PgConnection, mut new: Vec<NewRecord<'_>>) -> Result<(), WriteError> {
    new.sort_unstable_by_key(|new| new.place);
    if store::record::insert(tx, &new).await?.len() != new.len() {
        return Err(WriteError::Raced);
    }
    Ok(())
}

/// The places of a group's records whose ids another period holds, each with that period. What
/// came lately names suspects, and the database tells; an id that was forgotten is found when a
/// period is sealed.
async fn find_elsewhere(
    tx: &mut PgConnection,
    group: &Group,
    elsewhere: &[(usize, Period)],
) -> Result<HashMap<Place, Period>, WriteError> {
    let mut held = HashMap::new();
    if elsewhere.is_empty() {
        return Ok(held);
    }
    let mut suspects: BTreeMap<PlatformNumber, Vec<(RecordKey, Period)>> = BTreeMap::new();
    for &(position, period) in elsewhere {
        let place = group.place(position);
        let of_platform = suspects.entry(place.platform).or_default();
        of_platform.push((place.key, period));
    }
    let mut found = HashSet::new();
    for (platform, suspects) in suspects {
        for some in suspects.chunks(LOOKS_AT_ONCE) {
            let holding = store::claim::find_held(tx, platform, some).await?;
            found.extend(
                holding
                    .into_iter()
                    .map(|(key, period)| (platform, key, period)),
            );
        }
    }
    for &(position, period) in elsewhere {
        let place = group.place(position);
        if found.contains(&(place.platform, place.key, period)) {
            held.insert(place, period);
        }
    }
    Ok(held)
}
