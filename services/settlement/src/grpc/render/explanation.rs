//! An explanation as codes and figures; the words are the client's.

use std::fmt::Display;

use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1::{
    self as pb, ExplanationCode as Code, ExplanationFigureCode as Figure, ExplanationRule as Rule,
};

use crate::domain::{
    program::Allocation,
    rules::{
        explain::{
            BudgetFinding, ClaimFinding, ComponentFinding, Explanation, FeeFinding, SizeFinding,
        },
        facts::Filing,
    },
};

/// The steps in the order of the rules.
#[must_use]
pub fn explanation(explanation: &Explanation) -> pb::Explanation {
    let mut steps = vec![filing(explanation.filing.as_ref())];
    steps.extend(explanation.sizes.iter().map(size));
    if explanation.fees.is_empty() {
        steps.push(step(Rule::Eligibility, Code::NoFees));
    }
    steps.extend(explanation.fees.iter().map(fees));
    steps.extend(explanation.components.iter().map(component));
    steps.extend(explanation.claim.as_ref().map(claim));
    steps.extend(explanation.budget.as_ref().map(budget));
    if explanation.objection_upheld {
        steps.push(step(Rule::Split, Code::ObjectionUpheld));
    } else {
        steps.extend(explanation.components.iter().map(given));
    }
    pb::Explanation {
        uscc: explanation.uscc.to_string(),
        steps: steps.into_iter().map(|step| step.0).collect(),
    }
}

fn filing(filing: Option<&(i32, Filing)>) -> StepBuilder {
    let Some((fiscal_year, filing)) = filing else {
        return step(Rule::Eligibility, Code::FilingMissing);
    };
    step(Rule::Eligibility, Code::FilingUsed)
        .with("fiscal_year", fiscal_year)
        .with("headcount", filing.headcount)
        .figure(Figure::AnnualRevenue, filing.annual_revenue_fen)
        .figure(Figure::TotalAssets, filing.total_assets_fen)
}

fn size(size: &SizeFinding) -> StepBuilder {
    let code = if size.eligible {
        Code::SizeEligible
    } else {
        Code::SizeNotEligible
    };
    let step = step(Rule::Eligibility, code)
        .with("from", size.from)
        .with("industry_code", size.industry);
    match size.size_class {
        Some(class) => step.with("size_class", class),
        None => step,
    }
}

fn fees(fees: &FeeFinding) -> StepBuilder {
    let code = match fees.exclusion {
        None => Code::FeesEligible,
        Some(_) => Code::FeesExcluded,
    };
    let mut step = step(Rule::Eligibility, code)
        .with("platform_id", &fees.platform_id)
        .with("fee_kind", &fees.fee_kind)
        .with("record_count", fees.record_count)
        .with("first_on", fees.first_on)
        .with("last_on", fees.last_on);
    if let Some(exclusion) = fees.exclusion {
        step = step.with("exclusion", exclusion);
    }
    if let Some(program) = &fees.covered_by {
        step = step.with("covered_by", program);
    }
    step.figure(Figure::Fee, fees.fee_fen)
}

fn component(finding: &ComponentFinding) -> StepBuilder {
    let component = &finding.component;
    step(Rule::Entitlement, Code::Component)
        .with("platform_id", &component.platform_id)
        .with("fee_kind", &component.fee_kind)
        .with("government_bps", finding.government_bps.get())
        .with("platform_bps", finding.platform_bps.get())
        .figure(Figure::EligibleFee, component.eligible_fen)
        .figure(Figure::GovernmentUncapped, component.uncapped_fen)
        .figure(Figure::Platform, component.platform_fen)
}

fn claim(claim: &ClaimFinding) -> StepBuilder {
    let code = match claim.cap_fen {
        Fen::ZERO => Code::WithoutCap,
        cap if claim.uncapped_fen > cap => Code::AboveCap,
        _ => Code::WithinCap,
    };
    let mut step = step(Rule::Entitlement, code).figure(Figure::Uncapped, claim.uncapped_fen);
    if claim.cap_fen != Fen::ZERO {
        step = step.figure(Figure::Cap, claim.cap_fen);
    }
    step.figure(Figure::Entitled, claim.entitled_fen)
        .figure(Figure::GrantedBefore, claim.granted_before_fen)
        .figure(Figure::Due, claim.due_fen)
}

fn budget(budget: &BudgetFinding) -> StepBuilder {
    let code = match (budget.place, budget.allocation) {
        (None, _) if budget.granted_fen < Fen::ZERO => Code::TakenBack,
        (None, _) => Code::NothingDue,
        (Some(_), _) if budget.dues_fen <= budget.available_fen => Code::BudgetSuffices,
        (Some(_), Allocation::FirstCome) => Code::BudgetShortFirstCome,
        (Some(_), Allocation::ProRata) => Code::BudgetShortProRata,
    };
    let mut step = step(Rule::Budget, code);
    if let (Some(place), Code::BudgetShortFirstCome) = (budget.place, code) {
        step = step.with("place", place);
    }
    step.figure(Figure::Released, budget.released_fen)
        .figure(Figure::GrantedToAllBefore, budget.granted_before_fen)
        .figure(Figure::Available, budget.available_fen)
        .figure(Figure::DueToAll, budget.dues_fen)
        .figure(Figure::DueAhead, budget.ahead_fen)
        .figure(Figure::Granted, budget.granted_fen)
        .figure(Figure::Unfunded, budget.unfunded_fen)
}

fn given(finding: &ComponentFinding) -> StepBuilder {
    let component = &finding.component;
    step(Rule::Split, Code::ComponentGiven)
        .with("platform_id", &component.platform_id)
        .with("fee_kind", &component.fee_kind)
        .figure(Figure::GivenBefore, component.before.government_fen)
        .figure(Figure::Open, component.open_fen)
        .figure(Figure::Government, finding.government_fen)
}

/// A step, as it is put together.
struct StepBuilder(pb::ExplanationStep);

fn step(rule: Rule, code: Code) -> StepBuilder {
    StepBuilder(pb::ExplanationStep {
        rule: rule.into(),
        code: code.into(),
        ..pb::ExplanationStep::default()
    })
}

impl StepBuilder {
    fn with(mut self, name: &str, value: impl Display) -> Self {
        self.0.parameters.insert(name.into(), value.to_string());
        self
    }

    fn figure(mut self, code: Figure, amount: Fen) -> Self {
        self.0.figures.push(pb::ExplanationFigure {
            code: code.into(),
            amount_fen: amount.get(),
        });
        self
    }
}
