//! An explanation in sentences, for an officer to read out.

use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1 as pb;

use crate::domain::{
    program::Allocation,
    rules::explain::{
        BudgetFinding, ClaimFinding, ComponentFinding, Explanation, FeeFinding, SizeFinding,
    },
    rules::facts::Filing,
};

/// The steps in the order of the rules.
#[must_use]
pub fn explanation(explanation: &Explanation) -> pb::Explanation {
    let mut steps = vec![filing(explanation.filing.as_ref())];
    steps.extend(explanation.sizes.iter().map(size));
    if explanation.fees.is_empty() {
        let finding = "No fee in scope was charged to its accounts in the year so far.";
        steps.push(step("Eligibility", finding.into(), vec![]));
    }
    steps.extend(explanation.fees.iter().map(fees));
    steps.extend(explanation.components.iter().map(component));
    steps.extend(explanation.claim.as_ref().map(claim));
    steps.extend(explanation.budget.as_ref().map(budget));
    if explanation.objection_upheld {
        let finding = "An objection was upheld: nothing is granted or moved in this run, and what \
                       is due stays due.";
        steps.push(step("Split", finding.into(), vec![]));
    } else {
        steps.extend(explanation.components.iter().map(split));
    }
    pb::Explanation {
        uscc: explanation.uscc.to_string(),
        steps,
    }
}

fn filing(filing: Option<&(i32, Filing)>) -> pb::ExplanationStep {
    let Some((year, filing)) = filing else {
        let finding = "It filed for neither of the two fiscal years before the program year.";
        return step("Eligibility", finding.into(), vec![]);
    };
    let finding = format!(
        "Its size is judged by its filing for {year}: {} persons.",
        filing.headcount
    );
    let figures = vec![
        figure("annual revenue", filing.annual_revenue_fen),
        figure("total assets", filing.total_assets_fen),
    ];
    step("Eligibility", finding, figures)
}

fn size(size: &SizeFinding) -> pb::ExplanationStep {
    let class = size
        .size_class
        .map_or("of unknown size", |class| class.as_str());
    let eligible = if size.eligible {
        "which the program shares"
    } else {
        "which it does not share"
    };
    let (from, industry) = (size.from, size.industry);
    step(
        "Eligibility",
        format!("From {from} on, in industry {industry}, it is {class}, {eligible}."),
        vec![],
    )
}

fn fees(fees: &FeeFinding) -> pb::ExplanationStep {
    let FeeFinding {
        platform_id,
        fee_kind,
        record_count,
        first_on,
        last_on,
        ..
    } = fees;
    let (records, are) = match record_count {
        1 => ("record", "is"),
        _ => ("records", "are"),
    };
    let what = format!(
        "{record_count} {records} of {fee_kind} on {platform_id}, from {first_on} to {last_on}, {are}"
    );
    let (finding, outcome) = match (&fees.exclusion, &fees.covered_by) {
        (None, _) => (format!("{what} eligible."), "eligible".to_owned()),
        (Some(reason), Some(program)) => (
            format!("{what} excluded: {reason}, by {program}."),
            reason.to_string(),
        ),
        (Some(reason), None) => (format!("{what} excluded: {reason}."), reason.to_string()),
    };
    let label = format!("{fee_kind} on {platform_id}, {outcome}");
    step("Eligibility", finding, vec![figure(&label, fees.fee_fen)])
}

fn component(finding: &ComponentFinding) -> pb::ExplanationStep {
    let ComponentFinding {
        component,
        government_bps,
        platform_bps,
        ..
    } = finding;
    let of = format!("{} on {}", component.fee_kind, component.platform_id);
    let sentence = format!(
        "Of {of} the government bears {government_bps} bps and the platform {platform_bps} bps, \
         each rounded down."
    );
    let figures = vec![
        figure(&format!("{of}, eligible"), component.eligible_fen),
        figure(
            &format!("{of}, government's part before cap and budget"),
            component.uncapped_fen,
        ),
        figure(&format!("{of}, platform's part"), component.platform_fen),
    ];
    step("Entitlement", sentence, figures)
}

fn claim(claim: &ClaimFinding) -> pb::ExplanationStep {
    let finding = match claim.cap_fen {
        0 => "The government's parts add up to what it is entitled to; there is no cap.".to_owned(),
        cap if claim.uncapped_fen > cap => {
            format!(
                "The government's parts exceed the cap of {} yuan a year.",
                yuan(cap)
            )
        }
        cap => format!(
            "The government's parts stay within the cap of {} yuan a year.",
            yuan(cap)
        ),
    };
    let figures = vec![
        figure("government's parts", claim.uncapped_fen),
        figure("entitled", claim.entitled_fen),
        figure("granted before", claim.granted_before_fen),
        figure("due", claim.due_fen),
    ];
    step("Entitlement", finding, figures)
}

fn budget(budget: &BudgetFinding) -> pb::ExplanationStep {
    let finding = match (budget.place, budget.allocation) {
        (None, _) if budget.granted_fen < 0 => "What was granted too much is taken back.".into(),
        (None, _) => "Nothing is due.".into(),
        (Some(_), _) if budget.dues_fen <= budget.available_fen => {
            "The budget suffices for all that is due.".into()
        }
        (Some(place), Allocation::FirstCome) => {
            format!(
                "The budget is short: the earliest application comes first, and it is number {place}."
            )
        }
        (Some(_), Allocation::ProRata) => {
            "The budget is short: all get a part in proportion to what they are due.".into()
        }
    };
    let figures = vec![
        figure("released", budget.released_fen),
        figure("granted to all before", budget.granted_before_fen),
        figure("available", budget.available_fen),
        figure("due to all", budget.dues_fen),
        figure("due to those before it", budget.ahead_fen),
        figure("granted", budget.granted_fen),
        figure("unfunded", budget.unfunded_fen),
    ];
    step("Budget", finding, figures)
}

fn split(finding: &ComponentFinding) -> pb::ExplanationStep {
    let component = &finding.component;
    let of = format!("{} on {}", component.fee_kind, component.platform_id);
    let sentence = format!("The grant is spread over what is open; {of} gets its part.");
    let figures = vec![
        figure(
            &format!("{of}, given before"),
            component.before.government_fen,
        ),
        figure(&format!("{of}, open"), component.open_fen),
        figure(
            &format!("{of}, borne by the government now"),
            finding.government_fen,
        ),
    ];
    step("Split", sentence, figures)
}

fn yuan(fen: i64) -> String {
    Fen::new(fen).to_yuan()
}

fn step(rule: &str, finding: String, figures: Vec<pb::ExplanationFigure>) -> pb::ExplanationStep {
    pb::ExplanationStep {
        rule: rule.into(),
        finding,
        figures,
    }
}

fn figure(label: &str, amount_fen: i64) -> pb::ExplanationFigure {
    pb::ExplanationFigure {
        label: label.into(),
        amount_fen,
    }
}
