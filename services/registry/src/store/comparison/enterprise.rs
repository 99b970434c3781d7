//! Enterprises, and what hangs on them.

use gazelle_runtime::{audit::Difference, store::StoreError};
use sqlx::PgConnection;

/// Every version of every enterprise.
pub(super) async fn enterprises(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with put as materialized (
               select number, subject::bigint as since, item ->> 'uscc' as uscc, item ->> 'name' as name,
                      item ->> 'district_code' as district_code, item ->> 'industry_code' as industry_code,
                      (item ->> 'established_on')::date as established_on,
                      item ->> 'uscc_exception_evidence' as evidence
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'enterprises') item
               where action = 'put_enterprises'),
           counted as (
               select number, 1 as side, uscc, name, district_code, industry_code, established_on, evidence,
                      since, lead(since) over (partition by uscc order by since) as until
               from put
               union all
               select null, -1, uscc, name, district_code, industry_code, established_on,
                      uscc_exception_evidence, since_revision, until_revision
               from enterprise)
           select max(number) as entry_number,
                  format('the enterprise %s of revision %s is not what was put', uscc, since) as "detail!"
           from counted
           group by uscc, name, district_code, industry_code, established_on, evidence, since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every version of every change of a code.
pub(super) async fn codes(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with put as materialized (
               select number, subject::bigint as since, item ->> 'uscc' as uscc, item ->> 'kind' as kind,
                      (item ->> 'effective_from')::date as effective_from, item ->> 'code' as code
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'code_changes') item
               where action = 'change_enterprise_code'),
           counted as (
               select number, 1 as side, uscc, kind, effective_from, code, since,
                      lead(since) over (partition by uscc, kind, effective_from order by since) as until
               from put
               union all
               select null, -1, uscc, kind, effective_from, code, since_revision, until_revision
               from enterprise_code)
           select max(number) as entry_number,
                  format('the %s of %s from %s on, of revision %s, is not what was put', kind, uscc,
                         effective_from, since) as "detail!"
           from counted
           group by uscc, kind, effective_from, code, since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every version of every filing.
pub(super) async fn filings(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with put as materialized (
               select number, subject::bigint as since, item ->> 'uscc' as uscc,
                      (item ->> 'fiscal_year')::integer as fiscal_year,
                      (item ->> 'headcount')::bigint as headcount,
                      (item ->> 'annual_revenue_fen')::bigint as annual_revenue_fen,
                      (item ->> 'total_assets_fen')::bigint as total_assets_fen
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'filings') item
               where action = 'put_filings'),
           counted as (
               select number, 1 as side, uscc, fiscal_year, headcount, annual_revenue_fen, total_assets_fen,
                      since, lead(since) over (partition by uscc, fiscal_year order by since) as until
               from put
               union all
               select null, -1, uscc, fiscal_year, headcount, annual_revenue_fen, total_assets_fen,
                      since_revision, until_revision
               from filing)
           select max(number) as entry_number,
                  format('the filing of %s for %s, of revision %s, is not what was put', uscc, fiscal_year,
                         since) as "detail!"
           from counted
           group by uscc, fiscal_year, headcount, annual_revenue_fen, total_assets_fen, since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every version of every suspension.
pub(super) async fn suspensions(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"with put as materialized (
               select number, subject::bigint as since, item ->> 'uscc' as uscc,
                      (item -> 'suspended' ->> 'from')::date as suspended_from,
                      (item -> 'suspended' ->> 'to')::date as suspended_to, item ->> 'reason' as reason
               from event
               cross join lateral jsonb_array_elements(content::jsonb -> 'suspensions') item
               where action = 'put_suspensions'),
           counted as (
               select number, 1 as side, uscc, suspended_from, suspended_to, reason, since,
                      lead(since) over (partition by uscc, suspended_from order by since) as until
               from put
               union all
               select null, -1, uscc, suspended_from, suspended_to, reason, since_revision, until_revision
               from suspension)
           select max(number) as entry_number,
                  format('the suspension of %s from %s on, of revision %s, is not what was put', uscc,
                         suspended_from, since) as "detail!"
           from counted
           group by uscc, suspended_from, suspended_to, reason, since, until
           having sum(side) <> 0
           order by 1, 2
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
