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

pub use answer::{ANSWER_BYTES_MAX, AnswerDetail, AnswerFormat};
pub use export::FileFormat;
pub use read::{OrderDetail, ProgramMoney};

pub(super) use items::Gifts;

use gazelle_kernel::ProgramId;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::error::{AppError, NotFound};
use crate::{domain::payment::order::Order, store};

/// How often accounts are read again because payments came back meanwhile.
const ATTEMPTS_MAX: u32 = 4;

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

/// What an order came to by a step, as the trail has it from now on.
async fn order_kept(tx: &mut PgConnection, order_id: &str) -> Result<String, StoreError> {
    let digests = store::payment::kept::orders(tx, Some(order_id)).await?;
    Ok(store::payment::kept::the_only(digests))
}

/// What a program's open items came to by a step, likewise.
pub(super) async fn items_kept(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<String, StoreError> {
    let digests = store::payment::kept::open_items(tx, Some(program_id)).await?;
    Ok(store::payment::kept::the_only(digests))
}

/// The order with what of it was answered.
async fn detail(tx: &mut PgConnection, order: Order) -> Result<OrderDetail, StoreError> {
    let sums = store::payment::sums(tx, &[&order.order_id]).await?;
    let sums = sums.into_iter().next().unwrap_or_default();
    Ok(OrderDetail { order, sums })
}
