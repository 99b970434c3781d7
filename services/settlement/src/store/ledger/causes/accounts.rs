//! What accounts come to, against budgets, runs, open items and payments.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::booked::Booked;

/// What each year's budget is by the program's newest version, what runs commit, grant and give of
/// it, and what is left.
pub(super) async fn years(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with booked as (
               select program_id, year, kind, last.after_fen as fen
               from ledger_account account
               cross join lateral (
                   select after_fen from ledger_balance balance
                   where balance.account_id = account.account_id
                   order by number desc limit 1) last
               where year is not null),
           budgets as (
               select program_id, (budget ->> 'year')::integer as year,
                      (budget ->> 'amount_fen')::numeric as budget
               from program
               join program_version version using (program_id)
               cross join lateral jsonb_array_elements(version.content::jsonb -> 'budgets') budget
               where version.version = program.latest_version),
           runs as (
               select program_id, year,
                      sum(granted_fen) filter (where state = 'published') as committed,
                      sum(granted_fen::numeric + clawed_back_fen) filter (where state = 'approved')
                          as granted
               from run group by program_id, year),
           years as (
               select program_id, year, coalesce(budget, 0) as budget,
                      coalesce(committed, 0) as committed, coalesce(granted, 0) as granted
               from budgets full join runs using (program_id, year)),
           caused as (
               select program_id, year, kind, fen
               from years
               cross join lateral (values
                   ('budget', -budget), ('free', budget - committed - granted),
                   ('committed', committed), ('granted', granted), ('subsidy', granted))
                   of_year (kind, fen))
           select format('%s of %s %s: booked %s, caused %s', kind, program_id, year,
                         coalesce(booked.fen, 0), coalesce(caused.fen, 0)) as "detail!"
           from booked full join caused using (program_id, year, kind)
           where coalesce(booked.fen, 0) <> coalesce(caused.fen, 0)
           order by program_id, year, kind
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Nobody is owed something and owes something at once.
pub(super) async fn both_ways(
    tx: &mut PgConnection,
    booked: &Booked,
) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('%s of %s is owed and owes', payee_id, program_id) as "detail!"
           from unnest($1::bigint[], $2::bigint[]) as coming (account_id, fen)
           join ledger_account account using (account_id)
           where account.kind in ('payable', 'receivable') and coming.fen <> 0
           group by program_id, payee_id
           having count(*) > 1
           order by program_id, payee_id
           limit 1"#,
        &booked.account_ids,
        &booked.fens
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Open items and payments, against what the books say is owed, in payment and paid: an account
/// each, since nobody is owed something and owes something at once.
pub(super) async fn underway(
    tx: &mut PgConnection,
    booked: &Booked,
) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with booked as (
               select account.program_id, account.payee_id,
                      case account.kind when 'in_payment' then 'in payment'
                          when 'treasury' then 'paid' else 'open' end as what,
                      -coming.fen as fen
               from unnest($1::bigint[], $2::bigint[]) as coming (account_id, fen)
               join ledger_account account using (account_id)
               where account.payee_id is not null),
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
           limit 1"#,
        &booked.account_ids,
        &booked.fens
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// What the budget had released, which running balances of grants repeat.
pub(super) async fn released(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('posting %s: its balance repeats something else', posting_number)
                      as "detail!"
           from ledger_balance balance
           left join lateral (
               select run.released_fen
               from ledger_posting posting
               join ledger_entry entry using (entry_number)
               join run on entry.cause = 'run_approved' and run.run_id::text = entry.cause_id
               where posting.posting_number = balance.posting_number
                 and balance.kind = 'granted' and balance.debit_fen > 0) run on true
           -- So few that each may be looked for by itself.
           where (balance.kind = 'granted' or balance.released_fen is not null)
             and balance.released_fen is distinct from run.released_fen
           order by posting_number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
