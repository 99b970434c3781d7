//! Enrollments, with all that they ever were.

use gazelle_kernel::{Actor, Date, Instant, ProgramId, Uscc, format_instant, parse_instant};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;
use time::macros::date;

use super::column;
use crate::domain::enrollment::Enrollment;

/// A change of a program's enrollments.
#[derive(Debug)]
pub struct EnrollmentChange<'a> {
    pub program_id: &'a ProgramId,
    /// Counts the changes, from 1.
    pub revision: i64,
    pub recorded_by: &'a Actor,
    /// When it was made.
    pub recorded_at: Instant,
}

/// The enrollments that these may meet: of each one's enterprise in its program the one with its
/// first day, the one before and the one after. Those never overlap, so no other can be in the way.
pub async fn near(
    tx: &mut PgConnection,
    items: &[&Enrollment],
) -> Result<Vec<Enrollment>, StoreError> {
    let programs: Vec<&str> = items.iter().map(|item| item.program_id.as_str()).collect();
    let usccs: Vec<&str> = items.iter().map(|item| item.uscc.as_str()).collect();
    let from: Vec<Date> = items.iter().map(|item| item.effective.from()).collect();
    let rows = sqlx::query_as!(
        EnrollmentRow,
        r#"select distinct near.program_id as "program_id!", near.uscc as "uscc!",
                           near.applied_at as "applied_at!",
                           near.effective_from as "effective_from!", near.effective_to
           from unnest($1::text[], $2::text[], $3::date[])
               as item (program_id, uscc, effective_from)
           cross join lateral (
               (select *
                from enrollment
                where program_id = item.program_id and uscc = item.uscc
                  and effective_from <= item.effective_from and until is null
                order by effective_from desc
                limit 2)
               union all
               (select *
                from enrollment
                where program_id = item.program_id and uscc = item.uscc
                  and effective_from > item.effective_from and until is null
                order by effective_from
                limit 1)
           ) as near"#,
        &programs[..] as &[&str],
        &usccs[..] as &[&str],
        &from[..],
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(EnrollmentRow::read).collect()
}

/// All enrollments in these programs, by program, enterprise and first day.
pub async fn in_programs(
    tx: &mut PgConnection,
    programs: &[ProgramId],
) -> Result<Vec<Enrollment>, StoreError> {
    let programs: Vec<String> = programs.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_as!(
        EnrollmentRow,
        "select program_id, uscc, applied_at, effective_from, effective_to
         from enrollment
         where program_id = any($1) and until is null
         order by program_id, uscc, effective_from",
        &programs
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(EnrollmentRow::read).collect()
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
        EnrollmentRow,
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
    rows.into_iter().map(EnrollmentRow::read).collect()
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

/// Ends what enrollments of a program were until a change: those with the same enterprise and
/// first day hold no longer, and stay.
pub async fn end(
    tx: &mut PgConnection,
    change: &EnrollmentChange<'_>,
    replacing: &[&Enrollment],
) -> Result<(), StoreError> {
    let usccs: Vec<String> = replacing.iter().map(|e| e.uscc.to_string()).collect();
    let from: Vec<Date> = replacing.iter().map(|e| e.effective.from()).collect();
    let ended = sqlx::query!(
        "update enrollment set until = $2
         where ctid = any (array(
             select e.ctid
             from unnest($3::text[], $4::date[]) as replaced (uscc, effective_from)
             cross join lateral (
                 select ctid
                 from enrollment
                 where program_id = $1 and uscc = replaced.uscc
                   and effective_from = replaced.effective_from and until is null
                 offset 0
             ) as e))",
        change.program_id.as_str(),
        change.revision,
        &usccs,
        &from
    )
    .execute(tx)
    .await?;
    expect_rows("enrollment", &ended, replacing.len())
}

/// Records enrollments of one program by a change.
pub async fn insert(
    tx: &mut PgConnection,
    change: &EnrollmentChange<'_>,
    enrollments: &[&Enrollment],
) -> Result<(), StoreError> {
    let usccs: Vec<String> = enrollments.iter().map(|e| e.uscc.to_string()).collect();
    let from: Vec<Date> = enrollments.iter().map(|e| e.effective.from()).collect();
    let to: Vec<Option<Date>> = enrollments.iter().map(|e| e.effective.to()).collect();
    let applied_at: Vec<String> = enrollments
        .iter()
        .map(|e| format_instant(e.applied_at))
        .collect();
    let inserted = sqlx::query!(
        "insert into enrollment (program_id, uscc, effective_from, since, effective_to, applied_at,
                                 recorded_by, recorded_at)
         select $1, uscc, effective_from, $2, effective_to, applied_at, $7, $8
         from unnest($3::text[], $4::date[], $5::date[], $6::text[])
              as new (uscc, effective_from, effective_to, applied_at)",
        change.program_id.as_str(),
        change.revision,
        &usccs,
        &from,
        &to as &[Option<Date>],
        &applied_at,
        change.recorded_by.as_str(),
        change.recorded_at
    )
    .execute(tx)
    .await?;
    expect_rows("enrollment", &inserted, enrollments.len())
}

struct EnrollmentRow {
    program_id: String,
    uscc: String,
    applied_at: String,
    effective_from: Date,
    effective_to: Option<Date>,
}

impl EnrollmentRow {
    fn read(self) -> Result<Enrollment, StoreError> {
        Ok(Enrollment {
            program_id: column::program_id("enrollment.program_id", &self.program_id)?,
            uscc: column::uscc("enrollment.uscc", &self.uscc)?,
            applied_at: read("enrollment.applied_at", parse_instant(&self.applied_at))?,
            effective: column::interval(
                "enrollment.effective",
                self.effective_from,
                self.effective_to,
            )?,
        })
    }
}
