//! What orders, answers and open items came to by their last step, as the trail of what was done
//! has it.
//!
//! Amounts are in the books; to whose account they go, why one came back, and who released what is
//! in these tables alone. So each step writes into the trail what they hold before and after it, as
//! a digest ([`fingerprint`]): what somebody changed between two steps, the second does not make
//! good. And the trail is chained by hash itself.

use std::collections::BTreeMap;

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::store::payment::fingerprint;

/// Every order with its payments, what they are made of, and whom it held.
pub(super) async fn orders(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let told = sqlx::query!(
        r#"select order_id as "id!",
                  case when bool_or(is_other) then null
                      else (array_agg(kept order by number desc))[1] end as kept
           from (select number, order_id, kept, before <> lag(kept) over steps as is_other
                 from (select number, content::jsonb ->> 'order' as kept,
                              content::jsonb ->> 'order_before' as before,
                              case action when 'answer.take' then content::jsonb ->> 'order_id'
                                  else subject end as order_id
                       from event
                       where action in (
                           'order.prepare', 'order.release', 'order.cancel', 'answer.take')) step
                 window steps as (partition by order_id order by number)) followed
           group by order_id"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let told = told.into_iter().map(|row| (row.id, row.kept)).collect();
    let there = fingerprint::orders(tx, None).await?;
    Ok(other(told, there).map(|id| format!("order {id} is not what its steps made of it")))
}

/// Rows of what is not there, which foreign keys let nobody write; and results of nobody.
pub(super) async fn strays(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('%s of %s, which is not there', what, id) as "detail!"
           from (select 'a held payee' as what, order_id as id from held_payee
                 where not exists (
                     select from payment_order where payment_order.order_id = held_payee.order_id)
                 union all
                 select 'a remittance', payment_id from remittance
                 where not exists (
                     select from payment where payment.payment_id = remittance.payment_id)
                 union all
                 select 'a break', answer_id::text from payment_break
                 where not exists (
                     select from payment_answer
                     where payment_answer.answer_id = payment_break.answer_id)
                 union all
                 select 'an enterprise', run_id::text from run_enterprise
                 where not exists (select from run where run.run_id = run_enterprise.run_id)
                 union all
                 select 'a line', run_id::text from run_line
                 where not exists (select from run where run.run_id = run_line.run_id)
                 union all
                 select 'an exclusion', run_id::text from run_exclusion
                 where not exists (select from run where run.run_id = run_exclusion.run_id)
                 union all
                 select 'a seal', run_id::text from run_seal
                 where not exists (select from run where run.run_id = run_seal.run_id)
) stray
           union all
           -- Results are read after a key, which is '' before the first.
           select format('run %s is not what it came to', run_id)
           from run
           where exists (select from run_enterprise result
                         where result.run_id = run.run_id and result.uscc = '')
              or exists (select from run_line line
                         where line.run_id = run.run_id and line.uscc = '')
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Every answer, taken or refused, with what of it does not fit.
pub(super) async fn answers(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let told = sqlx::query!(
        r#"select subject as "id!", content::jsonb ->> 'answer' as kept
           from event where action in ('answer.take', 'answer.refuse')"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let told = told.into_iter().map(|row| (row.id, row.kept)).collect();
    let there = fingerprint::answers(tx, None).await?;
    Ok(other(told, there).map(|id| format!("answer {id} is not what came")))
}

/// The open items of each program.
pub(super) async fn open_items(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let told = sqlx::query!(
        r#"select program_id as "id!",
                  case when bool_or(is_other) then null
                      else (array_agg(kept order by number desc))[1] end as kept
           from (select number, program_id, kept,
                        before <> lag(kept, 1, $1) over steps as is_other
                 from (select number, content::jsonb ->> 'open_items' as kept,
                              content::jsonb ->> 'open_items_before' as before,
                              content::jsonb ->> 'program_id' as program_id
                       from event
                       where action in (
                           'run.approve', 'order.prepare', 'order.cancel', 'answer.take')) step
                 window steps as (partition by program_id order by number)) followed
           group by program_id"#,
        hex::encode(fingerprint::NOTHING)
    )
    .fetch_all(&mut *tx)
    .await?;
    let told = told.into_iter().map(|row| (row.id, row.kept)).collect();
    let there = fingerprint::open_items(tx, None).await?;
    // A program without items has no row to be found.
    let mut all: BTreeMap<String, String> = there.into_iter().collect();
    for id in BTreeMap::keys(&told) {
        let none = || hex::encode(fingerprint::NOTHING);
        all.entry(id.clone()).or_insert_with(none);
    }
    let there = all.into_iter().collect();
    Ok(other(told, there).map(|id| format!("open items of {id} are not what was left of them")))
}

/// The first that is told otherwise, or of which only one side knows.
fn other(told: BTreeMap<String, Option<String>>, there: Vec<(String, String)>) -> Option<String> {
    let mut told = told;
    for (id, kept) in there {
        if told.remove(&id).flatten().as_ref() != Some(&kept) {
            return Some(id);
        }
    }
    told.into_keys().next()
}
