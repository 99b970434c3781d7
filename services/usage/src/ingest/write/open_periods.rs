//! What is looked at before fees are written otherwise than by copying all: which periods are open,
//! and what stands.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::{error::WriteError, strategy::Attempts};
use crate::{
    domain::{
        key::{Place, PlatformPeriod},
        plan::{Found, SamePlace, decide},
        record::Record,
        refusal::Outcome,
    },
    ingest::group::Group,
    store::{self, period::Gate, record::NewRecord},
};

/// Periods that are held open, or found sealed or busy.
#[derive(Debug)]
pub struct OpenPeriods<'a> {
    group: &'a Group,
    gates: HashMap<PlatformPeriod, Gate>,
    /// The places of the group that are not of busy periods, in order.
    pub places: Vec<SamePlace<'a>>,
}

impl<'a> OpenPeriods<'a> {
    /// Holds the periods of a group open, until the transaction ends.
    pub async fn hold(
        tx: &mut PgConnection,
        group: &'a Group,
        attempts: &Attempts,
    ) -> Result<Self, WriteError> {
        let gates = store::period::hold_open(tx, &group.periods, !attempts.pass_busy).await?;
        let gate = |same: &SamePlace<'_>| gates[&group.place(same.first).platform_period()];
        let places = group.plan.at_once().filter(|same| gate(same) != Gate::Busy);
        Ok(Self {
            places: places.collect(),
            group,
            gates,
        })
    }

    /// The periods that are not busy, in order.
    pub fn periods(&self) -> Vec<PlatformPeriod> {
        let all = self.group.periods.iter().copied();
        all.filter(|period| self.gates[period] != Gate::Busy)
            .collect()
    }

    /// Whether a place's period takes new records.
    pub fn is_open(&self, same: SamePlace<'_>) -> bool {
        self.gates[&self.group.place(same.first).platform_period()] == Gate::Open
    }

    /// Decides what becomes of all, where each place has what stands there; returns the positions
    /// of the fees that are to be kept.
    pub fn decide(
        &self,
        standing: &[Option<Stands>],
        outcomes: &mut [Option<Outcome>],
    ) -> Vec<usize> {
        let group = self.group;
        let mut free = Vec::new();
        for (same, standing) in self.places.iter().zip(standing) {
            let found = match standing {
                Some(_) => Found::Record,
                None if self.is_open(*same) => Found::Nothing,
                None => Found::Sealed,
            };
            if found == Found::Nothing {
                free.push(same.first);
            }
            let is_same = |at| match standing {
                Some(Stands::Other(record)) => group.record(at) == *record,
                Some(Stands::Same) | None => at == same.first || group.is_same(at, same.first),
            };
            decide(*same, found, is_same, outcomes);
        }
        free
    }

    /// What stands at each place.
    pub async fn find_standing(
        &self,
        tx: &mut PgConnection,
    ) -> Result<Vec<Option<Stands>>, WriteError> {
        let fees = self
            .places
            .iter()
            .map(|same| self.group.new_fee(same.first));
        let fees: Vec<NewRecord<'_>> = fees.collect();
        let compared = store::record::compare(tx, &fees).await?;
        let mut stands = vec![None; fees.len()];
        for same in compared.same {
            stands[same] = Some(Stands::Same);
        }
        if !compared.other.is_empty() {
            let places = compared.other.iter().map(|other| fees[*other].place);
            let records = store::record::find(tx, places).await?;
            let mut records: HashMap<Place, Record> = records.into_iter().collect();
            for other in compared.other {
                stands[other] = records.remove(&fees[other].place).map(Stands::Other);
            }
        }
        Ok(stands)
    }
}

/// What stands at a fee's place.
#[derive(Debug, Clone)]
pub enum Stands {
    Same,
    /// A record of other content.
    Other(Record),
}
