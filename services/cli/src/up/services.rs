//! The services as tasks of this process.

use std::time::Duration;

use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::{
    ClientCertificate, ClientTlsConfig, DatabaseConfig, DatabaseUrl, LimitsConfig, PeerConfig,
    ServerConfig, TelemetryConfig, TlsConfig, Transport, TrustDomain,
};
use gazelle_runtime::server::DRAIN_WAIT;
use gazelle_settlement::{PayerConfig, PeersConfig};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::keys;
use crate::authority::{TRUST_DOMAIN, list_file, server_file, service_file};
use crate::failure::Failure;
use crate::profile::{Endpoints, Home};
use crate::words::{self, Text};

/// What a service may take beyond its drain until it has ended.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Running services. They stop when it is dropped.
#[derive(Debug)]
pub(super) struct Services {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    stop: DropGuard,
}

impl Services {
    pub(super) fn spawn(
        home: &Home,
        urls: [DatabaseUrl; 3],
        listeners: [TcpListener; 3],
        endpoints: &Endpoints,
        clock: &Clock,
    ) -> Result<Self, Failure> {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let [registry_url, usage_url, settlement_url] = urls;
        let [registry, usage, settlement] = listeners;
        let auth = || keys::auth_config(home);

        let config = gazelle_registry::Config {
            server: server(home, &registry)?,
            admin: None,
            limits: LimitsConfig::default(),
            database: DatabaseConfig::new(registry_url),
            auth: auth(),
            audit: Some(keys::audit_config(home, "registry")),
            telemetry: TelemetryConfig::default(),
        };
        let service = gazelle_registry::serve(config, registry, clock.clone(), stop.clone());
        tasks.spawn(async move { ("registry", service.await) });

        let config = gazelle_usage::Config {
            server: server(home, &usage)?,
            admin: None,
            limits: LimitsConfig::default(),
            database: DatabaseConfig::new(usage_url),
            auth: auth(),
            audit: Some(keys::audit_config(home, "usage")),
            telemetry: TelemetryConfig::default(),
            ingest: gazelle_usage::IngestConfig::default(),
        };
        let service = gazelle_usage::serve(config, usage, clock.clone(), stop.clone());
        tasks.spawn(async move { ("usage", service.await) });

        let config = gazelle_settlement::Config {
            server: server(home, &settlement)?,
            admin: None,
            limits: LimitsConfig::default(),
            database: DatabaseConfig::new(settlement_url),
            auth: auth(),
            audit: Some(keys::audit_config(home, "settlement")),
            telemetry: TelemetryConfig::default(),
            payer: Some(payer()),
            peers: peers(home, endpoints),
        };
        let service = gazelle_settlement::serve(config, settlement, clock.clone(), stop.clone());
        tasks.spawn(async move { ("settlement", service.await) });

        Ok(Self {
            tasks,
            stop: stop.drop_guard(),
        })
    }

    /// Returns when one has ended by itself.
    pub(super) async fn ended(&mut self) -> Failure {
        let message = match self.tasks.join_next().await {
            Some(Ok((name, Ok(())))) => words::ENDED.with(&[("service", &name)]),
            Some(Ok((name, Err(error)))) => with_cause(words::ENDED_BY, name, &error),
            Some(Err(error)) => with_cause(words::ENDED_BY, words::A_SERVICE.say(), &error.into()),
            None => words::ALL_ENDED.say().to_owned(),
        };
        Failure::new("SERVICE_ENDED", message)
    }

    /// Has them drain, and waits until they have ended.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.stop);
        let all = async {
            let mut result = Ok(());
            while let Some(ended) = self.tasks.join_next().await {
                let failed = match ended {
                    Ok((_, Ok(()))) => continue,
                    Ok((name, Err(error))) => with_cause(words::STOPPED_BADLY, name, &error),
                    Err(error) => {
                        with_cause(words::STOPPED_BADLY, words::A_SERVICE.say(), &error.into())
                    }
                };
                result = Err(Failure::new("SERVICE_FAILED", failed));
            }
            result
        };
        tokio::time::timeout(DRAIN_WAIT + STOP_WAIT, all)
            .await
            .unwrap_or_else(|_| Err(Failure::new("SERVICE_FAILED", words::STOPPED_LATE.say())))
    }
}

fn server(home: &Home, listener: &TcpListener) -> Result<ServerConfig, Failure> {
    let listen = listener.local_addr()?;
    let folder = home.tls_folder();
    let clients = ClientTlsConfig {
        ca_file: home.ca_file(),
        crl_files: vec![list_file(&folder)],
        trust_domain: TrustDomain::parse(TRUST_DOMAIN).expect("it is a domain"),
        certificate: ClientCertificate::Optional,
    };
    let tls = TlsConfig {
        // One file has both.
        certificate_file: server_file(&folder),
        key_file: server_file(&folder),
        clients: Some(clients),
        allow_tls12: false,
    };
    Ok(ServerConfig {
        // Nobody stands before it who would have to notice.
        not_ready_wait_ms: 0,
        ..ServerConfig::new(listen, Transport::Tls(tls))
    })
}

/// Whom settlement calls, and what it shows them.
fn peers(home: &Home, endpoints: &Endpoints) -> PeersConfig {
    let certificate = service_file(&home.tls_folder(), "settlement");
    let peer = |url: &String| PeerConfig {
        url: url.clone(),
        ca_file: Some(home.ca_file()),
        certificate_file: Some(certificate.clone()),
        key_file: Some(certificate.clone()),
        token_file: Some(keys::service_token_file(home)),
    };
    PeersConfig {
        registry: peer(&endpoints.registry),
        usage: vec![peer(&endpoints.usage)],
    }
}

/// A made-up account, so that whatever runs here can be paid.
fn payer() -> PayerConfig {
    PayerConfig {
        account_name: "样例市财政局".to_owned(),
        account_number: "3300-0000-0000-0001".to_owned(),
        bank_code: "102331000014".to_owned(),
        bank_name: "样例银行".to_owned(),
    }
}

fn with_cause(text: Text, service: &str, error: &anyhow::Error) -> String {
    let error = format!("{error:#}");
    text.with(&[("service", &service), ("error", &error)])
}
