//! How a run is shown.

use gazelle_proto::settlement::v1::{Run, RunState, RunTotals};
use serde_json::json;

use crate::output::{Cell, Column, column};

/// Columns of a list of runs.
pub(super) const LIST_COLUMNS: &[Column] = &[
    column("run_id", "run"),
    column("program_id", "program"),
    column("number", "number"),
    column("year", "year"),
    column("through", "through"),
    column("state", "state"),
    column("granted_fen", "granted (yuan)"),
    column("clawed_back_fen", "clawed back (yuan)"),
    column("unfunded_fen", "unfunded (yuan)"),
    column("computed_by", "computed by"),
    column("decided_by", "decided by"),
];

pub(super) fn list_cells(run: &Run) -> Vec<Cell> {
    let totals = run.totals.unwrap_or_default();
    vec![
        run.run_id.as_str().into(),
        run.program_id.as_str().into(),
        run.number.into(),
        Cell::Year(run.year),
        run.through.as_str().into(),
        state(run.state()).into(),
        Cell::fen(totals.granted_fen),
        Cell::fen(totals.clawed_back_fen),
        Cell::fen(totals.unfunded_fen),
        run.computed_by.as_str().into(),
        run.decided_by.as_str().into(),
    ]
}

fn state(state: RunState) -> &'static str {
    match state {
        RunState::Unspecified => "UNKNOWN",
        RunState::Computed => "COMPUTED",
        RunState::Published => "PUBLISHED",
        RunState::Approved => "APPROVED",
        RunState::Cancelled => "CANCELLED",
    }
}

/// All of a run but its result tables.
pub(super) fn facts(run: &Run) -> Vec<(Column, Cell)> {
    let seals = run.seals.iter().map(|seal| {
        json!({"platform_id": seal.platform_id, "period": seal.period, "digest": seal.digest})
    });
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
        text("through", "through", &run.through),
        (column("state", "state"), state(run.state()).into()),
    ];
    facts.extend(sums(&run.totals.unwrap_or_default()));
    facts.extend([
        text("digest", "digest", &run.digest),
        (
            column("registry_revision", "registry revision"),
            run.registry_revision.into(),
        ),
        text("computed_by", "computed by", &run.computed_by),
        text("computed_at", "computed at", &run.computed_at),
        text("published_by", "published by", &run.published_by),
        text("published_at", "published at", &run.published_at),
        text("notice_ends_at", "notice ends at", &run.notice_ends_at),
        text("decided_by", "decided by", &run.decided_by),
        text("decided_at", "decided at", &run.decided_at),
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
