//! Following one enterprise through a run.

use gazelle_kernel::{Date, Fen, Uscc};

use super::{
    fees::fees,
    finding::{BudgetFinding, ClaimFinding, ComponentFinding, Explanation, SizeFinding},
};
use crate::domain::{
    objection,
    rules::{
        budget,
        entitlement::{Claim, Component},
        error::SettleError,
        facts::EnterpriseFacts,
        inputs::Inputs,
        result::Settlement,
        settle::{Derivation, derive},
    },
};

/// Decides the run again and follows one enterprise through it; `None` if neither the facts nor
/// earlier runs know it. `objection_upheld`: an objection to its grant in this run was upheld.
pub fn explain(
    inputs: &Inputs<'_>,
    uscc: &Uscc,
    objection_upheld: bool,
) -> Result<Option<Explanation>, SettleError> {
    let mut derivation = derive(inputs)?;
    let at = derivation
        .claims
        .iter()
        .position(|claim| claim.uscc == *uscc);
    let facts = inputs.facts.enterprise(uscc);
    if at.is_none() && facts.is_none() {
        return Ok(None);
    }
    if let Some(at) = at.filter(|_| objection_upheld) {
        derivation.granted[at] = Fen::ZERO;
        derivation.settlement =
            objection::uphold(derivation.settlement.clone(), uscc).unwrap_or(derivation.settlement);
    }
    let claim = at.map(|at| &derivation.claims[at]);
    Ok(Some(Explanation {
        uscc: *uscc,
        filing: facts
            .and_then(|facts| facts.filing_for(inputs.year))
            .map(|(year, filing)| (year, *filing)),
        sizes: facts.map(|facts| sizes(inputs, facts)).unwrap_or_default(),
        fees: fees(inputs, uscc)?,
        components: claim
            .map(|claim| components(inputs, claim, &derivation.settlement))
            .unwrap_or_default(),
        claim: claim.map(|claim| ClaimFinding {
            uncapped_fen: claim.uncapped_fen,
            cap_fen: inputs.program.terms().enterprise_year_cap_fen,
            entitled_fen: claim.entitled_fen,
            granted_before_fen: claim.granted_before_fen,
            due_fen: claim.due_fen,
        }),
        budget: at.map(|at| budget_finding(inputs, &derivation, at)),
        objection_upheld,
    }))
}

/// What the budget gave the claim at a place (`SETTLEMENT.md`, Budget).
fn budget_finding(inputs: &Inputs<'_>, derivation: &Derivation, at: usize) -> BudgetFinding {
    let order = budget::order(&derivation.dues);
    let place = order.iter().position(|&other| other == at);
    let sum = |places: &[usize]| {
        Fen::sum(places.iter().map(|&at| derivation.dues[at].due_fen))
            .expect("the run was decided, so the sum of all positive dues fits")
    };
    let totals = &derivation.settlement.totals;
    BudgetFinding {
        allocation: inputs.program.terms().allocation,
        released_fen: totals.released_fen,
        granted_before_fen: totals.granted_before_fen,
        available_fen: totals.available_fen,
        dues_fen: sum(&order),
        place: place.map(|place| place + 1),
        ahead_fen: sum(&order[..place.unwrap_or(0)]),
        granted_fen: derivation.granted[at],
        unfunded_fen: derivation.claims[at]
            .due_fen
            .checked_sub(derivation.granted[at])
            .expect("a grant is between 0 and the due"),
    }
}

/// The size class in the program year, anew for each industry (`SETTLEMENT.md`, Size class).
fn sizes(inputs: &Inputs<'_>, facts: &EnterpriseFacts) -> Vec<SizeFinding> {
    let year = inputs.year.days();
    let changes = facts
        .industry
        .changes()
        .keys()
        .copied()
        .filter(|&day| day > year.from() && year.contains(day));
    let finding = |from: Date| {
        let industry = *facts.industry.at(from);
        let size_class = facts
            .filing_for(inputs.year)
            .map(|(_, filing)| filing.size_class(&industry));
        let eligible =
            size_class.is_some_and(|class| inputs.program.terms().size_classes.contains(&class));
        SizeFinding {
            from,
            industry,
            size_class,
            eligible,
        }
    };
    std::iter::once(year.from())
        .chain(changes)
        .map(finding)
        .collect()
}

/// What became of the components of a claim (`SETTLEMENT.md`, Entitlement and Split).
fn components(
    inputs: &Inputs<'_>,
    claim: &Claim,
    settlement: &Settlement,
) -> Vec<ComponentFinding> {
    let finding = |component: &Component| {
        let share = inputs.program.share(&component.fee_kind);
        let line = settlement.lines.iter().find(|line| {
            line.uscc == claim.uscc
                && line.platform_id == component.platform_id
                && line.fee_kind == component.fee_kind
        });
        ComponentFinding {
            component: component.clone(),
            government_bps: share.map(|share| share.government_bps).unwrap_or_default(),
            platform_bps: share.map(|share| share.platform_bps).unwrap_or_default(),
            government_fen: line.map_or(Fen::ZERO, |line| line.government_fen),
        }
    };
    claim.components.iter().map(finding).collect()
}
