//! Two enterprises and a budget that is short.

use gazelle_kernel::{Fen, SizeClass};

use super::*;
use crate::domain::{
    fixture::{
        binding, budget, date, enrollment, enterprise, fee, interval, period, terms, uscc, year,
    },
    program::Program,
    rules::{eligibility::ExclusionReason, facts::Facts, inputs::Inputs},
};

/// Two enterprises are due 100 and 60 out of a budget of 130; the second applied first.
fn explained(at: usize, objection_upheld: bool) -> Option<Explanation> {
    let mut terms = terms("share");
    terms.budgets = vec![budget(2017, 130)];
    let program = Program::new(terms).expect("a program");
    let mut suspended = enterprise(0);
    suspended.suspensions = vec![interval("2017-02-01", "")];
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
        leaves_out: false,
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
                fee.fee_fen.get(),
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
    assert_eq!(
        [claim.uncapped_fen, claim.due_fen].map(Fen::get),
        [100, 100]
    );
    let budget = explained.budget.expect("a budget");
    assert_eq!(
        [budget.available_fen, budget.dues_fen, budget.ahead_fen].map(Fen::get),
        [130, 160, 60]
    );
    assert_eq!(budget.place, Some(2));
    assert_eq!(
        [budget.granted_fen, budget.unfunded_fen].map(Fen::get),
        [70, 30]
    );
    assert_eq!(
        [
            explained.components[0].component.eligible_fen,
            explained.components[0].government_fen
        ]
        .map(Fen::get),
        [200, 70]
    );
}

#[test]
fn an_upheld_objection_leaves_the_claim_and_takes_the_grant() {
    let explained = explained(0, true).expect("a known enterprise");
    assert_eq!(
        explained.claim.map(|claim| claim.due_fen),
        Some(Fen::new(100))
    );
    assert_eq!(
        explained
            .budget
            .map(|budget| (budget.granted_fen, budget.unfunded_fen)),
        Some((Fen::ZERO, Fen::new(100)))
    );
    assert_eq!(explained.components[0].government_fen, Fen::ZERO);
}

#[test]
fn a_stranger_has_nothing_to_explain() {
    assert_eq!(explained(2, false), None);
}
