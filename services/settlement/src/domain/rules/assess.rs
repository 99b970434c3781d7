//! What becomes of each fee of the year, summed up (`SETTLEMENT.md`, Eligibility).

use std::{collections::BTreeMap, rc::Rc};

use foldhash::HashMap;
use gazelle_kernel::{Uscc, Year};

use super::{
    eligibility::{Candidates, ExclusionReason, Judge, Verdicts},
    entitlement::ComponentKey,
    error::SettleError,
    facts::{EnterpriseFacts, Owners},
    inputs::Inputs,
    result::ConservationBroken,
    totals::{DayTotal, Fees},
};

/// Fees by what became of them, as partial sums.
#[derive(Debug, Default)]
pub(super) struct Assessed<'a> {
    /// All fees in scope.
    pub in_scope: i128,
    /// The excluded, by their first reason.
    pub excluded: BTreeMap<ExclusionReason, i128>,
    /// The eligible: E of each component.
    pub eligible: HashMap<ComponentKey<'a>, i128>,
}

/// What became of fees, and whose they are.
#[derive(Clone, Copy)]
struct Judgement<'a> {
    reason: Option<ExclusionReason>,
    owner: Option<&'a EnterpriseFacts>,
}

impl Judgement<'_> {
    fn is(self, other: Self) -> bool {
        self.reason == other.reason && same(self.owner, other.owner)
    }
}

/// Judges all sealed totals of the program year.
pub(super) fn assess<'a>(inputs: &Inputs<'a>) -> Result<Assessed<'a>, SettleError> {
    let judge = Judge::new(inputs.program, inputs.others, inputs.year, inputs.facts)?;
    let mut known = Known {
        judge: &judge,
        verdicts: HashMap::default(),
    };
    let mut assessed = Assessed::default();
    for (fees, days) in inputs.totals.iter().filter(|(fees, _)| inputs.reads(fees)) {
        let owners = inputs.facts.owners(&fees.platform_id, &fees.merchant_id);
        assessed.add_days(fees, days, inputs.year, owners, &mut known)?;
    }
    if !inputs.leaves_out {
        assessed.check()?;
    }
    Ok(assessed)
}

impl<'a> Assessed<'a> {
    /// Adds the days of one shop and fee kind. A sum is kept in hand as long as nothing changes.
    fn add_days(
        &mut self,
        fees: &'a Fees,
        days: &[DayTotal],
        year: Year,
        owners: Owners<'a>,
        known: &mut Known<'_, 'a>,
    ) -> Result<(), SettleError> {
        let candidates = known.judge.candidates(&fees.platform_id, &fees.fee_kind);
        let year = year.days();
        let mut last: Option<(Option<&EnterpriseFacts>, Rc<Verdicts>)> = None;
        let mut stretch: Option<(Judgement<'a>, i128)> = None;
        for day in days.iter().filter(|day| year.contains(day.fee_date)) {
            let owner = owners.on(day.fee_date);
            let verdicts = match &last {
                Some((before, verdicts)) if same(*before, owner) => verdicts,
                Some(_) | None => &last.insert((owner, known.verdicts(&candidates, owner))).1,
            };
            let reason = verdicts.on(day.fee_date);
            let outcome = Judgement { reason, owner };
            match &mut stretch {
                Some((before, sum)) if before.is(outcome) => *sum += day.fee_fen.wide(),
                Some(_) | None => {
                    let ended = stretch.replace((outcome, day.fee_fen.wide()));
                    self.add_stretch(fees, ended)?;
                }
            }
        }
        self.add_stretch(fees, stretch)
    }

    fn add_stretch(
        &mut self,
        fees: &'a Fees,
        stretch: Option<(Judgement<'a>, i128)>,
    ) -> Result<(), SettleError> {
        let Some((Judgement { reason, owner }, sum)) = stretch else {
            return Ok(());
        };
        let place = match (reason, owner) {
            (Some(reason), _) => self.excluded.entry(reason).or_default(),
            (None, Some(owner)) => self
                .eligible
                .entry((owner.uscc, &fees.platform_id, &fees.fee_kind))
                .or_default(),
            (None, None) => return Err(ConservationBroken("a fee without an owner passed").into()),
        };
        *place += sum;
        self.in_scope += sum;
        Ok(())
    }

    /// Of several components that are negative the first is named, so that the order of inputs does
    /// not matter.
    fn check(&self) -> Result<(), SettleError> {
        let negative = self.eligible.iter().filter(|(_, fee)| **fee < 0);
        match negative.map(|(key, _)| key).min() {
            None => Ok(()),
            Some((uscc, platform_id, fee_kind)) => Err(SettleError::NegativeFees {
                uscc: *uscc,
                platform_id: (*platform_id).clone(),
                fee_kind: (*fee_kind).clone(),
            }),
        }
    }
}

/// Verdicts by owner and candidates. There are far more totals than days on which anything changes
/// for an enterprise, so each is judged for the whole year at once, and remembered.
struct Known<'j, 'a> {
    judge: &'j Judge<'a>,
    verdicts: HashMap<(Option<Uscc>, Candidates), Rc<Verdicts>>,
}

impl Known<'_, '_> {
    fn verdicts(
        &mut self,
        candidates: &Candidates,
        owner: Option<&EnterpriseFacts>,
    ) -> Rc<Verdicts> {
        let key = (owner.map(|owner| owner.uscc), candidates.clone());
        let judged = || Rc::new(self.judge.verdicts(candidates, owner));
        self.verdicts.entry(key).or_insert_with(judged).clone()
    }
}

/// Whether both are the same enterprise of the same facts.
fn same(one: Option<&EnterpriseFacts>, other: Option<&EnterpriseFacts>) -> bool {
    one.map(std::ptr::from_ref) == other.map(std::ptr::from_ref)
}
