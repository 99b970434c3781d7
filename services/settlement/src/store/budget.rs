//! What approved runs took out of a year's budget, and gave back to it.

use gazelle_kernel::{ProgramId, Year};
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// An approved run's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The program.
    pub program_id: ProgramId,
    /// The program year.
    pub year: Year,
    /// The run.
    pub run_id: Uuid,
    /// What the budget had released through the run's period, in fen.
    pub released_fen: i64,
    /// What the entries before granted, net.
    pub before_fen: i64,
    /// What the run grants, without what it takes back.
    pub granted_fen: i64,
    /// What it takes back, 0 or less.
    pub clawed_back_fen: i64,
}

/// Posts an entry after the last one of its program and year. The database refuses one that does
/// not go on from the last one's balance, or grants past what was released.
pub async fn post(tx: &mut PgConnection, entry: &Entry) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into budget_entry (program_id, year, number, run_id, released_fen, before_fen,
                                   granted_fen, clawed_back_fen)
         select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7
         from budget_entry where program_id = $1 and year = $2",
        entry.program_id.as_str(),
        entry.year.get(),
        entry.run_id,
        entry.released_fen,
        entry.before_fen,
        entry.granted_fen,
        entry.clawed_back_fen
    )
    .execute(tx)
    .await?;
    Ok(())
}
