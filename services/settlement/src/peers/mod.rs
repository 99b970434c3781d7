//! What settlement reads from the other services, as values of the domain.
//!
//! Nothing here is written anywhere, and nothing here runs inside a transaction. A stream that
//! stops is given up.

mod accounts;
mod error;
mod registry;
mod stream;
mod totals;
mod usage;

use std::{collections::BTreeMap, sync::Arc};

use gazelle_client::ClientError;
use gazelle_kernel::{PayeeId, Period, PlatformId, Uscc};
use gazelle_proto::usage::v1::ReadSealedTotalsRequest;

pub use self::{
    accounts::RETURNS_A_CALL,
    error::PeerError,
    registry::RegistryFacts,
    usage::{HeldPeriod, UsageRead},
};
use self::{registry::Registry, usage::Cell};
use crate::{
    config::PeersConfig,
    domain::{
        payment::{account::PayeeAccount, answer::Returned},
        run::PlatformReports,
    },
};

/// The services that settlement reads from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Peers {
    registry: Registry,
    usage: Arc<[Cell]>,
}

impl Peers {
    /// Connects when first used.
    pub fn new(config: &PeersConfig) -> Result<Self, ClientError> {
        let cells = config.usage.iter().map(Cell::new);
        Ok(Self {
            registry: Registry::new(&config.registry)?,
            usage: cells.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the registry has an enterprise of this code.
    pub async fn knows_enterprise(&self, uscc: &Uscc) -> Result<bool, PeerError> {
        self.registry.knows_enterprise(uscc).await
    }

    /// The registry's facts of this moment. Stops reading where `known` is of this moment.
    pub async fn facts(
        &self,
        known: Option<Arc<RegistryFacts>>,
    ) -> Result<Arc<RegistryFacts>, PeerError> {
        self.registry.facts(known).await
    }

    /// All platforms of the registry, by id.
    pub async fn platforms(&self) -> Result<Vec<PlatformReports>, PeerError> {
        self.registry.platforms().await
    }

    /// The accounts in force of these payees, by payee. One without any is missing.
    pub async fn payment_accounts(
        &self,
        payees: &[PayeeId],
    ) -> Result<BTreeMap<PayeeId, PayeeAccount>, PeerError> {
        self.registry.payment_accounts(payees).await
    }

    /// Tells the registry of at most [`RETURNS_A_CALL`] payments that came back. Telling it again
    /// changes nothing.
    pub async fn note_payment_returns(&self, returned: &[Returned]) -> Result<(), PeerError> {
        self.registry.note_payment_returns(returned).await
    }

    /// All periods in which platforms reported or stated anything.
    pub async fn periods(&self) -> Result<Vec<HeldPeriod>, PeerError> {
        let cells = self.usage.iter().map(Cell::periods);
        let cells = futures::future::try_join_all(cells).await?;
        Ok(cells.into_iter().flatten().collect())
    }

    /// The periods `from` to `through` of these platforms, of all where none is named, with the
    /// totals of the sealed ones.
    pub async fn sealed_totals(
        &self,
        platforms: &[PlatformId],
        (from, through): (Period, Period),
    ) -> Result<UsageRead, PeerError> {
        let request = ReadSealedTotalsRequest {
            platform_ids: platforms.iter().map(ToString::to_string).collect(),
            from_period: from.to_string(),
            through_period: through.to_string(),
        };
        let cells = self.usage.iter().map(|cell| cell.read(&request));
        let mut read = UsageRead::default();
        for cell in futures::future::try_join_all(cells).await? {
            for (platform_id, period) in cell.first_periods {
                let first = read.first_periods.entry(platform_id).or_insert(period);
                *first = (*first).min(period);
            }
            read.sealed.extend(cell.sealed);
            read.open.extend(cell.open);
        }
        read.sealed.sort_by(|a, b| a.seal.cmp(&b.seal));
        read.open.sort();
        totals::refuse_two_seals(&read.sealed)?;
        Ok(read)
    }
}
