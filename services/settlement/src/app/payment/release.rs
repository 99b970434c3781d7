//! Releasing an order.

use std::collections::BTreeMap;

use gazelle_kernel::PayeeId;
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{begin, event::Doing, snapshot},
};
use serde_json::json;

use super::{detail, find_order, lock_order, order_fingerprint, stored_digest};
use crate::{
    app::{
        App,
        attempt::until_unchanged,
        error::{AppError, PaymentRefused},
    },
    domain::payment::{
        account::PayeeAccount,
        order::{Order, OrderState},
        shown::OrderDetail,
    },
    store,
};

impl App {
    /// Releases an order on the digest of what its releaser looked at.
    pub async fn release_order(
        &self,
        caller: &Principal,
        order_id: String,
        digest: [u8; 32],
    ) -> Result<OrderDetail, AppError> {
        self.tell_returns_or_leave().await;
        until_unchanged(|| async {
            let (changed, returned) = self.changed_accounts(&order_id).await?;
            let (app, by, order_id) = (self.clone(), caller.actor(), order_id.clone());
            let released = detached(async move {
                let mut tx = begin(&app.pool).await?;
                let order = lock_order(&mut tx, &order_id).await?;
                if store::payment::returned_count(&mut tx).await? != returned {
                    return Ok(None);
                }
                let stored = stored_digest(&mut tx, &order).await?;
                order
                    .check_release(&by, &digest, &stored, changed)
                    .map_err(PaymentRefused::from)?;
                let order_before = order_fingerprint(&mut tx, &order_id).await?;
                let at = store::clock::now(&mut tx).await?;
                store::payment::decide(&mut tx, &order_id, OrderState::Released, &by, at).await?;
                let doing = Doing { by: &by, at };
                let content = json!({
                    "digest": hex::encode(digest),
                    "total_fen": order.total,
                    "order_before": order_before,
                    "order": order_fingerprint(&mut tx, &order_id).await?,
                });
                doing
                    .record(&mut tx, "order.release", &order_id, &content)
                    .await?;
                let order = Order {
                    state: OrderState::Released,
                    decided: Some((by.clone(), at)),
                    ..order
                };
                let order = detail(&mut tx, order).await?;
                tx.commit().await?;
                Ok::<_, AppError>(Some(order))
            });
            released.await
        })
        .await
    }

    /// Payees of an order whose account is not what it was, or that a payment came back from; and
    /// how many payments had come back when that was looked at.
    async fn changed_accounts(&self, order_id: &str) -> Result<(Vec<PayeeId>, i64), AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_order(&mut tx, order_id)
            .await?
            .check_prepared()
            .map_err(PaymentRefused::from)?;
        let returned = store::payment::returned_count(&mut tx).await?;
        let versions = store::payment::versions(&mut tx, order_id).await?;
        let payees: Vec<PayeeId> = versions.keys().cloned().collect();
        let untold = store::payment::untold_payees(&mut tx, &payees).await?;
        drop(tx);
        let accounts = self.accounts_in_force(&payees, &untold).await?;
        Ok((changed(versions, &accounts), returned))
    }
}

fn changed(
    versions: BTreeMap<PayeeId, i32>,
    accounts: &BTreeMap<PayeeId, PayeeAccount>,
) -> Vec<PayeeId> {
    let same = |payee: &PayeeId, version: i32| {
        let account = accounts.get(payee);
        account.is_some_and(|account| account.version == version && !account.payment_returned)
    };
    let changed = versions
        .into_iter()
        .filter(|(payee, version)| !same(payee, *version));
    changed.map(|(payee, _)| payee).collect()
}
