//! Whether the books say what runs, budgets and objections say: each compared by one statement.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::domain::ledger::verify::{BreakKind, Broken};

/// The first way in which the books, though sound in themselves, say other than their causes.
pub async fn disagreement(tx: &mut PgConnection) -> Result<Option<Broken>, StoreError> {
    let found = match budget(&mut *tx).await? {
        Some(detail) => Some(detail),
        None => match given(&mut *tx).await? {
            Some(detail) => Some(detail),
            None => match both_ways(&mut *tx).await? {
                Some(detail) => Some(detail),
                None => match underway(&mut *tx).await? {
                    Some(detail) => Some(detail),
                    None => labels(&mut *tx).await?,
                },
            },
        },
    };
    let last = sqlx::query_scalar!("select entry_number from ledger_head")
        .fetch_one(tx)
        .await?;
    Ok(found.map(|detail| Broken {
        kind: BreakKind::CauseDisagrees,
        entry_number: last,
        detail,
    }))
}

/// Budgets by their newest version, what published runs commit, and what approved runs granted and
/// gave, against the accounts of each year.
async fn budget(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with booked as (
               select account.program_id, account.year, account.kind, sum(debit_fen - credit_fen) as fen
               from ledger_balance join ledger_account account using (account_id)
               where account.year is not null
               group by account.program_id, account.year, account.kind),
           caused as (
               select program_id, (budget ->> 'year')::integer as year, 'budget' as kind,
                      -(budget ->> 'amount_fen')::numeric as fen
               from program
               join program_version version using (program_id)
               cross join lateral jsonb_array_elements(version.content::jsonb -> 'budgets') budget
               where version.version = program.latest_version
               union all
               select program_id, year, 'committed', granted_fen from run where state = 'published'
               union all
               select program_id, year, 'granted', granted_fen::numeric + clawed_back_fen
               from run where state = 'approved'
               union all
               select program_id, year, 'subsidy', granted_fen::numeric + clawed_back_fen
               from run where state = 'approved'),
           summed as (
               select program_id, year, kind, sum(fen) as fen from caused
               group by program_id, year, kind)
           select format('%s %s %s: booked %s, caused %s', kind, program_id, year,
                         coalesce(booked.fen, 0), coalesce(summed.fen, 0)) as "detail!"
           from booked full join summed using (program_id, year, kind)
           where kind <> 'free' and coalesce(booked.fen, 0) <> coalesce(summed.fen, 0)
           order by program_id, year, kind
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// What approved runs gave each payee, against its four accounts.
async fn given(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with booked as (
               select account.program_id, account.payee_id, sum(credit_fen - debit_fen) as fen
               from ledger_balance join ledger_account account using (account_id)
               where account.payee_id is not null
               group by account.program_id, account.payee_id),
           approved as (
               select run_id, run.program_id,
                      version.content::jsonb ->> 'payee' = 'PLATFORM' as pays_platforms
               from run
               join program_version version
                 on version.program_id = run.program_id and version.version = run.program_version
               where run.state = 'approved'),
           caused as (
               select program_id, uscc as payee_id, sum(granted_fen) as fen
               from approved join run_enterprise using (run_id)
               where not pays_platforms
               group by program_id, uscc
               union all
               select program_id, platform_id, sum(government_fen)
               from approved join run_line using (run_id)
               where pays_platforms
               group by program_id, platform_id)
           select format('%s of %s: booked %s, given %s', payee_id, program_id,
                         coalesce(booked.fen, 0), coalesce(caused.fen, 0)) as "detail!"
           from booked full join caused using (program_id, payee_id)
           where coalesce(booked.fen, 0) <> coalesce(caused.fen, 0)
           order by program_id, payee_id
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Nobody is owed something and owes something at once.
async fn both_ways(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('%s of %s is owed and owes', payee_id, program_id) as "detail!"
           from (select account.program_id, account.payee_id, account.kind,
                        sum(debit_fen - credit_fen) as fen
                 from ledger_balance join ledger_account account using (account_id)
                 where account.kind in ('payable', 'receivable')
                 group by account.program_id, account.payee_id, account.kind) balance
           where fen <> 0
           group by program_id, payee_id
           having count(*) > 1
           order by program_id, payee_id
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Open items and payments, against what the books say is owed, in payment and paid.
async fn underway(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with booked as (
               select account.program_id, account.payee_id,
                      case account.kind when 'in_payment' then 'in payment'
                          when 'treasury' then 'paid' else 'open' end as what,
                      sum(credit_fen - debit_fen) as fen
               from ledger_balance join ledger_account account using (account_id)
               where account.payee_id is not null
               group by account.program_id, account.payee_id, what),
           caused as (
               select program_id, payee_id, 'open' as what, sum(amount_fen) as fen
               from open_item group by program_id, payee_id
               union all
               select program_id, payee_id,
                      case payment.state when 'PENDING' then 'in payment' else 'paid' end,
                      sum(amount_fen)
               from payment_order join payment using (order_id)
               where payment.state in ('PENDING', 'SETTLED')
               group by program_id, payee_id, payment.state)
           select format('%s, %s of %s: booked %s, there is %s', what, payee_id, program_id,
                         coalesce(booked.fen, 0), coalesce(caused.fen, 0)) as "detail!"
           from booked full join caused using (program_id, payee_id, what)
           where coalesce(booked.fen, 0) <> coalesce(caused.fen, 0)
           order by program_id, payee_id, what
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// What running balances repeat: the kind of their account, and what the budget had released.
async fn labels(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('posting %s: its balance repeats something else', balance.posting_number)
                      as "detail!"
           from ledger_balance balance
           join ledger_account account using (account_id)
           join ledger_posting posting using (posting_number)
           join ledger_entry entry using (entry_number)
           left join run on entry.cause = 'run_approved' and run.run_id::text = entry.cause_id
           where balance.kind <> account.kind
              or balance.released_fen is distinct from
                 case when account.kind = 'granted' and balance.debit_fen > 0
                     then run.released_fen end
           order by balance.posting_number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
