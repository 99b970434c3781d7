//! Clients of all services, as the contract has them.

use std::{sync::Arc, time::Duration};

use gazelle_proto::{
    audit::v1::audit_service_client::AuditServiceClient,
    registry::v1::registry_service_client::RegistryServiceClient,
    settlement::v1::{
        ledger_service_client::LedgerServiceClient, payment_service_client::PaymentServiceClient,
        program_service_client::ProgramServiceClient, run_service_client::RunServiceClient,
    },
    usage::v1::usage_service_client::UsageServiceClient,
};
use tonic::service::interceptor::InterceptedService;

use crate::{
    channel::channel,
    endpoints::Endpoints,
    error::ClientError,
    patient::{Patience, Patient, Tell},
    token::Bearer,
};

/// Largest answer that is read. Pages of the contract stay far below.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A registry call is short; sealing and computing read a whole year.
const SHORT_WAIT: Duration = Duration::from_mins(1);
const LONG_WAIT: Duration = Duration::from_mins(10);

/// Nobody connects to it: calls to a service of which no URL is known are refused before.
const NOWHERE: &str = "http://nowhere.invalid";

/// Clients of all services. Cheap to clone; they connect when first used.
#[derive(Debug, Clone)]
pub struct Client {
    /// Who the enterprises are.
    pub registry: RegistryServiceClient<Patient>,
    /// What the platforms charged.
    pub usage: UsageServiceClient<Patient>,
    /// Programs and enrollments.
    pub programs: ProgramServiceClient<Patient>,
    /// Runs, from computing to approving or cancelling.
    pub runs: RunServiceClient<Patient>,
    /// Orders, payments and answers.
    pub payments: PaymentServiceClient<Patient>,
    /// The books, read and verified.
    pub ledger: LedgerServiceClient<Patient>,
    /// What was done, in each service.
    pub trails: Trails,
}

/// Clients of the services' trails.
#[derive(Debug, Clone)]
pub struct Trails {
    /// That of the registry.
    pub registry: AuditServiceClient<Patient>,
    /// That of the usage service.
    pub usage: AuditServiceClient<Patient>,
    /// That of settlement.
    pub settlement: AuditServiceClient<Patient>,
}

impl Client {
    /// Clients that show `bearer`, and make each call once.
    pub fn new(endpoints: &Endpoints, bearer: &Bearer) -> Result<Self, ClientError> {
        Self::with(endpoints, bearer, None)
    }

    /// Clients that show `bearer`, and are [patient](Patient) together; `tell` hears of it.
    pub fn patient(
        endpoints: &Endpoints,
        bearer: &Bearer,
        tell: Tell,
    ) -> Result<Self, ClientError> {
        Self::with(endpoints, bearer, Some(&Arc::new(Patience::new(tell))))
    }

    fn with(
        endpoints: &Endpoints,
        bearer: &Bearer,
        patience: Option<&Arc<Patience>>,
    ) -> Result<Self, ClientError> {
        let tls = endpoints.tls_files()?;
        let to = |name, url: &str, wait| {
            let (url, bearer) = match url {
                "" => (NOWHERE, Bearer::to_nowhere(name)),
                url => (url, bearer.clone()),
            };
            let channel = channel(url, &tls, wait)?;
            let authorized = InterceptedService::new(channel, bearer);
            Ok::<_, ClientError>(Patient::new(authorized, patience.cloned()))
        };
        let registry = to("registry", &endpoints.registry, SHORT_WAIT)?;
        let usage = to("usage", &endpoints.usage, LONG_WAIT)?;
        let settlement = to("settlement", &endpoints.settlement, LONG_WAIT)?;
        let bounded = MESSAGE_BYTES_MAX;
        let audit = |channel: &Patient| {
            AuditServiceClient::new(channel.clone()).max_decoding_message_size(bounded)
        };
        let trails = Trails {
            registry: audit(&to("registry", &endpoints.registry, LONG_WAIT)?),
            usage: audit(&usage),
            settlement: audit(&settlement),
        };
        Ok(Self {
            registry: RegistryServiceClient::new(registry).max_decoding_message_size(bounded),
            usage: UsageServiceClient::new(usage).max_decoding_message_size(bounded),
            programs: ProgramServiceClient::new(settlement.clone())
                .max_decoding_message_size(bounded),
            payments: PaymentServiceClient::new(settlement.clone())
                .max_decoding_message_size(bounded),
            ledger: LedgerServiceClient::new(settlement.clone()).max_decoding_message_size(bounded),
            trails,
            runs: RunServiceClient::new(settlement).max_decoding_message_size(bounded),
        })
    }
}

#[cfg(test)]
mod tests {
    use gazelle_proto::usage::v1::GetPeriodRequest;
    use tonic_types::StatusExt as _;

    use super::*;

    #[tokio::test]
    async fn who_has_no_address_of_a_service_is_told_of_which_when_it_is_called() {
        let endpoints = Endpoints {
            registry: "http://127.0.0.1:1".to_owned(),
            usage: String::new(),
            settlement: String::new(),
            ca_file: None,
            certificate_file: None,
            key_file: None,
        };
        let mut client = Client::new(&endpoints, &Bearer::none()).unwrap();
        let asked = client.usage.get_period(GetPeriodRequest::default()).await;
        let info = asked.unwrap_err().get_details_error_info().unwrap();
        assert_eq!(info.reason, "ADDRESS_MISSING");
        assert_eq!(info.metadata["service"], "usage");
    }
}
