//! What platforms stated of their periods.

use gazelle_kernel::{Actor, Fen, Instant};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::domain::{key::PlatformPeriod, statement::Statement};

/// Saves what the platform stated, of a period that is locked.
pub async fn save(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    stated: &Statement,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update period set stated_count = $3, stated_total_fen = $4, stated_at = $5, stated_by = $6
         where platform = $1 and period = $2",
        platform.0,
        period.index(),
        stated.record_count,
        stated.total.get(),
        stated.stated_at,
        stated.stated_by.as_str(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A statement, where its columns have one.
pub fn read_statement(
    record_count: Option<i64>,
    total_fen: Option<i64>,
    stated_at: Option<Instant>,
    stated_by: Option<String>,
) -> Option<Statement> {
    Some(Statement {
        record_count: record_count?,
        total: Fen::new(total_fen?),
        stated_at: stated_at?,
        stated_by: Actor::new(stated_by?),
    })
}
