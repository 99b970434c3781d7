//! What those who run the service see of its tables.

use gazelle_kernel::{ProgramId, Year};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::column;

/// How many runs are in each state that any is in.
pub async fn runs_by_state(conn: &mut PgConnection) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select state, count(*) as "count!" from run group by state order by state"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
}

/// What approved runs granted of each year's budget, net, in fen; by program and year.
pub async fn granted(conn: &mut PgConnection) -> Result<Vec<(ProgramId, Year, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select account.program_id, account.year as "year!", last.after_fen as "after_fen!"
           from ledger_account account
           cross join lateral (
               select after_fen from ledger_balance balance
               where balance.account_id = account.account_id
               order by number desc limit 1) last
           where account.kind = 'granted'
           order by program_id, year"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let program = column::program_id("ledger_account.program_id", &row.program_id)?;
            let year = column::year("ledger_account.year", row.year)?;
            Ok((program, year, row.after_fen))
        })
        .collect()
}

/// The payment orders of a state.
#[derive(Debug)]
pub struct OrdersInState {
    /// The state, as it is stored.
    pub state: String,
    /// How many there are.
    pub count: i64,
    /// Since the first of them was prepared or, once it was, decided.
    pub oldest_age_seconds: i64,
}

/// The payment orders by state, for each state that any is in.
pub async fn orders_by_state(conn: &mut PgConnection) -> Result<Vec<OrdersInState>, StoreError> {
    let orders = sqlx::query_as!(
        OrdersInState,
        r#"select state, count(*) as "count!",
                  extract(epoch from clock_timestamp() - min(coalesce(decided_at, prepared_at)))
                      ::bigint as "oldest_age_seconds!"
           from payment_order group by state order by state"#
    )
    .fetch_all(conn)
    .await?;
    Ok(orders)
}

/// How many payments answers said were there, and how many came back.
pub async fn answered_payments(conn: &mut PgConnection) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query!(
        r#"select coalesce(sum(settled_count), 0) as "settled!",
                  coalesce(sum(returned_count), 0) as "returned!"
           from payment_answer"#
    )
    .fetch_one(conn)
    .await?;
    Ok((row.settled, row.returned))
}

/// Since the first payment came back that the registry was not told of; 0: it knows of all.
pub async fn oldest_untold_return_age_seconds(conn: &mut PgConnection) -> Result<i64, StoreError> {
    let row = sqlx::query!(
        r#"select coalesce(extract(epoch from clock_timestamp() - min(returned_at)), 0)
                      ::bigint as "age_seconds!"
           from untold_return"#
    )
    .fetch_one(conn)
    .await?;
    Ok(row.age_seconds.max(0))
}

/// The number of the last entry of the chain of events.
pub async fn chain_head(conn: &mut PgConnection) -> Result<i64, StoreError> {
    let row = sqlx::query!("select number from event_head")
        .fetch_one(conn)
        .await?;
    Ok(row.number)
}
