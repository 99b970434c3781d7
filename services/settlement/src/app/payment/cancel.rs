//! Dropping an order that was not released.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, PayeeId};
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{StoreError, begin, event::Doing},
};
use serde_json::json;
use sqlx::PgConnection;

use super::{Gifts, detail, items_fingerprint, lock_order, order_fingerprint};
use crate::{
    app::{
        App,
        error::{AppError, PaymentRefused},
        ledger::book,
    },
    domain::{
        ledger::CauseKind,
        payment::{
            order::{Order, OrderState},
            shown::OrderDetail,
        },
    },
    store,
};

impl App {
    /// Drops a prepared order; what it would have paid is payable again.
    pub async fn cancel_order(
        &self,
        caller: &Principal,
        order_id: String,
    ) -> Result<OrderDetail, AppError> {
        let (app, by) = (self.clone(), caller.actor());
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            let order = lock_order(&mut tx, &order_id).await?;
            order.check_prepared().map_err(PaymentRefused::from)?;
            let at = store::clock::now(&mut tx).await?;
            let doing = Doing { by: &by, at };
            let order_before = order_fingerprint(&mut tx, &order_id).await?;
            let items_before = items_fingerprint(&mut tx, &order.program_id).await?;

            let parts = parts(&mut tx, &order_id).await?;
            let payments = store::payment::cancel_all(&mut tx, &order_id).await?;
            let payees: Vec<PayeeId> = payments.iter().map(|(_, payee, _)| payee.clone()).collect();
            let mut gifts = Gifts::load(&mut tx, &order.program_id, &payees).await?;
            for (payment_id, payee_id, amount) in &payments {
                let made_of = parts.get(payment_id).map_or(&[][..], Vec::as_slice);
                gifts.give_back(payee_id, (payment_id, *amount), made_of, false)?;
            }
            let postings = gifts.save(&mut tx).await?;

            store::payment::decide(&mut tx, &order_id, OrderState::Cancelled, &by, at).await?;
            let cause = (CauseKind::OrderCancelled, order_id.clone());
            book(&mut tx, &doing, cause, &order.program_id, postings).await?;
            let content = json!({
                "program_id": order.program_id,
                "digest": hex::encode(order.digest),
                "order_before": order_before,
                "open_items_before": items_before,
                "order": order_fingerprint(&mut tx, &order_id).await?,
                "open_items": items_fingerprint(&mut tx, &order.program_id).await?,
            });
            doing
                .record(&mut tx, "order.cancel", &order_id, &content)
                .await?;
            let order = Order {
                state: OrderState::Cancelled,
                decided: Some((by.clone(), at)),
                ..order
            };
            let order = detail(&mut tx, order).await?;
            tx.commit().await?;
            Ok(order)
        })
        .await
    }
}

/// What each payment of an order is made of, in the order of runs: so it is given back.
pub(super) async fn parts(
    tx: &mut PgConnection,
    order_id: &str,
) -> Result<BTreeMap<String, Vec<(i32, Fen)>>, StoreError> {
    let mut parts: BTreeMap<String, Vec<(i32, Fen)>> = BTreeMap::new();
    for (_, payment_id, part) in store::payment::remittances(tx, order_id, None, None).await? {
        parts
            .entry(payment_id)
            .or_default()
            .push((part.run_number, part.amount));
    }
    for parts in parts.values_mut() {
        parts.sort_by_key(|(run_number, _)| *run_number);
    }
    Ok(parts)
}
