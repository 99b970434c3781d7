//! Channels to the three services, and the token that every call carries.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gazelle_proto::registry::v1::registry_service_client::RegistryServiceClient;
use gazelle_proto::settlement::v1::ledger_service_client::LedgerServiceClient;
use gazelle_proto::settlement::v1::payment_service_client::PaymentServiceClient;
use gazelle_proto::settlement::v1::program_service_client::ProgramServiceClient;
use gazelle_proto::settlement::v1::run_service_client::RunServiceClient;
use gazelle_proto::usage::v1::usage_service_client::UsageServiceClient;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::issuer::Issuer;
use gazelle_runtime::peers;
use time::OffsetDateTime;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::failure::Failure;
use crate::profile::Endpoints;

/// HTTP/2 flow control; the default costs a stream of batches three to five times its speed.
const WINDOW_BYTES: u32 = 8 * 1024 * 1024;
/// Largest answer that is read. Pages of the contract stay far below.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// A registry call is short; sealing and computing read a whole year.
const SHORT_WAIT: Duration = Duration::from_mins(1);
const LONG_WAIT: Duration = Duration::from_mins(10);

/// A channel whose calls carry a token.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// Clients of all services. Cheap to clone; they connect when first used.
#[derive(Debug, Clone)]
pub struct Client {
    /// Who the enterprises are.
    pub registry: RegistryServiceClient<Authorized>,
    /// What the platforms charged.
    pub usage: UsageServiceClient<Authorized>,
    /// Programs and enrollments.
    pub programs: ProgramServiceClient<Authorized>,
    /// Runs.
    pub runs: RunServiceClient<Authorized>,
    /// Payments.
    pub payments: PaymentServiceClient<Authorized>,
    /// The books.
    pub ledger: LedgerServiceClient<Authorized>,
}

impl Client {
    /// Clients that show `bearer`.
    pub fn new(endpoints: &Endpoints, bearer: &Bearer) -> Result<Self, Failure> {
        let to = |url: &str, wait| {
            let channel = channel(url, endpoints.ca_file.as_ref(), wait)?;
            Ok::<_, Failure>(InterceptedService::new(channel, bearer.clone()))
        };
        let settlement = to(&endpoints.settlement, LONG_WAIT)?;
        let bounded = MESSAGE_BYTES_MAX;
        Ok(Self {
            registry: RegistryServiceClient::new(to(&endpoints.registry, SHORT_WAIT)?)
                .max_decoding_message_size(bounded),
            usage: UsageServiceClient::new(to(&endpoints.usage, LONG_WAIT)?)
                .max_decoding_message_size(bounded),
            programs: ProgramServiceClient::new(settlement.clone())
                .max_decoding_message_size(bounded),
            payments: PaymentServiceClient::new(settlement.clone())
                .max_decoding_message_size(bounded),
            ledger: LedgerServiceClient::new(settlement.clone()).max_decoding_message_size(bounded),
            runs: RunServiceClient::new(settlement).max_decoding_message_size(bounded),
        })
    }
}

/// A channel that connects when first used.
pub fn channel(url: &str, ca_file: Option<&PathBuf>, wait: Duration) -> Result<Channel, Failure> {
    let invalid = |what: String| Failure::new("ENDPOINT_INVALID", format!("{url}: {what}"));
    let mut endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|error| invalid(error.to_string()))?
        .connect_timeout(Duration::from_secs(5))
        .timeout(wait)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    if url.starts_with("https:") {
        let file = ca_file.ok_or_else(|| {
            invalid(
                "https needs the certificates to check it against; add the profile with --ca-file"
                    .into(),
            )
        })?;
        let pem = std::fs::read(file).map_err(|e| invalid(format!("{}: {e}", file.display())))?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        endpoint = endpoint
            .tls_config(tls)
            .map_err(|error| invalid(error.to_string()))?;
    }
    Ok(endpoint.connect_lazy())
}

/// Longest wait for a service to say whether it serves.
const HEALTH_WAIT: Duration = Duration::from_secs(2);

/// Whether each service serves.
pub async fn serving(endpoints: &Endpoints) -> [bool; 3] {
    let ca_file = endpoints.ca_file.as_ref();
    let [a, b, c] = endpoints.each().map(|(_, url)| async move {
        let Ok(channel) = channel(url, ca_file, HEALTH_WAIT) else {
            return false;
        };
        let request = HealthCheckRequest {
            service: String::new(),
        };
        let mut health = HealthClient::new(channel);
        match tokio::time::timeout(HEALTH_WAIT, health.check(request)).await {
            Ok(Ok(answer)) => answer.into_inner().status() == ServingStatus::Serving,
            Ok(Err(_)) | Err(_) => false,
        }
    });
    let (a, b, c) = tokio::join!(a, b, c);
    [a, b, c]
}

/// Adds `authorization: Bearer TOKEN` to a call, and the trace that it belongs to.
#[derive(Clone)]
pub struct Bearer(Arc<Source>);

enum Source {
    /// Signed by the home's key, again when the last one is no longer fresh.
    Minted {
        issuer: Box<Issuer>,
        principal: Principal,
        clock: Clock,
        last: Mutex<Option<(OffsetDateTime, MetadataValue<Ascii>)>>,
    },
    /// Somebody else's, read again at every call.
    File(PathBuf),
}

/// How long a token lives, and how long it is used: a call that starts with a used one still has
/// most of an hour.
const LIFETIME: time::Duration = time::Duration::hours(1);
const FRESH: time::Duration = time::Duration::minutes(5);

impl Bearer {
    /// Tokens for `principal` from a home's key.
    #[must_use]
    pub fn minted(issuer: Issuer, principal: Principal, clock: Clock) -> Self {
        let last = Mutex::new(None);
        Self(Arc::new(Source::Minted {
            issuer: Box::new(issuer),
            principal,
            clock,
            last,
        }))
    }

    /// The token in a file.
    #[must_use]
    pub fn file(file: PathBuf) -> Self {
        Self(Arc::new(Source::File(file)))
    }

    /// A token of that lifetime, or the file's.
    pub fn token(&self, lifetime: time::Duration) -> Result<String, Failure> {
        let unusable = |error: String| Failure::new("CREDENTIAL_UNUSABLE", error);
        match &*self.0 {
            Source::Minted {
                issuer, principal, ..
            } => issuer
                .mint(principal, lifetime)
                .map_err(|error| unusable(error.to_string())),
            Source::File(file) => std::fs::read_to_string(file)
                .map(|token| token.trim().to_owned())
                .map_err(|error| unusable(format!("{}: {error}", file.display()))),
        }
    }

    fn header(&self) -> Result<MetadataValue<Ascii>, Failure> {
        let fresh = || {
            let header = format!("Bearer {}", self.token(LIFETIME)?);
            let mut header: MetadataValue<Ascii> = header.parse().map_err(|_| {
                Failure::new(
                    "CREDENTIAL_UNUSABLE",
                    "the token has characters that no token has",
                )
            })?;
            header.set_sensitive(true);
            Ok(header)
        };
        match &*self.0 {
            Source::File(_) => fresh(),
            Source::Minted { last, clock, .. } => {
                let now = clock.now();
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((at, header)) = &*last
                    && (*at..*at + FRESH).contains(&now)
                {
                    return Ok(header.clone());
                }
                let header = fresh()?;
                *last = Some((now, header.clone()));
                Ok(header)
            }
        }
    }
}

/// Never shows a token.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let header = self
            .header()
            .map_err(|failure| Status::unauthenticated(failure.to_string()))?;
        request.metadata_mut().insert("authorization", header);
        peers::continue_trace(request.metadata_mut());
        Ok(request)
    }
}

/// Pauses between tries of a call that is harmless to repeat.
#[derive(Debug)]
pub struct Tries {
    failed: u32,
    max: u32,
}

impl Tries {
    /// Before anything worked: whoever forgot to start the suite should not wait to be told.
    const MAX_AT_FIRST: u32 = 2;
    /// Later, about half a minute in all: long enough for a restart of the suite.
    const MAX: u32 = 10;

    /// No try yet.
    #[must_use]
    pub fn new() -> Self {
        let max = Self::MAX_AT_FIRST;
        Self { failed: 0, max }
    }

    /// Something worked: the next failure is a first one again.
    pub fn worked(&mut self) {
        self.failed = 0;
        self.max = Self::MAX;
    }

    /// Waits before the next try, longer each time. Hands the failure back when it will not pass
    /// by itself, or when there were enough tries.
    pub async fn wait_after(&mut self, status: Status) -> Result<(), Status> {
        if self.failed == self.max || !is_passing(&status) {
            return Err(status);
        }
        let pause = Duration::from_millis(200 << self.failed).min(Duration::from_secs(5));
        self.failed += 1;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

impl Default for Tries {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a failure may pass: the connection, an overload, a dependency; never a refusal.
fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::ResourceExhausted => true,
        // What tonic makes of a cut connection. A service's own have details.
        Code::Unknown | Code::Internal | Code::Cancelled | Code::DeadlineExceeded => {
            status.get_details_error_info().is_none()
        }
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}

/// Reads all pages of a list: `fetch` gets a page token, and returns rows with the next token.
pub async fn pages<T>(
    fetch: impl AsyncFn(String) -> Result<(Vec<T>, String), Status>,
    mut each: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut token = String::new();
    loop {
        let (rows, next) = fetch(token.clone()).await?;
        rows.into_iter().try_for_each(&mut each)?;
        if next.is_empty() {
            return Ok(());
        }
        if next == token {
            return Err(Failure::new(
                "INTERNAL",
                "a list does not go on after its page",
            ));
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_cut_connection_is_tried_a_few_times_and_a_refusal_never() {
        let mut tries = Tries::new();
        tries.worked();
        for _ in 0..Tries::MAX {
            tries.wait_after(Status::unavailable("cut")).await.unwrap();
        }
        tries
            .wait_after(Status::unavailable("cut"))
            .await
            .unwrap_err();

        let mut details = ErrorDetails::new();
        details.set_error_info("INTERNAL", "gazelle.access.v1", []);
        let fault = Status::with_error_details(Code::Internal, "a fault", details);
        for refusal in [Status::permission_denied("no"), fault] {
            Tries::new().wait_after(refusal).await.unwrap_err();
        }
    }

    #[tokio::test]
    async fn pages_are_read_to_the_end_and_never_in_a_circle() {
        let mut seen = Vec::new();
        let fetch = async |token: String| {
            let next = if token.is_empty() { "b" } else { "" };
            Ok((vec![token.len()], next.to_owned()))
        };
        pages(fetch, |row| {
            seen.push(row);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(seen, [0, 1]);

        let circle = async |_| Ok((vec![()], "same".to_owned()));
        assert_eq!(
            pages(circle, |()| Ok(())).await.unwrap_err().reason(),
            "INTERNAL"
        );
    }
}
