//! What became of an enterprise's fees.

use std::collections::BTreeMap;

use gazelle_kernel::{FeeKind, PlatformId, ProgramId, Uscc};

use super::finding::FeeFinding;
use crate::domain::{
    program::Program,
    rules::{
        eligibility::{ExclusionReason, Judge},
        error::SettleError,
        inputs::Inputs,
        overflow::final_sum,
        totals::DayTotal,
    },
};

/// Platform, fee kind, why they are excluded, and what covers them.
type FeeKey<'a> = (
    &'a PlatformId,
    &'a FeeKind,
    Option<ExclusionReason>,
    Option<&'a ProgramId>,
);

/// What became of the fees of an enterprise, by platform, fee kind and reason
/// (`SETTLEMENT.md`, Eligibility).
pub(super) fn fees(inputs: &Inputs<'_>, uscc: &Uscc) -> Result<Vec<FeeFinding>, SettleError> {
    let judge = Judge::new(inputs.program, inputs.others, inputs.year, inputs.facts)?;
    let mut rows: BTreeMap<FeeKey<'_>, Vec<&DayTotal>> = BTreeMap::new();
    let year = inputs.year.days();
    for (fees, days) in inputs.totals.iter().filter(|(fees, _)| inputs.reads(fees)) {
        let (platform_id, fee_kind) = (&fees.platform_id, &fees.fee_kind);
        let owners = inputs.facts.owners(platform_id, &fees.merchant_id);
        for day in days.iter().filter(|day| year.contains(day.fee_date)) {
            let owner = owners.on(day.fee_date).filter(|owner| owner.uscc == *uscc);
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
        fee_fen: final_sum("an enterprise's fees", rows.iter().map(|row| row.fee_fen))?,
        record_count: rows.iter().map(|row| row.record_count).sum(),
        first_on: dates().min().expect("a finding has a row"),
        last_on: dates().max().expect("a finding has a row"),
    })
}
