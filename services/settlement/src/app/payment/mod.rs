//! Payment orders, from what is payable to what whoever pays answered.
//!
//! The registry is asked for accounts before a transaction, never in one. So what came back
//! meanwhile is looked at again under the program's lock, and the accounts are read once more where
//! something did.

mod answer;
mod cancel;
mod export;
mod items;
mod prepare;
mod read;
mod release;
mod returns;

pub(super) use items::Gifts;

use gazelle_kernel::ProgramId;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::error::{AppError, NotFound};
use crate::{
    domain::payment::{
        order::{Order, OrderHash},
        shown::OrderDetail,
    },
    store,
};

/// Payments that are read at a time.
const PAYMENTS_A_TIME: i64 = 1_000;

/// The order, or that there is none.
async fn find_order(tx: &mut PgConnection, order_id: &str) -> Result<Order, AppError> {
    let order = store::payment::find(tx, order_id).await?;
    order.ok_or_else(|| NotFound::Order(order_id.to_owned()).into())
}

/// The order, which with its program nobody else changes until the transaction ends.
async fn lock_order(tx: &mut PgConnection, order_id: &str) -> Result<Order, AppError> {
    let order = find_order(&mut *tx, order_id).await?;
    store::program::lock(&mut *tx, &order.program_id).await?;
    let order = store::payment::lock(tx, order_id).await?;
    order.ok_or_else(|| NotFound::Order(order_id.to_owned()).into())
}

/// The digest of an order's payments as they are stored now.
async fn stored_digest(tx: &mut PgConnection, order: &Order) -> Result<[u8; 32], StoreError> {
    let mut hash = OrderHash::new(&order.order_id, &order.program_id, &order.payer);
    let mut after = String::new();
    loop {
        let page = store::payment::chunk(&mut *tx, &order.order_id, &after, PAYMENTS_A_TIME);
        let page = page.await?;
        let Some((last, _)) = page.last() else {
            return Ok(hash.finish());
        };
        after.clone_from(last);
        for (payee_id, paid) in &page {
            hash.payment(
                &paid.end_to_end_id,
                payee_id,
                paid.amount,
                paid.payee.texts(),
            );
        }
    }
}

/// What an order is before a step or came to by it, as the trail has it from then on: the step
/// after it finds it so, or somebody changed it in between.
async fn order_fingerprint(tx: &mut PgConnection, order_id: &str) -> Result<String, StoreError> {
    let digests = store::payment::fingerprint::orders(tx, Some(order_id)).await?;
    Ok(store::payment::fingerprint::the_only(digests))
}

/// What a program's open items are or came to, likewise.
pub(super) async fn items_fingerprint(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<String, StoreError> {
    let digests = store::payment::fingerprint::open_items(tx, Some(program_id)).await?;
    Ok(store::payment::fingerprint::the_only(digests))
}

/// The order with what of it was answered.
async fn detail(tx: &mut PgConnection, order: Order) -> Result<OrderDetail, StoreError> {
    let sums = store::payment::sums(tx, &[&order.order_id]).await?;
    let sums = sums.into_iter().next().unwrap_or_default();
    Ok(OrderDetail { order, sums })
}
