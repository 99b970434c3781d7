//! Runs and their steps, against the trail of who took them.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::domain::run;

/// Every run: what it was decided from, by whom and when each step was taken, and its digest.
pub(super) async fn runs(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with done as (
               select number, at, actor, action, subject, content::jsonb as content
               from event
               where action in ('run.compute', 'run.publish', 'run.approve', 'run.cancel', 'objection.decide')),
           computed as (select * from done where action = 'run.compute'),
           published as (select * from done where action = 'run.publish'),
           decided as (select * from done where action in ('run.approve', 'run.cancel')),
           last as (
               select distinct on (subject) subject, content ->> 'digest' as digest
               from done where action in ('run.compute', 'objection.decide')
               order by subject, number desc),
           helpers as (
               select subject, array_agg(distinct actor) as names
               from done where action = 'objection.decide' group by subject),
           sealed as (
               select run_id::text as subject,
                      jsonb_agg(jsonb_build_array(platform_id, period, encode(digest, 'hex'))
                                order by platform_id, period) as seals
               from run_seal group by 1)
           select format('run %s is not what was done', coalesce(run.run_id::text, computed.subject)) as "detail!"
           from run
           full join computed on computed.subject = run.run_id::text
           left join published on published.subject = computed.subject
           left join decided on decided.subject = computed.subject
           left join last on last.subject = computed.subject
           left join helpers on helpers.subject = computed.subject
           left join sealed on sealed.subject = computed.subject
           where (run.program_id, run.number, run.year, run.through_period, run.program_version,
                  run.budget_version, run.enrollment_revision, run.registry_revision)
                 is distinct from (
                  computed.content ->> 'program_id', (computed.content ->> 'number')::integer,
                  (computed.content ->> 'year')::integer, computed.content ->> 'through_period',
                  (computed.content ->> 'program_version')::integer,
                  (computed.content ->> 'budget_version')::integer,
                  (computed.content ->> 'enrollment_revision')::bigint,
                  (computed.content ->> 'registry_revision')::bigint)
              or (to_jsonb(run.silent_platform_ids),
                  (select coalesce(jsonb_agg(jsonb_build_array(platform_id, period) order by place), '[]')
                   from unnest(run.left_out_platform_ids, run.left_out_periods)
                       with ordinality as owed (platform_id, period, place)),
                  coalesce(sealed.seals, '[]'))
                 is distinct from (
                  computed.content -> 'silent_platform_ids', computed.content -> 'left_out',
                  computed.content -> 'seals')
              or (encode(run.computed_digest, 'hex'), encode(run.digest, 'hex'))
                 is distinct from (computed.content ->> 'digest', last.digest)
              or (run.computed_by, run.computed_at, run.published_by, run.published_at, run.decided_by,
                  run.decided_at)
                 is distinct from (
                  computed.actor, computed.at, published.actor, published.at, decided.actor, decided.at)
              or not (run.changed_by <@ coalesce(helpers.names, '{}')
                      and run.changed_by @> coalesce(helpers.names, '{}')
                      and cardinality(run.changed_by) = coalesce(cardinality(helpers.names), 0))
              or run.state is distinct from case
                  when decided.action = 'run.approve' then 'approved'
                  when decided.action = 'run.cancel' then 'cancelled'
                  when published.subject is not null then 'published'
                  else 'computed'
                 end
           order by computed.number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every run that was on public notice: when that ends.
pub(super) async fn notices(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let runs = sqlx::query!(
        r#"select run_id, published_at,
                  -- Of what no clock shows, which nobody writes whom a rule stops, nothing is read.
                  case when notice_ends_at >= '0001-01-01Z' and notice_ends_at < '10000-01-01Z'
                      then notice_ends_at end as notice_ends_at,
                  coalesce((version.content::jsonb -> 'notice_days')::integer, 0) as "notice_days!"
           from run
           left join program_version version
             on version.program_id = run.program_id and version.version = run.program_version
           where published_at is not null or notice_ends_at is not null
           order by run.program_id, run.number"#
    )
    .fetch_all(tx)
    .await?;
    // Nothing but a publication makes an end, one that no clock shows neither.
    let other = runs.iter().find(|run| {
        let ends_at = |at| run::notice_ends_at(at, run.notice_days);
        let ends_at = run.published_at.map(ends_at);
        ends_at.is_none() || run.notice_ends_at != ends_at
    });
    Ok(other.map(|run| format!("run {} is not what was done", run.run_id)))
}
