//! Accounts, for those who look at them and for those who pay to them.

use std::collections::BTreeSet;

use gazelle_kernel::PayeeId;
use gazelle_runtime::{auth::Principal, detach::detached, store::snapshot};
use sqlx::{Postgres, Transaction};

use crate::{
    app::{
        App,
        error::{AccountRefused, AppError},
        stream::{PART_MAX, Parts, Streamed},
    },
    domain::{
        account::{PaymentAccount, Shown, State},
        revision::Revision,
    },
    store,
};

impl App {
    /// Accounts by payee and version, and the revision that they are of: at most `limit`, only one
    /// payee's, in one state and after a payee's version where these are given.
    pub async fn list_payment_accounts(
        &self,
        payee: Option<&PayeeId>,
        state: Option<State>,
        after: Option<&(PayeeId, i32)>,
        limit: i64,
    ) -> Result<(Vec<PaymentAccount>, Revision), AppError> {
        let states = state.map_or_else(|| State::ALL.to_vec(), |state| vec![state]);
        let after = after.map(|(payee, version)| (payee, *version));
        let mut tx = snapshot(&self.pool).await?;
        let present = store::revision::get(&mut tx).await?;
        let page = store::account::page(&mut tx, payee, &states, after, limit).await?;
        Ok((page, present))
    }

    /// All versions of a payee's account, and the revision that they are of.
    pub async fn get_payment_account(
        &self,
        caller: &Principal,
        payee: PayeeId,
    ) -> Result<(Vec<PaymentAccount>, Revision), AppError> {
        let all = self.list_payment_accounts(Some(&payee), None, None, i64::MAX);
        let (accounts, revision) = all.await?;
        if accounts.is_empty() {
            return Err(AccountRefused::NotFound(payee).into());
        }
        let mut shown = Shown::default();
        for account in &accounts {
            shown.add(account.payee_id(), account.version);
        }
        self.note_shown(caller, shown, revision).await?;
        Ok((accounts, revision))
    }

    /// Begins to read the accounts in force, by payee; only of these payees, where they are given.
    pub async fn read_payment_accounts(
        &self,
        caller: &Principal,
        payees: Option<BTreeSet<PayeeId>>,
    ) -> Result<Streamed<Vec<PaymentAccount>>, AppError> {
        let mut snapshot = self.snapshot_to_stream().await?;
        let revision = store::revision::get(&mut snapshot.tx).await?;
        let shown = store::account::in_force(&mut snapshot.tx, payees.as_ref()).await?;
        self.note_shown(caller, shown, revision).await?;
        Ok(snapshot.stream(revision, move |tx, parts| send(tx, payees, parts)))
    }

    /// Writes down whose numbers the caller is about to be shown: one entry, however many.
    async fn note_shown(
        &self,
        caller: &Principal,
        shown: Shown,
        revision: Revision,
    ) -> Result<(), AppError> {
        if shown.is_empty() {
            return Ok(());
        }
        let (trail, actor) = (self.trail.clone(), caller.actor());
        detached(async move {
            let content = shown.content(revision);
            Ok(trail.shown(&actor, shown.subject(), &content).await?)
        })
        .await
    }
}

async fn send(
    mut tx: Transaction<'static, Postgres>,
    payees: Option<BTreeSet<PayeeId>>,
    parts: Parts<Vec<PaymentAccount>>,
) -> Result<(), AppError> {
    if let Some(payees) = payees {
        let found = store::account::versions(&mut tx, &payees, &[State::Confirmed]).await?;
        parts.send(found).await?;
        return Ok(());
    }
    let mut after: Option<(PayeeId, i32)> = None;
    loop {
        let key = after.as_ref().map(|(payee, version)| (payee, *version));
        let states = [State::Confirmed];
        let page = store::account::page(&mut tx, None, &states, key, PART_MAX).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some((last.payee_id().clone(), last.version));
        if !parts.send(page).await? {
            return Ok(());
        }
    }
}
