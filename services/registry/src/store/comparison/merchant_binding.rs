//! Platforms, and whose their shops are.

use gazelle_runtime::{audit::Difference, store::StoreError};
use sqlx::PgConnection;

/// Every version of every platform; a first binding makes one known, too.
pub(super) async fn platforms(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with put as materialized (
               select number, subject::bigint as since, item ->> 'platform_id' as platform_id,
                      item ->> 'name' as name, item ->> 'reports_from' as reports_from,
                      item ->> 'reports_to' as reports_to
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'platforms') item
               where action in ('put_platforms', 'put_merchant_bindings')),
           counted as (
               select number, 1 as side, platform_id, name, reports_from, reports_to, since,
                      lead(since) over (partition by platform_id order by since) as until
               from put
               union all
               select null, -1, platform_id, name, reports_from, reports_to, since_revision,
                      until_revision
               from platform)
           select max(number) as entry_number,
                  format('the platform %s of revision %s is not what was put', platform_id, since)
                      as "detail!"
           from counted
           group by platform_id, name, reports_from, reports_to, since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every version of every binding.
pub(super) async fn bindings(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with put as materialized (
               select number, subject::bigint as since, item ->> 'platform_id' as platform_id,
                      item ->> 'merchant_id' as merchant_id, item ->> 'uscc' as uscc,
                      (item -> 'bound' ->> 'from')::date as bound_from,
                      (item -> 'bound' ->> 'to')::date as bound_to
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'merchant_bindings') item
               where action = 'put_merchant_bindings'),
           counted as (
               select number, 1 as side, platform_id, merchant_id, bound_from, bound_to, uscc, since,
                      lead(since) over (partition by platform_id, merchant_id, bound_from order by since)
                          as until
               from put
               union all
               select null, -1, platform_id, merchant_id, bound_from, bound_to, uscc, since_revision,
                      until_revision
               from merchant_binding)
           select max(number) as entry_number,
                  format('the binding of %s on %s from %s on, of revision %s, is not what was put',
                         merchant_id, platform_id, bound_from, since) as "detail!"
           from counted
           group by platform_id, merchant_id, bound_from, bound_to, uscc, since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
