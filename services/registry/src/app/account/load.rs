//! What proposals and decisions depend on, loaded.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{PayeeId, PlatformId, Uscc};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::{
    domain::account::{Payee, PaymentAccount, State},
    store,
};

/// A payee's accounts that are not over.
#[derive(Default)]
pub(super) struct Open {
    /// The one that waits to be decided.
    pub(super) proposed: Option<PaymentAccount>,
    /// The one in force.
    pub(super) confirmed: Option<PaymentAccount>,
}

impl Open {
    /// The newer of the two: what was proposed after the other was confirmed.
    pub(super) fn newest(self) -> Option<PaymentAccount> {
        self.proposed.or(self.confirmed)
    }
}

/// The accounts of these payees that are not over; payees without any are left out.
pub(super) async fn open(
    tx: &mut PgConnection,
    payees: &BTreeSet<PayeeId>,
) -> Result<BTreeMap<PayeeId, Open>, StoreError> {
    let mut found: BTreeMap<PayeeId, Open> = BTreeMap::new();
    for account in store::account::versions(tx, payees, &State::OPEN).await? {
        let open = found.entry(account.payee_id().clone()).or_default();
        match account.standing.state {
            State::Proposed => open.proposed = Some(account),
            State::Confirmed | State::Rejected | State::Replaced => open.confirmed = Some(account),
        }
    }
    Ok(found)
}

/// All versions of these payees' accounts, each payee's by version.
pub(super) async fn versions(
    tx: &mut PgConnection,
    payees: &BTreeSet<PayeeId>,
) -> Result<BTreeMap<PayeeId, Vec<PaymentAccount>>, StoreError> {
    let mut found: BTreeMap<PayeeId, Vec<PaymentAccount>> = BTreeMap::new();
    if payees.is_empty() {
        return Ok(found);
    }
    for account in store::account::versions(tx, payees, &State::ALL).await? {
        let versions = found.entry(account.payee_id().clone());
        versions.or_default().push(account);
    }
    Ok(found)
}

/// What is recorded of those of the payees that are registered.
pub(super) async fn payees(
    tx: &mut PgConnection,
    ids: &BTreeSet<PayeeId>,
) -> Result<BTreeMap<PayeeId, Payee>, StoreError> {
    let mut open = open(tx, ids).await?;
    let version_counts = store::account::version_counts(tx, ids).await?;
    let names = registered_names(tx, ids).await?;
    Ok(names
        .into_iter()
        .map(|(id, registered_name)| {
            let payee = Payee {
                registered_name,
                newest: open.remove(&id).and_then(Open::newest),
                version_count: version_counts.get(&id).copied().unwrap_or_default(),
            };
            (id, payee)
        })
        .collect())
}

async fn registered_names(
    tx: &mut PgConnection,
    ids: &BTreeSet<PayeeId>,
) -> Result<Vec<(PayeeId, Box<str>)>, StoreError> {
    let mut usccs: BTreeSet<Uscc> = BTreeSet::new();
    let mut platforms: BTreeSet<PlatformId> = BTreeSet::new();
    for id in ids {
        match id {
            PayeeId::Enterprise(uscc) => usccs.insert(*uscc),
            PayeeId::Platform(id) => platforms.insert(id.clone()),
        };
    }
    let enterprises = store::enterprise::current(tx, &usccs).await?;
    let platforms = store::platform::current(tx, &platforms).await?;
    let enterprises = enterprises
        .into_values()
        .map(|found| (PayeeId::Enterprise(found.uscc), found.name.as_str().into()));
    let platforms = platforms.into_iter().map(|(id, found)| {
        let name = found.registered_name().into();
        (PayeeId::Platform(id), name)
    });
    Ok(enterprises.chain(platforms).collect())
}
