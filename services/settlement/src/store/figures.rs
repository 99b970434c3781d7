//! What those who run the service see of its tables.

use gazelle_kernel::{ProgramId, Year};
use sqlx::PgConnection;

use super::{StoreError, program_id, year};

/// How many runs are in each state that any is in.
pub async fn runs_by_state(conn: &mut PgConnection) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select state, count(*) as "count!" from run group by state order by state"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
}

/// What approved runs granted of each year's budget, net, in fen; by program and year.
pub async fn granted(conn: &mut PgConnection) -> Result<Vec<(ProgramId, Year, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select distinct on (program_id, year) program_id, year, after_fen as "after_fen!"
           from budget_entry
           order by program_id, year, number desc"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let program = program_id("budget_entry.program_id", &row.program_id)?;
            Ok((program, year("budget_entry.year", row.year)?, row.after_fen))
        })
        .collect()
}

/// The number of the last entry of the chain of events.
pub async fn chain_head(conn: &mut PgConnection) -> Result<i64, StoreError> {
    let row = sqlx::query!("select number from event_head")
        .fetch_one(conn)
        .await?;
    Ok(row.number)
}
