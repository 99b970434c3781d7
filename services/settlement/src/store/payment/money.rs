//! What became of a program's money.

use gazelle_kernel::{Fen, PayeeId, ProgramId, Year};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;

use crate::domain::{
    ledger::{Account, AccountKind},
    payment::money::{RunMoney, StatementLine},
};

// The same money may come back again and again, until what came back in all is more than 64 bits
// hold, which the books never are: then the most that they hold is shown.

/// What became of what each approved run of a program gave, by run.
pub async fn run_money(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<Vec<RunMoney>, StoreError> {
    let rows = sqlx::query!(
        r#"select run.number, run.year, run.granted_fen, run.clawed_back_fen,
                  coalesce(open.payable, 0)::bigint as "payable!",
                  coalesce(open.receivable, 0)::bigint as "receivable!",
                  coalesce(made.in_payment, 0)::bigint as "in_payment!",
                  coalesce(made.paid, 0)::bigint as "paid!",
                  least(coalesce(made.returned, 0), 9223372036854775807)::bigint as "returned!"
           from run
           left join (
               select run_number as number, sum(greatest(amount_fen, 0)) as payable,
                      sum(greatest(-amount_fen, 0)) as receivable
               from open_item where program_id = $1 group by run_number) open using (number)
           left join (
               select run_number as number,
                      sum(remittance.amount_fen) filter (where payment.state = 'PENDING') as in_payment,
                      sum(remittance.amount_fen) filter (where payment.state = 'SETTLED') as paid,
                      sum(remittance.amount_fen) filter (where payment.state = 'RETURNED') as returned
               from payment_order
               join payment using (order_id)
               join remittance using (payment_id)
               where program_id = $1
               group by run_number) made using (number)
           where run.program_id = $1 and run.state = 'approved'
           order by run.number"#,
        program_id.as_str()
    )
    .fetch_all(tx)
    .await?;
    let money = rows.into_iter().map(|row| {
        Ok(RunMoney {
            run_number: row.number,
            year: read("run.year", Year::new(row.year))?,
            granted: Fen::new(row.granted_fen),
            clawed_back: Fen::new(row.clawed_back_fen),
            payable: Fen::new(row.payable),
            in_payment: Fen::new(row.in_payment),
            paid: Fen::new(row.paid),
            receivable: Fen::new(row.receivable),
            returned: Fen::new(row.returned),
        })
    });
    money.collect()
}

/// What of a program's payments ever came back.
pub async fn returned(tx: &mut PgConnection, program_id: &ProgramId) -> Result<Fen, StoreError> {
    let returned = sqlx::query_scalar!(
        r#"select least(coalesce(sum(amount_fen), 0), 9223372036854775807)::bigint as "returned!"
           from payment_order join payment using (order_id)
           where program_id = $1 and payment.state = 'RETURNED'"#,
        program_id.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(Fen::new(returned))
}

/// What was booked for a payee after a posting, over all programs, in its order.
pub async fn statement(
    tx: &mut PgConnection,
    payee_id: &PayeeId,
    after: i64,
    limit: i64,
) -> Result<Vec<StatementLine>, StoreError> {
    let rows = sqlx::query!(
        r#"select posting.posting_number, entry.recorded_at, entry.program_id, entry.cause,
                  entry.cause_id, posting.amount_fen, posting.payment_id,
                  debit.kind as debit_kind, debit.year as debit_year, debit.payee_id as debit_payee,
                  credit.kind as credit_kind, credit.year as credit_year,
                  credit.payee_id as credit_payee
           from (select distinct posting_number
                 from ledger_balance join ledger_account using (account_id)
                 where payee_id = $1 and posting_number > $2
                 order by posting_number
                 limit $3) own
           join ledger_posting posting using (posting_number)
           join ledger_entry entry using (entry_number)
           join ledger_account debit on debit.account_id = posting.debit_account_id
           join ledger_account credit on credit.account_id = posting.credit_account_id
           order by posting_number"#,
        payee_id.as_str(),
        after,
        limit
    )
    .fetch_all(tx)
    .await?;
    let lines = rows.into_iter().map(|row| {
        let program_id = read("ledger_entry.program_id", ProgramId::parse(&row.program_id))?;
        let name = |kind: String, year: Option<i32>, payee: Option<String>| {
            let year = year.and_then(|year| Year::new(year).ok());
            let payee = payee.and_then(|payee| PayeeId::parse(&payee).ok());
            AccountKind::parse(&kind)
                .and_then(|kind| Account::new(kind, program_id.clone(), year, payee))
                .map(|account| account.to_string())
                .ok_or_else(|| StoreError::corrupt("ledger_account.kind", kind))
        };
        Ok(StatementLine {
            posting_number: row.posting_number,
            recorded_at: row.recorded_at,
            debit: name(row.debit_kind, row.debit_year, row.debit_payee)?,
            credit: name(row.credit_kind, row.credit_year, row.credit_payee)?,
            cause: row.cause,
            cause_id: row.cause_id,
            amount: Fen::new(row.amount_fen),
            payment_id: row.payment_id,
            program_id,
        })
    });
    lines.collect()
}
