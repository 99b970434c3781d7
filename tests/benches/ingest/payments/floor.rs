//! What PostgreSQL itself takes for the same rows.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::TryStreamExt as _;
use gazelle_proto::settlement::v1::Run;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// How long transfers are called.
const TRANSFERS_TIME: Duration = Duration::from_secs(5);

/// What an approval posts, set by set, in the order of its foreign keys. `RUN`, `PROGRAM` and
/// `NUMBER` are the run's. What was written a moment ago is counted for the planner, which joins it
/// row by row otherwise.
const APPROVE: [&str; 9] = [
    "insert into ledger_account (kind, program_id, year, payee_id)
     values ('granted', 'PROGRAM', 2017, null), ('subsidy', 'PROGRAM', 2017, null)",
    "insert into ledger_account (kind, program_id, payee_id)
     select 'payable', 'PROGRAM', uscc from run_enterprise
     where run_id = 'RUN' and granted_fen > 0 order by uscc",
    "analyze ledger_account",
    "insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at, recorded_by,
                               posting_count, digest)
     select entry_number + 1, 'run_approved', 'RUN', 'PROGRAM', now(), 'person:floor',
            1 + (select count(*) from run_enterprise where run_id = 'RUN' and granted_fen > 0),
            sha256('')
     from ledger_head",
    "insert into ledger_posting (posting_number, entry_number, debit_account_id, credit_account_id,
                                 amount_fen)
     select posting_count + 1, entry_number + 1, granted.account_id, committed.account_id,
            run.granted_fen
     from ledger_head, run, ledger_account granted, ledger_account committed
     where run_id = 'RUN' and granted.program_id = 'PROGRAM' and granted.kind = 'granted'
       and committed.program_id = 'PROGRAM' and committed.kind = 'committed'
     union all
     select posting_count + 1 + row_number() over (order by uscc), entry_number + 1,
            subsidy.account_id, payable.account_id, granted_fen
     from ledger_head, run_enterprise, ledger_account subsidy, ledger_account payable
     where run_id = 'RUN' and granted_fen > 0
       and subsidy.program_id = 'PROGRAM' and subsidy.kind = 'subsidy'
       and payable.program_id = 'PROGRAM' and payable.kind = 'payable' and payable.payee_id = uscc",
    "analyze ledger_posting",
    "with moved as materialized (
         select account_id, kind, posting_number, debit, credit, row_number() over own as place,
                coalesce(sum(debit - credit) over (own rows between unbounded preceding
                                                   and 1 preceding), 0)::bigint as before
         from (select debit_account_id as account_id, posting_number, amount_fen as debit,
                      0 as credit
               from ledger_posting, ledger_head
               where ledger_posting.entry_number = ledger_head.entry_number + 1
               union all
               select credit_account_id, posting_number, 0, amount_fen
               from ledger_posting, ledger_head
               where ledger_posting.entry_number = ledger_head.entry_number + 1) side
         join ledger_account using (account_id)
         window own as (partition by account_id order by posting_number)),
     last as materialized (
         select distinct on (account_id) account_id, number, after_fen
         from ledger_balance where account_id in (select account_id from moved)
         order by account_id, number desc)
     insert into ledger_balance (account_id, number, kind, posting_number, debit_fen, credit_fen,
                                 before_fen, released_fen)
     select account_id, coalesce(last.number, 0) + place, kind, posting_number, debit, credit,
            coalesce(last.after_fen, 0) + before,
            case when kind = 'granted' then (select released_fen from run where run_id = 'RUN') end
     from moved left join last using (account_id)",
    "insert into open_item (program_id, payee_id, run_number, amount_fen)
     select 'PROGRAM', uscc, NUMBER, granted_fen from run_enterprise
     where run_id = 'RUN' and granted_fen > 0",
    "update ledger_head set entry_number = entry_number + 1, digest = sha256(''),
            posting_count = (select max(posting_number) from ledger_posting)",
];

/// How long the postings of a run take, with all that is checked when they are committed. They
/// are rolled back.
pub async fn approve(owner: &mut PgConnection, run: &Run) -> Result<f64> {
    let mut tx = owner.begin().await?;
    // As on the service's connections.
    tx.execute("set local jit = off").await?;
    let started = Instant::now();
    for statement in APPROVE {
        let statement = statement
            .replace("RUN", &run.run_id)
            .replace("PROGRAM", &run.program_id)
            .replace("NUMBER", &run.number.to_string());
        tx.execute(AssertSqlSafe(statement)).await?;
    }
    tx.execute("set constraints all immediate").await?;
    let seconds = started.elapsed().as_secs_f64();
    tx.rollback().await?;
    Ok(seconds)
}

/// Writes an entry of one posting.
const TRANSFER: &str = "
    create or replace function transfer(debited bigint, credited bigint, fen bigint) returns void
    language plpgsql as $$
    declare
        head ledger_head;
    begin
        select * into head from ledger_head for update;
        insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at,
                                  recorded_by, posting_count, digest)
        select head.entry_number + 1, 'answer_taken', gen_random_uuid(), program_id, now(),
               'person:floor', 1, sha256(head.digest)
        from ledger_account where account_id = debited;
        insert into ledger_posting
        values (head.posting_count + 1, head.entry_number + 1, debited, credited, fen);
        insert into ledger_balance (account_id, number, kind, posting_number, debit_fen,
                                    credit_fen, before_fen)
        select account_id, last.number + 1, account.kind, head.posting_count + 1, debit, credit,
               last.after_fen
        from (values (debited, fen, 0), (credited, 0, fen)) side (account_id, debit, credit)
        join ledger_account account using (account_id)
        cross join lateral (
            select number, after_fen from ledger_balance
            where ledger_balance.account_id = side.account_id order by number desc limit 1) last;
        update ledger_head set entry_number = head.entry_number + 1,
               posting_count = head.posting_count + 1, digest = sha256(head.digest);
    end $$";

/// Postings a second where each is one call of a function, durable before the next: back and forth
/// between the budget's accounts and the subsidy's.
pub async fn transfers(owner: &mut PgConnection) -> Result<f64> {
    owner.execute(TRANSFER).await?;
    let accounts = "select subsidy.account_id, free.account_id
                    from ledger_account subsidy join ledger_account free using (program_id)
                    where subsidy.kind = 'subsidy' and free.kind = 'free' limit 1";
    let found: Option<(i64, i64)> = sqlx::query_as(accounts).fetch_optional(&mut *owner).await?;
    let (subsidy, free) = found.context("no accounts")?;
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < TRANSFERS_TIME {
        sqlx::query("select transfer($1, $2, 1)")
            .bind(subsidy)
            .bind(free)
            .execute(&mut *owner)
            .await?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// What the books are.
pub const BOOKS: &[&str] = &[
    "select account_id, kind, program_id, year, payee_id from ledger_account",
    "select entry_number, cause, cause_id, program_id, recorded_at, recorded_by, posting_count,
            digest from ledger_entry",
    "select posting_number, entry_number, debit_account_id, credit_account_id, amount_fen,
            payment_id from ledger_posting",
    "select posting_number, account_id, number, debit_fen, credit_fen, before_fen
     from ledger_balance",
];

/// What they are of.
pub const CAUSES: &[&str] = &[
    "select number, at, actor, action, subject, content, digest from event",
    "select program_id, uscc, effective_from, since, until, effective_to, applied_at, recorded_by,
            recorded_at from enrollment",
    "select uscc, uncapped_fen, entitled_fen, granted_before_fen, due_fen, granted_fen, unfunded_fen
     from run_enterprise",
    "select uscc, platform_id, fee_kind, fee_fen, government_fen, platform_fen, enterprise_fen
     from run_line",
    "select payment_id, order_id, payee_id, amount_fen, account_version, account_name,
            account_number, bank_code, bank_name, state, return_reason from payment",
    "select payment_id, run_number, year, amount_fen from remittance",
    "select program_id, payee_id, run_number, amount_fen from open_item",
];

/// Reads tables as they lie, and does nothing with them.
pub async fn read(owner: &mut PgConnection, tables: &[&'static str]) -> Result<f64> {
    let started = Instant::now();
    for table in tables {
        let mut rows = sqlx::query(*table).fetch(&mut *owner);
        while rows.try_next().await?.is_some() {}
    }
    Ok(started.elapsed().as_secs_f64())
}
