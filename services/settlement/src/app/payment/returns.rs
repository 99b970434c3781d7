//! What the registry is told of payments that came back.
//!
//! An answer writes down what came back in its own transaction, and the registry is told of it
//! once that is committed: by the answer, and where it could not, by whoever comes next. Until then
//! the payees are held by what is written down, so that no order pays them in between; and what an
//! answer never came to say, the registry never hears. Told twice, it harms nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice,
    time::Duration,
};

use gazelle_kernel::PayeeId;
use gazelle_runtime::{
    detach::detached,
    failure,
    store::{begin, snapshot},
};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    app::{App, error::AppError},
    domain::payment::{account::PayeeAccount, answer::Returned},
    peers::{PeerError, RETURNS_A_CALL},
    store,
};

/// How often it is looked whether anything is to be told.
const TELL_PERIOD: Duration = Duration::from_secs(15);

/// How long a call waits until the registry knows all.
const TELL_WAIT: Duration = Duration::from_secs(30);

impl App {
    /// Tells the registry what it was not told, until the handle is dropped.
    pub fn keep_telling_returns(&self) -> AbortOnDropHandle<()> {
        let app = self.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                sleep(TELL_PERIOD).await;
                app.tell_returns_or_leave().await;
            }
        }))
    }

    /// Tells the registry what it was not told; what it can't be told now it is told later.
    pub(super) async fn tell_returns_or_leave(&self) {
        match timeout(TELL_WAIT, self.tell_returns()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(
                    cause = failure::told(&error),
                    "the registry was not told of returns"
                );
            }
            Err(_) => tracing::warn!("the registry was not told of all returns in time"),
        }
    }

    async fn tell_returns(&self) -> Result<(), AppError> {
        loop {
            let mut tx = snapshot(&self.pool).await?;
            let untold = store::payment::first_untold(&mut tx, RETURNS_A_CALL).await?;
            drop(tx);
            let told = self.tell(untold).await?;
            if told.is_empty() {
                return Ok(());
            }
            let app = self.clone();
            detached(async move {
                let mut tx = begin(&app.pool).await?;
                store::payment::delete_untold(&mut tx, &told).await?;
                tx.commit().await?;
                Ok::<_, AppError>(())
            })
            .await?;
        }
    }

    /// Tells of these, and where they are refused of each by itself: one that the registry does not
    /// take must not hold the payees of all others. Returns those that it knows of now.
    async fn tell(&self, untold: Vec<Returned>) -> Result<Vec<Returned>, PeerError> {
        if untold.is_empty() {
            return Ok(untold);
        }
        match self.peers.note_payment_returns(&untold).await {
            Ok(()) => return Ok(untold),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(_) => {}
        }
        let (mut told, mut refused) = (Vec::new(), 0);
        for one in untold {
            match self.peers.note_payment_returns(slice::from_ref(&one)).await {
                Ok(()) => told.push(one),
                Err(error) if error.is_unavailable() => return Err(error),
                Err(error) => {
                    refused += 1;
                    tracing::debug!(
                        payment_id = one.payment_id,
                        cause = failure::told(&error),
                        "the registry does not take a return"
                    );
                }
            }
        }
        if refused > 0 {
            tracing::warn!(refused, "the registry does not take some returns");
        }
        Ok(told)
    }

    /// The accounts in force of these payees, `untold` of whom something came back that the
    /// registry may not know of.
    pub(super) async fn accounts_in_force(
        &self,
        payees: &[PayeeId],
        untold: &BTreeSet<PayeeId>,
    ) -> Result<BTreeMap<PayeeId, PayeeAccount>, PeerError> {
        let mut accounts = self.peers.payment_accounts(payees).await?;
        for (payee_id, account) in &mut accounts {
            account.payment_returned |= untold.contains(payee_id);
        }
        Ok(accounts)
    }
}
