//! Rows of what is not there, which triggers and locks let nobody write.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// Rows of a period, a withdrawal or a seal that is not there; in words.
///
/// Of the large tables, one look into the index for each period tells which they have.
pub async fn find_stray(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with recursive
           held as (
               (select platform, period from record order by platform, period limit 1)
               union all
               select next.* from held cross join lateral (
                   select r.platform, r.period from record r
                   where (r.platform, r.period) > (held.platform, held.period)
                   order by r.platform, r.period limit 1) next
           ), totalled as (
               (select platform, period from sealed_total order by platform, period limit 1)
               union all
               select next.* from totalled cross join lateral (
                   select t.platform, t.period from sealed_total t
                   where (t.platform, t.period) > (totalled.platform, totalled.period)
                   order by t.platform, t.period limit 1) next
           ), kept as (
               (select platform, period, withdrawal from withdrawn_record
                order by platform, period, withdrawal limit 1)
               union all
               select next.* from kept cross join lateral (
                   select w.platform, w.period, w.withdrawal from withdrawn_record w
                   where (w.platform, w.period, w.withdrawal) > (kept.platform, kept.period, kept.withdrawal)
                   order by w.platform, w.period, w.withdrawal limit 1) next
           ), sealed as (
               select platform, period from period where sealed_at is not null
           )
           select format('%s of platform number %s and period %s, where none can be', what, platform, period)
               as "detail!"
           from (select 'a record' as what, platform, period from held
                 where (platform, period) not in (select platform, period from period)
                 union all
                 select 'a total', platform, period from totalled
                 where (platform, period) not in (select platform, period from sealed)
                 union all
                 select 'a sealed key', platform, period from sealed_key
                 where (platform, period) not in (select platform, period from sealed)
                    or part not between 0 and 255
                 union all
                 select 'a withdrawn record', platform, period from kept
                 where (platform, period, withdrawal) not in (select platform, period, number from withdrawal)
           ) stray
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
