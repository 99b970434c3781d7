//! Enrollments, with all that they ever were.

use gazelle_kernel::{Instant, ProgramId, Uscc, parse_instant};
use sqlx::PgConnection;
use time::{Date, UtcOffset, format_description::well_known::Rfc3339, macros::date};

use super::{StoreError, interval, program_id, read, uscc};
use crate::domain::enrollment::Enrollment;

/// The enrollments of these enterprises in these programs, pair by pair.
pub async fn of(
    tx: &mut PgConnection,
    pairs: &[(&ProgramId, &Uscc)],
) -> Result<Vec<Enrollment>, StoreError> {
    let (programs, usccs): (Vec<String>, Vec<String>) = pairs
        .iter()
        .map(|(program, uscc)| (program.to_string(), uscc.to_string()))
        .unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"select e.program_id, e.uscc, e.applied_at, e.effective_from, e.effective_to
           from unnest($1::text[], $2::text[]) as asked (program_id, uscc)
           join enrollment e using (program_id, uscc)
           where e.until is null
           order by e.program_id, e.uscc, e.effective_from"#,
        &programs,
        &usccs
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// All enrollments in these programs, by program, enterprise and first day.
pub async fn in_programs(
    tx: &mut PgConnection,
    programs: &[ProgramId],
) -> Result<Vec<Enrollment>, StoreError> {
    let programs: Vec<String> = programs.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_as!(
        Row,
        "select program_id, uscc, applied_at, effective_from, effective_to
         from enrollment
         where program_id = any($1) and until is null
         order by program_id, uscc, effective_from",
        &programs
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// A program's enrollments after a key, by enterprise and first day.
pub async fn page(
    tx: &mut PgConnection,
    program: &ProgramId,
    after: Option<(&Uscc, Date)>,
    limit: i64,
) -> Result<Vec<Enrollment>, StoreError> {
    let (after_uscc, after_from) = after.map_or(("", date!(1900 - 01 - 01)), |(uscc, from)| {
        (uscc.as_str(), from)
    });
    let rows = sqlx::query_as!(
        Row,
        "select program_id, uscc, applied_at, effective_from, effective_to
         from enrollment
         where program_id = $1 and until is null and (uscc, effective_from) > ($2, $3)
         order by uscc, effective_from
         limit $4",
        program.as_str(),
        after_uscc,
        after_from,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Counts one more change of a program's enrollments; returns the new count.
pub async fn raise_revision(tx: &mut PgConnection, program: &ProgramId) -> Result<i64, StoreError> {
    let row = sqlx::query!(
        "update program set enrollment_revision = enrollment_revision + 1
         where program_id = $1
         returning enrollment_revision",
        program.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(row.enrollment_revision)
}

/// Records enrollments of one program at a revision; those with the same enterprise and first day
/// hold no longer, and stay.
pub async fn record(
    tx: &mut PgConnection,
    program: &ProgramId,
    revision: i64,
    enrollments: &[Enrollment],
    recorded_by: &str,
    recorded_at: Instant,
) -> Result<(), StoreError> {
    let usccs: Vec<String> = enrollments.iter().map(|e| e.uscc.to_string()).collect();
    let from: Vec<Date> = enrollments.iter().map(|e| e.effective.from()).collect();
    let to: Vec<Option<Date>> = enrollments.iter().map(|e| e.effective.to()).collect();
    let applied_at: Vec<String> = enrollments.iter().map(|e| utc(e.applied_at)).collect();
    sqlx::query!(
        "update enrollment e set until = $2
         from unnest($3::text[], $4::date[]) as new (uscc, effective_from)
         where e.program_id = $1 and e.uscc = new.uscc
           and e.effective_from = new.effective_from and e.until is null",
        program.as_str(),
        revision,
        &usccs,
        &from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into enrollment (program_id, uscc, effective_from, since, effective_to, applied_at,
                                 recorded_by, recorded_at)
         select $1, uscc, effective_from, $2, effective_to, applied_at, $7, $8
         from unnest($3::text[], $4::date[], $5::date[], $6::text[])
              as new (uscc, effective_from, effective_to, applied_at)",
        program.as_str(),
        revision,
        &usccs,
        &from,
        &to as &[Option<Date>],
        &applied_at,
        recorded_by,
        recorded_at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// RFC 3339 in UTC, to the nanosecond.
pub(super) fn utc(instant: Instant) -> String {
    instant
        .to_offset(UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("an application's year has four digits, also in UTC")
}

struct Row {
    program_id: String,
    uscc: String,
    applied_at: String,
    effective_from: Date,
    effective_to: Option<Date>,
}

impl Row {
    fn read(self) -> Result<Enrollment, StoreError> {
        Ok(Enrollment {
            program_id: program_id("enrollment.program_id", &self.program_id)?,
            uscc: uscc("enrollment.uscc", &self.uscc)?,
            applied_at: read("enrollment.applied_at", parse_instant(&self.applied_at))?,
            effective: interval(
                "enrollment.effective",
                self.effective_from,
                self.effective_to,
            )?,
        })
    }
}
