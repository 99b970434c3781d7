//! Programs and their versions.

use gazelle_kernel::{Actor, Instant, ProgramId, Year};
use gazelle_runtime::store::{StoreError, expect_rows};
use sqlx::PgConnection;

use super::column;
use crate::domain::program::{Standing, Version};

/// A version that a year is settled by for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub program_id: ProgramId,
    pub year: Year,
    /// The number of the version.
    pub version: i32,
}

/// Before a program changes: keeps all others, and their runs, as they are until the transaction
/// ends.
pub async fn lock_catalog(tx: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("select only_row from catalog for update")
        .fetch_one(tx)
        .await?;
    Ok(())
}

/// Before a run is opened or approved: keeps programs from changing until the transaction ends.
pub async fn share_catalog(tx: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("select only_row from catalog for share")
        .fetch_one(tx)
        .await?;
    Ok(())
}

/// Locks a program with all that belongs to it; tells whether there is such a program.
pub async fn lock(tx: &mut PgConnection, id: &ProgramId) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        "select program_id from program where program_id = $1 for no key update",
        id.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.is_some())
}

/// The newest version of a program.
pub async fn latest(tx: &mut PgConnection, id: &ProgramId) -> Result<Option<Version>, StoreError> {
    let row = sqlx::query_as!(
        ProgramRow,
        "select v.version, v.content, v.applied_by, v.applied_at
         from program p
         join program_version v on v.program_id = p.program_id and v.version = p.latest_version
         where p.program_id = $1",
        id.as_str()
    )
    .fetch_optional(tx)
    .await?;
    row.map(ProgramRow::read).transpose()
}

/// A version of a program.
pub async fn version(
    tx: &mut PgConnection,
    id: &ProgramId,
    version: i32,
) -> Result<Option<Version>, StoreError> {
    let row = sqlx::query_as!(
        ProgramRow,
        "select version, content, applied_by, applied_at
         from program_version where program_id = $1 and version = $2",
        id.as_str(),
        version
    )
    .fetch_optional(tx)
    .await?;
    row.map(ProgramRow::read).transpose()
}

/// The newest versions of programs after `after`, by id.
pub async fn page(
    tx: &mut PgConnection,
    after: Option<&ProgramId>,
    limit: i64,
) -> Result<Vec<Version>, StoreError> {
    let rows = sqlx::query_as!(
        ProgramRow,
        r#"select v.version, v.content, v.applied_by, v.applied_at
           from program p
           join program_version v on v.program_id = p.program_id and v.version = p.latest_version
           where p.program_id > $1
           order by p.program_id
           limit $2"#,
        after.map_or("", ProgramId::as_str),
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(ProgramRow::read).collect()
}

/// The newest versions of all programs, by id.
pub async fn all(tx: &mut PgConnection) -> Result<Vec<Version>, StoreError> {
    page(tx, None, i64::MAX).await
}

/// The versions of years that have an approved run, by program and year.
pub async fn settled(tx: &mut PgConnection) -> Result<Vec<(Year, Version)>, StoreError> {
    let rows = sqlx::query_as!(
        YearRow,
        "select y.year, v.version, v.content, v.applied_by, v.applied_at
         from program_year y
         join program_version v on v.program_id = y.program_id and v.version = y.pinned_version
         order by y.program_id, y.year"
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(YearRow::read).collect()
}

/// The versions of years that have an open run, by program.
pub async fn open(tx: &mut PgConnection) -> Result<Vec<(Year, Version)>, StoreError> {
    let rows = sqlx::query_as!(
        YearRow,
        "select r.year, v.version, v.content, v.applied_by, v.applied_at
         from run r
         join program_version v on v.program_id = r.program_id and v.version = r.program_version
         where r.state in ('computed', 'published')
         order by r.program_id"
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(YearRow::read).collect()
}

/// How a program stands for a year.
pub async fn standing(
    tx: &mut PgConnection,
    id: &ProgramId,
    year: Year,
) -> Result<Option<Standing>, StoreError> {
    let Some(latest) = latest(&mut *tx, id).await? else {
        return Ok(None);
    };
    let pinned = sqlx::query_as!(
        ProgramRow,
        "select v.version, v.content, v.applied_by, v.applied_at
         from program_year y
         join program_version v on v.program_id = y.program_id and v.version = y.pinned_version
         where y.program_id = $1 and y.year = $2",
        id.as_str(),
        year.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let row = sqlx::query!(
        "select enrollment_revision from program where program_id = $1",
        id.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(Some(Standing {
        latest,
        pinned: pinned.map(ProgramRow::read).transpose()?,
        enrollment_revision: row.enrollment_revision,
    }))
}

/// Makes `version` the newest of its program; version 1 makes the program known.
pub async fn insert_version(tx: &mut PgConnection, new: &Version) -> Result<(), StoreError> {
    let id = new.program.id().as_str();
    sqlx::query!(
        "insert into program (program_id, latest_version, enrollment_revision) values ($1, $2, 0)
         on conflict (program_id) do update set latest_version = excluded.latest_version",
        id,
        new.number
    )
    .execute(&mut *tx)
    .await?;
    let inserted = sqlx::query!(
        "insert into program_version (program_id, version, content, applied_by, applied_at)
         values ($1, $2, $3, $4, $5)",
        id,
        new.number,
        column::to_json(&new.program),
        new.applied_by.as_str(),
        new.applied_at
    )
    .execute(tx)
    .await?;
    expect_rows("program_version", &inserted, 1)
}

/// Fixes the version that a year is settled by, unless it is fixed already.
pub async fn pin(tx: &mut PgConnection, pin: &Pin) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into program_year (program_id, year, pinned_version) values ($1, $2, $3)
         on conflict (program_id, year) do nothing",
        pin.program_id.as_str(),
        pin.year.get(),
        pin.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

struct ProgramRow {
    version: i32,
    content: String,
    applied_by: String,
    applied_at: Instant,
}

impl ProgramRow {
    fn read(self) -> Result<Version, StoreError> {
        Ok(Version {
            program: column::json("program_version.content", &self.content)?,
            number: self.version,
            applied_by: Actor::new(self.applied_by),
            applied_at: self.applied_at,
        })
    }
}

struct YearRow {
    year: i32,
    version: i32,
    content: String,
    applied_by: String,
    applied_at: Instant,
}

impl YearRow {
    fn read(self) -> Result<(Year, Version), StoreError> {
        let year = column::year("program_year.year", self.year)?;
        let version = ProgramRow {
            version: self.version,
            content: self.content,
            applied_by: self.applied_by,
            applied_at: self.applied_at,
        };
        Ok((year, version.read()?))
    }
}
