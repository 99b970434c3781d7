//! Payments that came back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gazelle_kernel::{Actor, PayeeId};
use gazelle_runtime::auth::Principal;

use super::{load, propose};
use crate::{
    app::{
        App,
        error::AppError,
        write::{Write, Writer},
    },
    domain::{
        account::{Account, Payee, PaymentReturn},
        revision::Revision,
    },
    store,
};

impl App {
    /// Notes payments that came back; returns how many were not noted before, and the revision.
    pub async fn note_payment_returns(
        &self,
        caller: &Principal,
        returns: Vec<PaymentReturn>,
    ) -> Result<(usize, Revision), AppError> {
        self.write_batch(caller, returns, note).await
    }
}

async fn note(
    writer: Writer,
    returns: Arc<[PaymentReturn]>,
) -> Result<(usize, Revision), AppError> {
    let mut write = writer.begin().await?;
    let ids: BTreeSet<_> = returns.iter().map(|item| item.payment_id.clone()).collect();
    let mut noted = store::payment_return::noted(&mut write.tx, &ids).await?;
    let mut new = returns.to_vec();
    new.retain(|item| noted.insert(item.payment_id.clone()));
    if new.is_empty() {
        return Ok((0, write.present));
    }

    new.sort_by(|one, other| one.payment_id.cmp(&other.payment_id));
    store::payment_return::insert(&mut write.tx, write.next, &new).await?;
    let (proposals, payees) = late_proposals(&mut write, &new).await?;
    let content = propose::propose(&mut write, proposals, &payees)
        .await?
        .with("payment_returns", &new);
    let revision = write.commit("note_payment_returns", &content).await?;
    Ok((new.len(), revision))
}

/// Proposals of what was in force that came between one of the returns and its note, each with
/// who made it; and what is recorded of the payees.
async fn late_proposals(
    write: &mut Write,
    returns: &[PaymentReturn],
) -> Result<(Vec<(Account, Actor)>, BTreeMap<PayeeId, Payee>), AppError> {
    let ids: BTreeSet<PayeeId> = returns.iter().map(|item| item.payee_id.clone()).collect();
    let repeats = store::payment_return::repeats(&mut write.tx, &ids).await?;
    let payees = load::payees(&mut write.tx, &ids).await?;
    let mut proposals = Vec::new();
    for repeat in repeats {
        let newest = payees
            .get(&repeat.payee_id)
            .and_then(|payee| payee.newest.as_ref());
        let Some(newest) = newest else { continue };
        let own = returns
            .iter()
            .filter(|item| item.payee_id == repeat.payee_id);
        if own
            .into_iter()
            .any(|item| repeat.is_proposal(newest, item.returned_at))
        {
            proposals.push((newest.account.clone(), repeat.by));
        }
    }
    Ok((proposals, payees))
}
