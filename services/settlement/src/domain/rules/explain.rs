//! How one enterprise's part in a run came about, step by step.

use std::collections::BTreeMap;

use gazelle_kernel::{Bps, Date, FeeKind, IndustryCode, PlatformId, ProgramId, SizeClass, Uscc};

use super::{
    budget,
    eligibility::ExclusionReason,
    entitlement::{Claim, Component},
    facts::{EnterpriseFacts, Filing},
    overflow::final_value,
    settle::{Decision, Inputs, SettleError, Settlement, decide},
    totals::DayTotal,
};
use crate::domain::{
    objection,
    program::{Allocation, Program},
};

/// One enterprise's part in a run. Every step names the figures it used; amounts are in fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The enterprise.
    pub uscc: Uscc,
    /// The filing that its size was taken from, with its fiscal year; the newer of the two years
    /// before the program year.
    pub filing: Option<(i32, Filing)>,
    /// Its size class in the program year, a finding for each industry that it had.
    pub sizes: Vec<SizeFinding>,
    /// Fees in scope of accounts that were bound to it on the fee date, by what became of them.
    pub fees: Vec<FeeFinding>,
    /// Its components, in the order of platform and fee kind.
    pub components: Vec<ComponentFinding>,
    /// What it claims, if it has a component.
    pub claim: Option<ClaimFinding>,
    /// What the budget gave, if it claims anything.
    pub budget: Option<BudgetFinding>,
    /// Whether an objection was upheld, so that nothing was granted or moved.
    pub objection_upheld: bool,
}

/// A size class from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeFinding {
    /// From this day of the program year on.
    pub from: Date,
    /// The industry.
    pub industry: IndustryCode,
    /// The class; none without a filing.
    pub size_class: Option<SizeClass>,
    /// Whether the program shares fees of the class.
    pub eligible: bool,
}

/// What became of some fees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeFinding {
    /// The platform.
    pub platform_id: PlatformId,
    /// The fee kind.
    pub fee_kind: FeeKind,
    /// Why they are excluded; `None`: they are eligible.
    pub exclusion: Option<ExclusionReason>,
    /// The other program that shares them, if that is the reason.
    pub covered_by: Option<ProgramId>,
    /// Their sum.
    pub fee_fen: i64,
    /// How many records they are.
    pub record_count: u64,
    /// The first fee date.
    pub first_on: Date,
    /// The last fee date.
    pub last_on: Date,
}

/// What became of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFinding {
    /// E, U, what earlier runs gave, and what is open.
    pub component: Component,
    /// The government's rate.
    pub government_bps: Bps,
    /// The platform's rate.
    pub platform_bps: Bps,
    /// What this run gave it, or took back.
    pub government_fen: i64,
}

/// What is due to the enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimFinding {
    /// The sum of U.
    pub uncapped_fen: i64,
    /// The cap; 0: none.
    pub cap_fen: i64,
    /// The sum of U, at most the cap.
    pub entitled_fen: i64,
    /// What earlier runs granted, net.
    pub granted_before_fen: i64,
    /// Entitled less granted before.
    pub due_fen: i64,
}

/// What the budget gave the enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetFinding {
    /// How a short budget is shared out.
    pub allocation: Allocation,
    /// What the budget has released.
    pub released_fen: i64,
    /// What earlier runs granted to all, net.
    pub granted_before_fen: i64,
    /// What this run could grant.
    pub available_fen: i64,
    /// What all positive dues come to.
    pub dues_fen: i64,
    /// The enterprise's place among positive dues, from 1; none if its due is not positive.
    pub place: Option<usize>,
    /// What the dues before it come to; what is left of the available is what it could get under
    /// [`Allocation::FirstCome`].
    pub ahead_fen: i64,
    /// What it was granted.
    pub granted_fen: i64,
    /// What its due did not get.
    pub unfunded_fen: i64,
}

/// Decides the run again and follows one enterprise through it; `None` if neither the facts nor
/// earlier runs know it. `objection_upheld`: an objection to its grant in this run was upheld.
pub fn explain(
    inputs: &Inputs<'_>,
    uscc: &Uscc,
    objection_upheld: bool,
) -> Result<Option<Explanation>, SettleError> {
    let mut decision = decide(inputs)?;
    let at = decision.claims.iter().position(|claim| claim.uscc == *uscc);
    let facts = inputs.facts.enterprise(uscc);
    if at.is_none() && facts.is_none() {
        return Ok(None);
    }
    if let Some(at) = at.filter(|_| objection_upheld) {
        decision.granted_fen[at] = 0;
        decision.settlement =
            objection::uphold(decision.settlement.clone(), uscc).unwrap_or(decision.settlement);
    }
    let claim = at.map(|at| &decision.claims[at]);
    Ok(Some(Explanation {
        uscc: *uscc,
        filing: facts
            .and_then(|facts| facts.filing_for(inputs.year))
            .map(|(year, filing)| (year, *filing)),
        sizes: facts.map(|facts| sizes(inputs, facts)).unwrap_or_default(),
        fees: fees(inputs, uscc)?,
        components: claim
            .map(|claim| components(inputs, claim, &decision.settlement))
            .unwrap_or_default(),
        claim: claim.map(|claim| ClaimFinding {
            uncapped_fen: claim.uncapped_fen,
            cap_fen: inputs.program.terms().enterprise_year_cap_fen.get(),
            entitled_fen: claim.entitled_fen,
            granted_before_fen: claim.granted_before_fen,
            due_fen: claim.due_fen,
        }),
        budget: at.map(|at| budget_finding(inputs, &decision, at)),
        objection_upheld,
    }))
}

fn budget_finding(inputs: &Inputs<'_>, decision: &Decision, at: usize) -> BudgetFinding {
    let order = budget::order(&decision.dues);
    let place = order.iter().position(|&other| other == at);
    // The run was decided, so the sum of all positive dues fits.
    let sum = |places: &[usize]| places.iter().map(|&at| decision.dues[at].due_fen).sum();
    let totals = &decision.settlement.totals;
    BudgetFinding {
        allocation: inputs.program.terms().allocation,
        released_fen: totals.released_fen,
        granted_before_fen: totals.granted_before_fen,
        available_fen: totals.available_fen,
        dues_fen: sum(&order),
        place: place.map(|place| place + 1),
        ahead_fen: sum(&order[..place.unwrap_or(0)]),
        granted_fen: decision.granted_fen[at],
        unfunded_fen: decision.claims[at].due_fen - decision.granted_fen[at],
    }
}

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

/// Platform, fee kind, why they are excluded, and what covers them.
type FeeKey<'a> = (
    &'a PlatformId,
    &'a FeeKind,
    Option<ExclusionReason>,
    Option<&'a ProgramId>,
);

fn fees(inputs: &Inputs<'_>, uscc: &Uscc) -> Result<Vec<FeeFinding>, SettleError> {
    let judge = inputs.judge()?;
    let mut rows: BTreeMap<FeeKey<'_>, Vec<&DayTotal>> = BTreeMap::new();
    let year = inputs.year.days();
    for (fees, days) in inputs.totals.iter().filter(|(fees, _)| inputs.reads(fees)) {
        let (platform_id, fee_kind) = (&fees.platform_id, &fees.fee_kind);
        let account = inputs.facts.account(platform_id, &fees.merchant_id);
        for day in days.iter().filter(|day| year.contains(day.fee_date)) {
            let owner = account
                .owner(day.fee_date)
                .filter(|owner| owner.uscc == *uscc);
            if owner.is_none() {
                continue;
            }
            let exclusion = judge.exclusion(platform_id, fee_kind, owner, day.fee_date);
            let covered_by = match exclusion {
                Some(ExclusionReason::CoveredByOtherProgram) => {
                    judge.covering(platform_id, fee_kind, owner, day.fee_date)
                }
                Some(_) | None => None,
            };
            let covered_by = covered_by.map(Program::id);
            rows.entry((platform_id, fee_kind, exclusion, covered_by))
                .or_default()
                .push(day);
        }
    }
    rows.into_iter()
        .map(|(key, rows)| fee_finding(key, &rows))
        .collect()
}

fn fee_finding(
    (platform_id, fee_kind, exclusion, covered_by): FeeKey<'_>,
    rows: &[&DayTotal],
) -> Result<FeeFinding, SettleError> {
    let dates = || rows.iter().map(|row| row.fee_date);
    Ok(FeeFinding {
        platform_id: platform_id.clone(),
        fee_kind: fee_kind.clone(),
        exclusion,
        covered_by: covered_by.cloned(),
        fee_fen: final_value(
            "an enterprise's fees",
            rows.iter().map(|row| i128::from(row.fee_fen)).sum(),
        )?,
        record_count: rows.iter().map(|row| row.record_count).sum(),
        first_on: dates().min().expect("a finding has a row"),
        last_on: dates().max().expect("a finding has a row"),
    })
}

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
            government_fen: line.map_or(0, |line| line.government_fen),
        }
    };
    claim.components.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture::{binding, budget, date, enrollment, enterprise, fee, period, terms, uscc, year},
        rules::facts::Facts,
    };

    /// Two enterprises are due 100 and 60 out of a budget of 130; the second applied first.
    fn explained(at: usize, objection_upheld: bool) -> Option<Explanation> {
        let mut terms = terms("share");
        terms.budgets = vec![budget(2017, 130)];
        let program = Program::new(terms).expect("a program");
        let mut suspended = enterprise(0);
        suspended.suspensions = vec![crate::domain::fixture::interval("2017-02-01", "")];
        let bindings = vec![binding("alpha", 0), binding("alpha", 1)];
        let facts = Facts::new(
            vec![suspended, enterprise(1)],
            bindings,
            vec![enrollment(0), enrollment(1)],
        )
        .expect("facts");
        let totals = [
            fee("alpha", 0, "COMMISSION", "2017-01-02", 150),
            fee("alpha", 0, "COMMISSION", "2017-01-20", 50),
            fee("alpha", 0, "COMMISSION", "2017-02-01", 70),
            fee("alpha", 1, "MEMBERSHIP", "2017-01-02", 120),
        ];
        let inputs = Inputs {
            program: &program,
            others: &[],
            year: year(2017),
            through: period("2017-02"),
            totals: &totals.into_iter().collect(),
            facts: &facts,
            prior: &[],
        };
        explain(&inputs, &uscc(at), objection_upheld).expect("an explanation")
    }

    #[test]
    fn every_step_names_its_figures() {
        let explained = explained(0, false).expect("a known enterprise");
        assert_eq!(
            explained
                .sizes
                .iter()
                .map(|size| (size.from, size.size_class, size.eligible))
                .collect::<Vec<_>>(),
            [(date("2017-01-01"), Some(SizeClass::Micro), true)]
        );
        let fees: Vec<_> = explained
            .fees
            .iter()
            .map(|fee| {
                (
                    fee.exclusion,
                    fee.fee_fen,
                    fee.record_count,
                    fee.first_on,
                    fee.last_on,
                )
            })
            .collect();
        assert_eq!(
            fees,
            [
                (None, 200, 2, date("2017-01-02"), date("2017-01-20")),
                (
                    Some(ExclusionReason::Suspended),
                    70,
                    1,
                    date("2017-02-01"),
                    date("2017-02-01")
                ),
            ]
        );
        let claim = explained.claim.expect("a claim");
        assert_eq!((claim.uncapped_fen, claim.due_fen), (100, 100));
        let budget = explained.budget.expect("a budget");
        assert_eq!(
            (
                budget.available_fen,
                budget.dues_fen,
                budget.place,
                budget.ahead_fen
            ),
            (130, 160, Some(2), 60)
        );
        assert_eq!((budget.granted_fen, budget.unfunded_fen), (70, 30));
        assert_eq!(
            (
                explained.components[0].component.eligible_fen,
                explained.components[0].government_fen
            ),
            (200, 70)
        );
    }

    #[test]
    fn an_upheld_objection_leaves_the_claim_and_takes_the_grant() {
        let explained = explained(0, true).expect("a known enterprise");
        assert_eq!(explained.claim.map(|claim| claim.due_fen), Some(100));
        assert_eq!(
            explained
                .budget
                .map(|budget| (budget.granted_fen, budget.unfunded_fen)),
            Some((0, 100))
        );
        assert_eq!(explained.components[0].government_fen, 0);
    }

    #[test]
    fn a_stranger_has_nothing_to_explain() {
        assert_eq!(explained(2, false), None);
    }
}
