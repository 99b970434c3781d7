//! Orders, without their payments.

use std::collections::BTreeSet;

use gazelle_kernel::{Actor, Fen, Instant, ProgramId};
use gazelle_runtime::store::{StoreError, expect_rows, read, read_digest};
use sqlx::PgConnection;

use crate::domain::payment::{
    file::order::FileAccount,
    order::{Order, OrderState},
    shown::OrderSums,
};

#[derive(Debug)]
struct OrderRow {
    order_id: String,
    program_id: String,
    number: i32,
    r#final: bool,
    state: String,
    digest: Vec<u8>,
    payment_count: i32,
    held_count: i32,
    total_fen: i64,
    program_name: String,
    payer_name: String,
    payer_number: String,
    payer_bank_code: String,
    payer_bank_name: String,
    proposed_by: Vec<String>,
    prepared_by: String,
    prepared_at: Instant,
    decided_by: Option<String>,
    decided_at: Option<Instant>,
}

impl OrderRow {
    fn read(self) -> Result<Order, StoreError> {
        let actor = |column, text: &str| read(column, Actor::parse(text));
        let proposed_by = self
            .proposed_by
            .iter()
            .map(|by| actor("payment_order.proposed_by", by));
        let decided = match (&self.decided_by, self.decided_at) {
            (Some(by), Some(at)) => Some((actor("payment_order.decided_by", by)?, at)),
            _ => None,
        };
        Ok(Order {
            program_id: read(
                "payment_order.program_id",
                ProgramId::parse(&self.program_id),
            )?,
            number: self.number,
            is_final: self.r#final,
            state: OrderState::parse(&self.state)
                .ok_or_else(|| StoreError::corrupt("payment_order.state", self.state.clone()))?,
            digest: read_digest("payment_order.digest", &self.digest)?,
            payment_count: self.payment_count,
            held_count: self.held_count,
            total: Fen::new(self.total_fen),
            proposed_by: proposed_by.collect::<Result<BTreeSet<Actor>, StoreError>>()?,
            prepared_by: actor("payment_order.prepared_by", &self.prepared_by)?,
            prepared_at: self.prepared_at,
            decided,
            order_id: self.order_id,
            program_name: self.program_name,
            payer: FileAccount {
                name: self.payer_name,
                number: self.payer_number,
                bank_code: self.payer_bank_code,
                bank_name: self.payer_bank_name,
            },
        })
    }
}

/// Writes a prepared order. A second one of its program is refused by `payment_order_one_open`.
pub async fn insert(tx: &mut PgConnection, order: &Order) -> Result<(), StoreError> {
    let proposed_by: Vec<&str> = order.proposed_by.iter().map(Actor::as_str).collect();
    sqlx::query!(
        "insert into payment_order (order_id, program_id, number, final, state, digest,
                                    payment_count, held_count, total_fen, program_name, payer_name,
                                    payer_number, payer_bank_code, payer_bank_name, proposed_by,
                                    prepared_by, prepared_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        order.order_id,
        order.program_id.as_str(),
        order.number,
        order.is_final,
        order.state.as_str(),
        &order.digest[..],
        order.payment_count,
        order.held_count,
        order.total.get(),
        order.program_name,
        order.payer.name,
        order.payer.number,
        order.payer.bank_code,
        order.payer.bank_name,
        &proposed_by as &[&str],
        order.prepared_by.as_str(),
        order.prepared_at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The order of that id, if there is one.
pub async fn find(tx: &mut PgConnection, order_id: &str) -> Result<Option<Order>, StoreError> {
    let row = sqlx::query_as!(
        OrderRow,
        "select * from payment_order where order_id = $1",
        order_id
    )
    .fetch_optional(tx)
    .await?;
    row.map(OrderRow::read).transpose()
}

/// An order that nobody else changes until the transaction ends.
pub async fn lock(tx: &mut PgConnection, order_id: &str) -> Result<Option<Order>, StoreError> {
    let row = sqlx::query_as!(
        OrderRow,
        "select * from payment_order where order_id = $1 for no key update",
        order_id
    )
    .fetch_optional(tx)
    .await?;
    row.map(OrderRow::read).transpose()
}

/// The prepared order of a program.
pub async fn open_order(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<Option<String>, StoreError> {
    let order_id = sqlx::query_scalar!(
        "select order_id from payment_order where program_id = $1 and state = 'prepared'",
        program_id.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(order_id)
}

/// The number of a program's last order; 0: none.
pub async fn last_number(tx: &mut PgConnection, program_id: &ProgramId) -> Result<i32, StoreError> {
    let number = sqlx::query_scalar!(
        r#"select coalesce(max(number), 0) as "number!" from payment_order where program_id = $1"#,
        program_id.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(number)
}

/// Releases or cancels an order. The database refuses whoever may not
/// (`payment_order_not_self_released`).
pub async fn decide(
    tx: &mut PgConnection,
    order_id: &str,
    state: OrderState,
    by: &Actor,
    at: Instant,
) -> Result<(), StoreError> {
    let written = sqlx::query!(
        "update payment_order set state = $2, decided_by = $3, decided_at = $4 where order_id = $1",
        order_id,
        state.as_str(),
        by.as_str(),
        at
    )
    .execute(tx)
    .await?;
    expect_rows("payment_order", &written, 1)
}

/// Calls a released order answered once none of its payments is pending.
pub async fn settle(tx: &mut PgConnection, order_id: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "update payment_order set state = 'answered'
         where order_id = $1 and state = 'released'
           and not exists (select from payment where order_id = $1 and state = 'PENDING')",
        order_id
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Orders after a key, by program and number.
pub async fn page(
    tx: &mut PgConnection,
    program_id: Option<&ProgramId>,
    after: Option<(&ProgramId, i32)>,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    let rows = sqlx::query_as!(
        OrderRow,
        "select * from payment_order
         where ($1::text is null or program_id = $1) and (program_id, number) > ($2, $3)
         order by program_id, number
         limit $4",
        program_id.map(ProgramId::as_str),
        after.map_or("", |(program_id, _)| program_id.as_str()),
        after.map_or(0, |(_, number)| number),
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(OrderRow::read).collect()
}

/// What of some orders was answered, in their order.
pub async fn sums(tx: &mut PgConnection, order_ids: &[&str]) -> Result<Vec<OrderSums>, StoreError> {
    let rows = sqlx::query!(
        r#"select count(*) filter (where state = 'SETTLED')::integer as "settled_count!",
                  coalesce(sum(amount_fen) filter (where state = 'SETTLED'), 0)::bigint as "settled!",
                  count(*) filter (where state = 'RETURNED')::integer as "returned_count!",
                  coalesce(sum(amount_fen) filter (where state = 'RETURNED'), 0)::bigint as "returned!"
           from unnest($1::text[]) with ordinality as asked (order_id, place)
           left join payment using (order_id)
           group by place
           order by place"#,
        order_ids as &[&str]
    )
    .fetch_all(tx)
    .await?;
    let sums = rows.into_iter().map(|row| OrderSums {
        settled_count: row.settled_count,
        settled: Fen::new(row.settled),
        returned_count: row.returned_count,
        returned: Fen::new(row.returned),
    });
    Ok(sums.collect())
}
