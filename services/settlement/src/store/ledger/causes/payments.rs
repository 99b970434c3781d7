//! What was booked for each payment, against the payment.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// Each payment's order, payee and amount, and where it stands: what its postings made of it.
pub(super) async fn steps(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"with moved as (
               select posting.payment_id, max(account.payee_id) as payee_id,
                      min(entry_number) as entry_number,
                      sum(amount_fen) filter (where entry.cause = 'order_prepared') as fen,
                      case when bool_or(entry.cause = 'order_cancelled') then 'CANCELLED'
                           when bool_or(entry.cause = 'answer_taken' and account.kind <> 'treasury')
                               then 'RETURNED'
                           when bool_or(entry.cause = 'answer_taken') then 'SETTLED'
                           else 'PENDING' end as state
               from ledger_posting posting
               join ledger_entry entry using (entry_number)
               join ledger_account account on account.account_id = posting.credit_account_id
               where posting.payment_id is not null
               group by posting.payment_id),
           made as (
               select payment_id, payee_id, program_id, order_id, amount_fen as fen, payment.state
               from payment left join payment_order using (order_id))
           select format('payment %s: booked %s for %s, %s; there is %s for %s, %s', payment_id,
                         moved.fen, moved.payee_id, moved.state,
                         made.fen, made.payee_id, made.state) as "detail!"
           from moved full join made using (payment_id)
           left join ledger_entry first using (entry_number)
           where (moved.payee_id, first.program_id, first.cause_id, moved.fen, moved.state)
                 is distinct from
                 (made.payee_id, made.program_id, made.order_id, made.fen, made.state)
           order by payment_id
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
