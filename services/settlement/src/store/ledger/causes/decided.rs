//! What was decided, against the trail of who decided it: programs, enrollments and objections.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// Every version of a program, and how far it has come.
pub(super) async fn versions(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with told as (
               select subject as program_id, row_number() over (partition by subject order by number) as version,
                      number, lead(number) over (partition by subject order by number) is null as is_latest,
                      content, actor, at
               from event where action = 'program.apply'),
           put as (
               select subject as program_id, (content::jsonb ->> 'revision')::bigint as revision
               from (select distinct on (subject) subject, content
                     from event where action = 'enrollment.put'
                     order by subject, number desc) last)
           select format('version %s of %s is not what was applied', version, program_id) as "detail!"
           from told
           full join program_version there using (program_id, version)
           full join program using (program_id)
           left join put using (program_id)
           where (there.content, there.applied_by, there.applied_at)
                 is distinct from (told.content, told.actor, told.at)
              or is_latest and (program.latest_version, program.enrollment_revision)
                 is distinct from (version, coalesce(put.revision, 0))
              or told.number is null or program.latest_version is null
           order by told.number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Each settled year stays with the version of its first approved run.
pub(super) async fn years(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with first as (
               select distinct on (program_id, year) program_id, year, program_version
               from run where state = 'approved'
               order by program_id, year, number)
           select format('%s of %s stays with version %s, and its first run was by %s', year, program_id,
                         pinned_version, program_version) as "detail!"
           from first
           full join program_year using (program_id, year)
           where pinned_version is distinct from program_version
           order by program_id, year
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every objection, and how it was decided.
pub(super) async fn objections(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with raised as (
               select number, subject, content::jsonb ->> 'uscc' as uscc, actor, at, content::jsonb as content
               from event where action = 'objection.raise'),
           decided as (
               select subject, content::jsonb ->> 'uscc' as uscc, actor, at, content::jsonb as content
               from event where action = 'objection.decide')
           select format('the objection of %s to run %s is not what was done',
                         coalesce(objection.uscc, raised.uscc), coalesce(run_id::text, raised.subject)) as "detail!"
           from objection
           full join raised on raised.subject = objection.run_id::text and raised.uscc = objection.uscc
           left join decided on decided.subject = raised.subject and decided.uscc = raised.uscc
           where (objection.statement, objection.raised_by, objection.raised_at, objection.state,
                  objection.decided_by, objection.decided_at, objection.decision)
                 is distinct from (
                  raised.content ->> 'statement', raised.actor, raised.at,
                  case (decided.content -> 'upheld')::boolean
                      when true then 'upheld' when false then 'dismissed' else 'open' end,
                  decided.actor, decided.at, decided.content ->> 'decision')
           order by raised.number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every enrollment, and what replaced it.
pub(super) async fn enrollments(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        // Each content is parsed by itself and let go: carried along with each of its thousand
        // items, it would be sorted with them.
        r#"with parsed as materialized (
               select number, actor, at, (content::jsonb ->> 'revision')::bigint as since,
                      content::jsonb -> 'enrollments' as items
               from event
               where action = 'enrollment.put'),
           put as materialized (
               select number, actor, at, since, item
               from parsed
               cross join lateral jsonb_array_elements(items) item),
           told as (
               select number, item ->> 'program_id' as program_id, item ->> 'uscc' as uscc,
                      (item -> 'effective' ->> 'from')::date as effective_from, since,
                      (item -> 'effective' ->> 'to')::date as effective_to, item ->> 'applied_at' as applied_at,
                      lead(since) over (
                          partition by item ->> 'program_id', item ->> 'uscc', item -> 'effective' ->> 'from'
                          order by since) as until, actor, at
               from put)
           select format('the enrollment of %s in %s from %s is not what was put', uscc, program_id,
                         effective_from) as "detail!"
           from told
           full join enrollment using (program_id, uscc, effective_from, since)
           where (enrollment.until, enrollment.effective_to, enrollment.applied_at, enrollment.recorded_by,
                  enrollment.recorded_at)
                 is distinct from (told.until, told.effective_to, told.applied_at, told.actor, told.at)
           order by told.number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
