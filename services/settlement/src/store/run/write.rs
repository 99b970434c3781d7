//! Writing runs, and their steps.

use gazelle_runtime::store::{StoreError, expect_rows};
use sqlx::PgConnection;

use crate::domain::run::Run;

/// Adds a computed run.
pub async fn insert(tx: &mut PgConnection, run: &Run) -> Result<(), StoreError> {
    let (history, digest) = (run.state.history(), run.state.digest());
    let (left_out_platform_ids, left_out_periods): (Vec<String>, Vec<String>) = run
        .scope
        .left_out
        .iter()
        .map(|owed| (owed.platform_id.to_string(), owed.period.to_string()))
        .unzip();
    let silent = run.scope.silent_platform_ids.iter();
    let silent_platform_ids: Vec<String> = silent.map(ToString::to_string).collect();
    let totals = &run.totals;
    let inserted = sqlx::query!(
        "insert into run (
             run_id, program_id, number, year, through_period, state, program_version, budget_version,
             enrollment_revision, registry_revision, computed_digest, digest, computed_by,
             computed_at, in_scope_fen, eligible_fen, excluded_fen, released_fen,
             granted_before_fen, available_fen, granted_fen, clawed_back_fen, unfunded_fen,
             line_fee_fen, line_government_fen, line_platform_fen, line_enterprise_fen,
             left_out_platform_ids, left_out_periods, silent_platform_ids)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)",
        run.run_id,
        run.program_id.as_str(),
        run.number,
        run.year.get(),
        run.through_period.to_string(),
        run.state.as_str(),
        run.program_version,
        run.budget_version,
        run.enrollment_revision,
        run.registry_revision,
        history.computed.digest.as_bytes(),
        digest.as_bytes(),
        history.computed.by.as_str(),
        history.computed.at,
        totals.in_scope_fen.get(),
        totals.eligible_fen.get(),
        totals.excluded_fen.get(),
        totals.released_fen.get(),
        totals.granted_before_fen.get(),
        totals.available_fen.get(),
        totals.granted_fen.get(),
        totals.clawed_back_fen.get(),
        totals.unfunded_fen.get(),
        totals.line_fee_fen.get(),
        totals.line_government_fen.get(),
        totals.line_platform_fen.get(),
        totals.line_enterprise_fen.get(),
        &left_out_platform_ids,
        &left_out_periods,
        &silent_platform_ids
    )
    .execute(tx)
    .await?;
    expect_rows("run", &inserted, 1)
}

/// Saves where a run stands, and what an objection changes of its sums.
pub async fn update(tx: &mut PgConnection, run: &Run) -> Result<(), StoreError> {
    let (history, digest) = (run.state.history(), run.state.digest());
    let published = history.published;
    let changed_by: Vec<String> = published
        .iter()
        .flat_map(|p| &p.changed_by)
        .map(ToString::to_string)
        .collect();
    let totals = &run.totals;
    let result = sqlx::query!(
        "update run set state = $2, digest = $3, published_by = $4, published_at = $5,
                        notice_ends_at = $6, changed_by = $7, decided_by = $8, decided_at = $9,
                        granted_fen = $10, clawed_back_fen = $11, unfunded_fen = $12,
                        line_fee_fen = $13, line_government_fen = $14, line_platform_fen = $15,
                        line_enterprise_fen = $16
         where run_id = $1",
        run.run_id,
        run.state.as_str(),
        digest.as_bytes(),
        published.map(|p| p.by.as_str()),
        published.map(|p| p.at),
        published.map(|p| p.notice_ends_at),
        &changed_by,
        history.decided.map(|(by, _)| by.as_str()),
        history.decided.map(|(_, at)| at),
        totals.granted_fen.get(),
        totals.clawed_back_fen.get(),
        totals.unfunded_fen.get(),
        totals.line_fee_fen.get(),
        totals.line_government_fen.get(),
        totals.line_platform_fen.get(),
        totals.line_enterprise_fen.get()
    )
    .execute(tx)
    .await?;
    expect_rows("run", &result, 1)
}
