//! The settlement of one program and one program year through one period: the rules, one after the
//! other.

use std::collections::BTreeMap;

use gazelle_kernel::Fen;

use super::{
    assess::{Assessed, assess},
    budget::{self, Due},
    eligibility::ExclusionReason,
    entitlement::{self, Claim},
    error::SettleError,
    inputs::{Inputs, is_before},
    lines::push_lines,
    overflow::{Overflow, final_difference, final_sum, final_value},
    result::{EnterpriseResult, Exclusion, Settlement, Totals},
};

/// Decides a run (`SETTLEMENT.md`).
pub fn settle(inputs: &Inputs<'_>) -> Result<Settlement, SettleError> {
    Ok(derive(inputs)?.settlement)
}

/// A settlement with the steps that led to it; lists stand in the order of `claims`.
pub(super) struct Derivation {
    pub claims: Vec<Claim>,
    pub dues: Vec<Due>,
    pub granted: Vec<Fen>,
    pub settlement: Settlement,
}

/// Decides a run and keeps the steps.
pub(super) fn derive(inputs: &Inputs<'_>) -> Result<Derivation, SettleError> {
    let &Inputs { year, through, .. } = inputs;
    if is_before(through, year) {
        return Err(SettleError::PeriodBeforeYear { through, year });
    }
    let Assessed {
        in_scope,
        excluded,
        eligible,
    } = assess(inputs)?;
    let exclusions = exclusions(excluded)?;
    let claims = entitlement::claims(inputs.program, eligible, inputs.prior)?;
    let dues = dues(inputs, &claims);
    let totals = totals(inputs, &claims, &exclusions, in_scope)?;
    let allocation = inputs.program.terms().allocation;
    let granted = budget::allocate(allocation, totals.available_fen, &dues)?;
    let mut lines = Vec::new();
    for (claim, &granted) in claims.iter().zip(&granted) {
        push_lines(&mut lines, claim, granted)?;
    }
    let mut settlement = Settlement {
        enterprises: rows(&claims, &granted)?,
        lines,
        exclusions,
        totals,
    };
    settlement.add_up()?;
    settlement.check()?;
    Ok(Derivation {
        claims,
        dues,
        granted,
        settlement,
    })
}

/// What each claim is due, and when its enterprise applied.
fn dues(inputs: &Inputs<'_>, claims: &[Claim]) -> Vec<Due> {
    let enrollments = inputs.facts.enrollments(inputs.program.id());
    let due = |claim: &Claim| Due {
        uscc: claim.uscc,
        applied_at: enrollments.first_applied_at(&claim.uscc, inputs.year),
        due_fen: claim.due_fen,
    };
    claims.iter().map(due).collect()
}

/// In the order of their names, as the result files have them.
fn exclusions(excluded: BTreeMap<ExclusionReason, i128>) -> Result<Vec<Exclusion>, Overflow> {
    let exclusion = |(reason, fee)| {
        Ok(Exclusion {
            reason,
            fee_fen: final_value("the total of a reason", fee)?,
        })
    };
    let exclusions: Result<Vec<_>, _> = excluded.into_iter().map(exclusion).collect();
    let mut exclusions = exclusions?;
    exclusions.sort_by_key(|exclusion| exclusion.reason.as_str());
    Ok(exclusions)
}

/// The sums that are known before anything is granted.
fn totals(
    inputs: &Inputs<'_>,
    claims: &[Claim],
    exclusions: &[Exclusion],
    in_scope: i128,
) -> Result<Totals, Overflow> {
    let &Inputs {
        program,
        year,
        through,
        ..
    } = inputs;
    let eligible = claims
        .iter()
        .flat_map(|claim| &claim.components)
        .map(|component| component.eligible_fen);
    let excluded = exclusions.iter().map(|exclusion| exclusion.fee_fen);
    let granted_before = claims.iter().map(|claim| claim.granted_before_fen);
    let released_fen = budget::released(program.budget(year), year, through)?;
    let granted_before_fen = final_sum("the sum of earlier grants", granted_before)?;
    Ok(Totals {
        in_scope_fen: final_value("the in-scope total", in_scope)?,
        eligible_fen: final_sum("the sum of eligible fees", eligible)?,
        excluded_fen: final_sum("the sum of excluded fees", excluded)?,
        released_fen,
        granted_before_fen,
        available_fen: budget::available(released_fen, granted_before_fen)?,
        ..Totals::default()
    })
}

/// Of the enterprises that are due anything, or owe.
fn rows(claims: &[Claim], granted: &[Fen]) -> Result<Vec<EnterpriseResult>, Overflow> {
    let row = |(claim, &granted_fen): (&Claim, &Fen)| {
        Ok(EnterpriseResult {
            uscc: claim.uscc,
            uncapped_fen: claim.uncapped_fen,
            entitled_fen: claim.entitled_fen,
            granted_before_fen: claim.granted_before_fen,
            due_fen: claim.due_fen,
            granted_fen,
            unfunded_fen: final_difference("what is unfunded", claim.due_fen, granted_fen)?,
        })
    };
    let decided = claims.iter().zip(granted);
    decided
        .filter(|(claim, _)| claim.due_fen != Fen::ZERO)
        .map(row)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture::{binding, enrollment, enterprise, fee, period, terms, uscc, year},
        program::Program,
        rules::{
            facts::{Binding, Facts},
            totals::SealedTotal,
        },
    };

    fn settled(totals: &[SealedTotal]) -> Result<Settlement, SettleError> {
        settled_but(totals, false)
    }

    fn settled_but(totals: &[SealedTotal], leaves_out: bool) -> Result<Settlement, SettleError> {
        let program = Program::new(terms("share")).expect("a program");
        // The same name on another platform is another enterprise's account.
        let other = Binding {
            uscc: uscc(1),
            ..binding("beta", 0)
        };
        let mut small = enterprise(1);
        small.filings.clear();
        let bindings = vec![binding("alpha", 0), other, binding("alpha", 2)];
        let enterprises = vec![enterprise(0), small, enterprise(2)];
        let facts =
            Facts::new(enterprises, bindings, vec![enrollment(0), enrollment(1)]).expect("facts");
        let (year, through) = (year(2017), period("2017-03"));
        settle(&Inputs {
            program: &program,
            others: &[],
            year,
            through,
            totals: &totals.iter().cloned().collect(),
            facts: &facts,
            leaves_out,
            prior: &[],
        })
    }

    #[test]
    fn fees_of_other_years_kinds_and_platforms_are_ignored() {
        let fees = ["2016-12-31", "2017-01-01", "2018-01-01"]
            .map(|day| fee("alpha", 0, "COMMISSION", day, 100));
        let run = settled(&fees).expect("a settlement");
        assert_eq!(
            [run.totals.in_scope_fen, run.totals.eligible_fen].map(Fen::get),
            [100, 100]
        );
        assert_eq!(run.lines.len(), 1);
        let run =
            settled(&[fee("alpha", 0, "ADVERTISING", "2017-01-01", 100)]).expect("a settlement");
        assert_eq!(
            (
                run.totals.in_scope_fen,
                run.lines.len(),
                run.exclusions.len()
            ),
            (Fen::ZERO, 0, 0)
        );
    }

    #[test]
    fn exclusions_stand_in_the_order_of_their_names_also_where_they_net_to_nothing() {
        let fees = [
            fee("alpha", 1, "COMMISSION", "2017-01-01", 5),
            fee("alpha", 0, "COMMISSION", "2017-01-01", 7),
            fee("beta", 0, "COMMISSION", "2017-01-01", 9),
            fee("beta", 0, "COMMISSION", "2017-01-01", -9),
            fee("alpha", 2, "COMMISSION", "2017-01-01", 3),
        ];
        let run = settled(&fees).expect("a settlement");
        let exclusions: Vec<_> = run
            .exclusions
            .iter()
            .map(|row| (row.reason.as_str(), row.fee_fen.get()))
            .collect();
        assert_eq!(
            exclusions,
            [
                ("NOT_ENROLLED", 3),
                ("SIZE_UNKNOWN", 0),
                ("UNBOUND_MERCHANT", 5)
            ]
        );
        assert_eq!(
            [
                run.totals.in_scope_fen,
                run.totals.eligible_fen,
                run.totals.excluded_fen
            ]
            .map(Fen::get),
            [15, 7, 8]
        );
    }

    #[test]
    fn only_final_values_fail_a_run() {
        let reported = |fees: &[i64]| {
            let total = |&fen: &i64| fee("alpha", 0, "COMMISSION", "2017-01-01", fen);
            settled(&fees.iter().map(total).collect::<Vec<_>>())
        };
        assert!(reported(&[i64::MAX, i64::MAX, -i64::MAX]).is_ok());
        assert!(matches!(
            reported(&[i64::MAX, 1]),
            Err(SettleError::Overflow(_))
        ));
        let excluded = [
            fee("alpha", 1, "COMMISSION", "2017-01-01", i64::MAX),
            fee("alpha", 1, "MEMBERSHIP", "2017-01-01", 1),
        ];
        assert!(matches!(settled(&excluded), Err(SettleError::Overflow(_))));
        assert!(matches!(
            reported(&[1, -2]),
            Err(SettleError::NegativeFees { .. })
        ));
    }

    #[test]
    fn what_reverses_fees_of_a_month_left_out_takes_no_more_than_was_given() {
        let fees = [
            fee("alpha", 0, "COMMISSION", "2017-01-01", -7),
            fee("alpha", 0, "MEMBERSHIP", "2017-01-01", 5),
        ];
        let run = settled_but(&fees, true).expect("a settlement");
        assert_eq!(run.totals.eligible_fen.get(), -2);
        let lines: Vec<_> = run.lines.iter().map(|line| line.fee_fen.get()).collect();
        assert_eq!(lines, [-7, 5]);
        let granted = run.enterprises.iter().map(|row| row.granted_fen.get());
        let given = run.lines.iter().map(|line| line.government_fen.get());
        let given: Vec<_> = given.collect();
        assert_eq!(given, [0, 2]);
        assert_eq!(granted.sum::<i64>(), 2);
        assert_eq!(run.totals.clawed_back_fen, Fen::ZERO);
    }
}
