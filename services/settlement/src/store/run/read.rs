//! Reading runs, by id or number and in pages.

use gazelle_kernel::{Period, ProgramId, Year};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::row::RunRow;
use crate::{domain::run::Run, store::column};

/// The run of that id. (`select *`: [`RunRow`] has all columns, which is checked when it compiles.)
pub async fn find(tx: &mut PgConnection, run_id: Uuid) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query_as!(RunRow, "select * from run where run_id = $1", run_id)
        .fetch_optional(tx)
        .await?;
    row.map(RunRow::read).transpose()
}

/// A run, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut PgConnection, run_id: Uuid) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query_as!(
        RunRow,
        "select * from run where run_id = $1 for no key update",
        run_id
    )
    .fetch_optional(tx)
    .await?;
    row.map(RunRow::read).transpose()
}

/// The program's run of that number; of 0, its newest.
pub async fn find_numbered(
    tx: &mut PgConnection,
    program: &ProgramId,
    number: i32,
) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query_as!(
        RunRow,
        "select * from run
         where program_id = $1 and ($2 = 0 or number = $2)
         order by number desc
         limit 1",
        program.as_str(),
        number
    )
    .fetch_optional(tx)
    .await?;
    row.map(RunRow::read).transpose()
}

/// The id of a program's open run.
pub async fn open_id(
    tx: &mut PgConnection,
    program: &ProgramId,
) -> Result<Option<Uuid>, StoreError> {
    let row = sqlx::query!(
        "select run_id from run where program_id = $1 and state in ('computed', 'published')",
        program.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| row.run_id))
}

/// The number of a program's last run; 0: none.
pub async fn last_number(tx: &mut PgConnection, program: &ProgramId) -> Result<i32, StoreError> {
    let row = sqlx::query!(
        r#"select coalesce(max(number), 0) as "number!" from run where program_id = $1"#,
        program.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(row.number)
}

/// The period of the last approved run of a program and year.
pub async fn last_approved_through(
    tx: &mut PgConnection,
    program: &ProgramId,
    year: Year,
) -> Result<Option<Period>, StoreError> {
    let row = sqlx::query!(
        "select through_period from run
         where program_id = $1 and year = $2 and state = 'approved'
         order by number desc
         limit 1",
        program.as_str(),
        year.get()
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| column::period("run.through_period", &row.through_period))
        .transpose()
}

/// Runs after a key, by program and number; of one program where it is named.
pub async fn page(
    tx: &mut PgConnection,
    program: Option<&ProgramId>,
    after: Option<(&ProgramId, i32)>,
    limit: i64,
) -> Result<Vec<Run>, StoreError> {
    let (after_program, after_number) = after.map_or(("", 0), |(id, number)| (id.as_str(), number));
    let rows = sqlx::query_as!(
        RunRow,
        "select * from run
         where ($1::text is null or program_id = $1) and (program_id, number) > ($2, $3)
         order by program_id, number
         limit $4",
        program.map(ProgramId::as_str),
        after_program,
        after_number,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(RunRow::read).collect()
}
