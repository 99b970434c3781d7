//! What runs grant and give, against what was booked for each of them.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// What each published run commits, and what each approved one granted and gave, in its year.
pub(super) async fn years(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with moved as (
               select split_part(entry.cause_id, ' ', 1) as run_id, entry.program_id,
                      account.year, account.kind, sum(side.fen) as fen
               from ledger_entry entry
               join ledger_posting posting using (entry_number)
               cross join lateral (values (posting.debit_account_id, posting.amount_fen),
                                          (posting.credit_account_id, -posting.amount_fen))
                   as side (account_id, fen)
               join ledger_account account
                 on account.account_id = side.account_id
                    and account.kind in ('committed', 'granted', 'subsidy')
               where entry.cause in (
                   'run_published', 'run_cancelled', 'run_approved', 'objection_upheld')
               group by 1, entry.program_id, account.year, account.kind),
           caused as (
               select run_id::text, program_id, year, 'committed' as kind,
                      granted_fen::numeric as fen
               from run where state = 'published'
               union all
               select run_id::text, program_id, year, kind,
                      granted_fen::numeric + clawed_back_fen
               from run cross join (values ('granted'), ('subsidy')) of_approved (kind)
               where state = 'approved')
           select format('%s of run %s: booked %s, caused %s', kind, run_id,
                         coalesce(moved.fen, 0), coalesce(caused.fen, 0)) as "detail!"
           from moved full join caused using (run_id, program_id, year, kind)
           where coalesce(moved.fen, 0) <> coalesce(caused.fen, 0)
           order by run_id, kind
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// What each approved run gave each payee.
pub(super) async fn payees(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with moved as (
               select entry.cause_id as run_id,
                      coalesce(credit.payee_id, debit.payee_id) as payee_id,
                      sum(case when credit.payee_id is null then -posting.amount_fen
                              else posting.amount_fen end) as fen
               from ledger_entry entry
               join ledger_posting posting using (entry_number)
               join ledger_account debit on debit.account_id = posting.debit_account_id
               join ledger_account credit on credit.account_id = posting.credit_account_id
               where entry.cause = 'run_approved'
                 and (debit.payee_id is not null or credit.payee_id is not null)
               group by 1, 2),
           approved as (
               select run_id, version.content::jsonb ->> 'payee' = 'PLATFORM' as pays_platforms
               from run
               join program_version version
                 on version.program_id = run.program_id and version.version = run.program_version
               where run.state = 'approved'),
           caused as (
               select run_id::text, uscc as payee_id, granted_fen::numeric as fen
               from approved join run_enterprise using (run_id)
               where not pays_platforms
               union all
               select run_id::text, platform_id, sum(government_fen)
               from approved join run_line using (run_id)
               where pays_platforms
               group by run_id, platform_id)
           select format('%s by run %s: booked %s, given %s', payee_id, run_id,
                         coalesce(moved.fen, 0), coalesce(caused.fen, 0)) as "detail!"
           from moved full join caused using (run_id, payee_id)
           where coalesce(moved.fen, 0) <> coalesce(caused.fen, 0)
           order by run_id, payee_id
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
