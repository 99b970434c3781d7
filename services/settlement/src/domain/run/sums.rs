//! What a run repeats of its rows, of its budget and of the runs before it.

use std::collections::HashMap;

use gazelle_kernel::{Fen, ProgramId, Year};

use super::{record::Run, state::RunState};
use crate::domain::{
    program::Program,
    rules::{
        budget,
        overflow::{Overflow, final_value, sum},
        result::{Settlement, Totals},
    },
};

/// What approved runs of each program and year came to so far.
#[derive(Debug, Default)]
pub struct Earlier(HashMap<(ProgramId, Year), ApprovedSums>);

#[derive(Debug, Clone, Copy, Default)]
struct ApprovedSums {
    fee: i128,
    granted: i128,
}

impl Earlier {
    /// Whether the sums of the next run, in the order of a program's numbers, are those of its
    /// rows, of the budget as that version of its program has it, and of the runs before it.
    pub fn agree(&mut self, run: &Run, rows: Settlement, budgets: &Program) -> bool {
        let before = self
            .0
            .entry((run.program_id.clone(), run.year))
            .or_default();
        let agree = sums(run, rows, budgets, *before).is_ok_and(|sums| sums == run.totals);
        if matches!(run.state, RunState::Approved(_)) {
            before.fee += run.totals.line_fee_fen.wide();
            before.granted += run.totals.line_government_fen.wide();
        }
        agree
    }
}

fn sums(
    run: &Run,
    mut rows: Settlement,
    budgets: &Program,
    before: ApprovedSums,
) -> Result<Totals, Overflow> {
    rows.add_up()?;
    let lines = rows.totals;
    let eligible = before.fee + lines.line_fee_fen.wide();
    let excluded = sum(rows.exclusions.iter().map(|row| row.fee_fen));
    let released_fen = budget::released(budgets.budget(run.year), run.year, run.through_period)?;
    let granted_before_fen: Fen = final_value("the sum of earlier grants", before.granted)?;
    Ok(Totals {
        in_scope_fen: final_value("the in-scope total", eligible + excluded)?,
        eligible_fen: final_value("the sum of eligible fees", eligible)?,
        excluded_fen: final_value("the sum of excluded fees", excluded)?,
        released_fen,
        granted_before_fen,
        available_fen: budget::available(released_fen, granted_before_fen)?,
        ..lines
    })
}
