//! How a run is shown.

use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1::{OwedPeriod, Run, RunState, RunTotals};
use serde_json::json;

use crate::commands::names::Names;
use crate::output::{Cell, Column, column};
use crate::words;

/// Columns of a list of runs.
pub(super) const LIST_COLUMNS: &[Column] = &[
    column("run_id", "run"),
    column("program_id", "program"),
    column("number", "number"),
    column("year", "year"),
    column("through_period", "through"),
    column("state", "state"),
    column("granted_fen", "granted (yuan)"),
    column("clawed_back_fen", "clawed back (yuan)"),
    column("unfunded_fen", "unfunded (yuan)"),
    column("computed_by", "computed by"),
    column("decided_by", "decided by"),
];

pub(super) fn list_cells(run: &Run, programs: &Names) -> Vec<Cell> {
    let totals = run.totals.unwrap_or_default();
    vec![
        run.run_id.as_str().into(),
        programs.cell(run.program_id.as_str()),
        run.number.into(),
        Cell::Year(run.year),
        run.through_period.as_str().into(),
        state(run.state()),
        Cell::fen(totals.granted_fen),
        Cell::fen(totals.clawed_back_fen),
        Cell::fen(totals.unfunded_fen),
        run.computed_by.as_str().into(),
        run.decided_by.as_str().into(),
    ]
}

fn state(state: RunState) -> Cell {
    let (code, text) = match state {
        RunState::Unspecified => ("UNKNOWN", words::CODE_UNKNOWN),
        RunState::Computed => ("COMPUTED", words::RUN_COMPUTED),
        RunState::Published => ("PUBLISHED", words::RUN_PUBLISHED),
        RunState::Approved => ("APPROVED", words::RUN_APPROVED),
        RunState::Cancelled => ("CANCELLED", words::RUN_CANCELLED),
    };
    Cell::coded(code, text.say())
}

/// A run in plain words, for whoever is about to decide something about it.
pub(super) fn summary(run: &Run) -> String {
    let totals = run.totals.unwrap_or_default();
    let yuan = |fen| Fen::new(fen).to_yuan();
    let name = format!("{}#{}", run.program_id, run.number);
    let mut summary = words::RUN_SUMMARY.with(&[
        ("run", &name),
        ("program", &run.program_id),
        ("year", &run.year),
        ("through", &run.through_period),
        ("granted", &yuan(totals.granted_fen)),
        ("clawed_back", &yuan(totals.clawed_back_fen)),
        ("unfunded", &yuan(totals.unfunded_fen)),
        ("government", &yuan(totals.line_government_fen)),
        ("fees", &yuan(totals.line_fee_fen)),
        ("digest", &run.digest),
    ]);
    if let Some(empty) = emptiness(run) {
        summary = format!("{summary}\n{empty}");
    }
    if !run.left_out.is_empty() {
        let periods = owed(&run.left_out);
        summary = format!(
            "{summary}\n{}",
            words::LEFT_OUT.with(&[("periods", &periods)])
        );
    }
    if !run.silent_platform_ids.is_empty() {
        let platforms = run.silent_platform_ids.join(", ");
        summary = format!(
            "{summary}\n{}",
            words::SILENT.with(&[("platforms", &platforms)])
        );
    }
    summary
}

/// What people should know of a run that does nothing: another year or month may be meant.
pub(super) fn emptiness(run: &Run) -> Option<String> {
    let RunTotals {
        granted_fen,
        clawed_back_fen,
        unfunded_fen,
        line_fee_fen,
        eligible_fen,
        ..
    } = run.totals.unwrap_or_default();
    let is_empty = [granted_fen, clawed_back_fen, unfunded_fen, line_fee_fen] == [0; 4];
    let told = if eligible_fen == 0 {
        words::RUN_IS_EMPTY
    } else {
        words::RUN_CHANGES_NOTHING
    };
    is_empty.then(|| told.with(&[("year", &run.year), ("through", &run.through_period)]))
}

fn owed(periods: &[OwedPeriod]) -> String {
    let told: Vec<_> = periods
        .iter()
        .map(|owed| format!("{}:{}", owed.platform_id, owed.period))
        .collect();
    told.join(", ")
}

/// All of a run but its result tables.
pub(super) fn facts(run: &Run) -> Vec<(Column, Cell)> {
    let seals = run.seals.iter().map(|seal| {
        json!({"platform_id": seal.platform_id, "period": seal.period, "digest": seal.digest})
    });
    let left_out = owed(&run.left_out);
    let periods = Cell::Both(
        run.left_out
            .iter()
            .map(|owed| json!({"platform_id": owed.platform_id, "period": owed.period}))
            .collect(),
        left_out,
    );
    let silent = Cell::Both(
        run.silent_platform_ids.clone().into(),
        run.silent_platform_ids.join(", "),
    );
    let moment = |key, title, at| (column(key, title), Cell::at(at));
    let text = |key, title, value: &String| (column(key, title), value.as_str().into());
    let mut facts = vec![
        text("run_id", "run", &run.run_id),
        text("program_id", "program", &run.program_id),
        (
            column("program_version", "program version"),
            run.program_version.into(),
        ),
        (column("number", "number"), run.number.into()),
        (column("year", "year"), Cell::Year(run.year)),
        text("through_period", "through", &run.through_period),
        (column("state", "state"), state(run.state())),
    ];
    facts.extend(sums(&run.totals.unwrap_or_default()));
    facts.extend([
        text("digest", "digest", &run.digest),
        (
            column("registry_revision", "registry revision"),
            run.registry_revision.into(),
        ),
        text("computed_by", "computed by", &run.computed_by),
        moment("computed_at", "computed at", run.computed_at),
        text("published_by", "published by", &run.published_by),
        moment("published_at", "published at", run.published_at),
        (
            column("notice_ends_at", "notice ends at"),
            Cell::until(run.notice_ends_at),
        ),
        text("decided_by", "decided by", &run.decided_by),
        moment("decided_at", "decided at", run.decided_at),
        (column("left_out", "computed without"), periods),
        (column("silent_platform_ids", "silent platforms"), silent),
        (column("seals", "seals"), Cell::Nested(seals.collect())),
    ]);
    facts
}

fn sums(totals: &RunTotals) -> Vec<(Column, Cell)> {
    [
        ("in_scope_fen", "fees in scope (yuan)", totals.in_scope_fen),
        ("eligible_fen", "  eligible", totals.eligible_fen),
        ("excluded_fen", "  excluded", totals.excluded_fen),
        (
            "released_fen",
            "budget released (yuan)",
            totals.released_fen,
        ),
        ("available_fen", "  available", totals.available_fen),
        ("granted_fen", "granted (yuan)", totals.granted_fen),
        (
            "clawed_back_fen",
            "clawed back (yuan)",
            totals.clawed_back_fen,
        ),
        ("unfunded_fen", "unfunded (yuan)", totals.unfunded_fen),
        (
            "line_fee_fen",
            "fees on its lines (yuan)",
            totals.line_fee_fen,
        ),
        (
            "line_government_fen",
            "  by government",
            totals.line_government_fen,
        ),
        (
            "line_platform_fen",
            "  by platforms",
            totals.line_platform_fen,
        ),
        (
            "line_enterprise_fen",
            "  by enterprises",
            totals.line_enterprise_fen,
        ),
    ]
    .map(|(key, title, fen)| (column(key, title), Cell::fen(fen)))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_does_nothing_says_so() {
        let run = |totals: RunTotals| Run {
            year: 2024,
            through_period: "2024-12".to_owned(),
            totals: Some(totals),
            ..Run::default()
        };
        let empty = run(RunTotals {
            released_fen: 5,
            ..RunTotals::default()
        });
        let told = summary(&empty);
        assert!(told.contains("ATTENTION: no fee of 2024"), "{told}");
        let again = run(RunTotals {
            eligible_fen: 5,
            ..RunTotals::default()
        });
        let told = summary(&again);
        assert!(told.contains("ATTENTION: nothing of 2024"), "{told}");
        for totals in [
            RunTotals {
                line_fee_fen: -1,
                ..RunTotals::default()
            },
            RunTotals {
                clawed_back_fen: 1,
                ..RunTotals::default()
            },
        ] {
            assert_eq!(emptiness(&run(totals)), None);
        }
    }
}
