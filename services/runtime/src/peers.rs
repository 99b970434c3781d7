//! How a service calls another one.
//!
//! A call carries our token, the trace that it belongs to, and what is left of the time of the
//! call that it is made for. Reads that change nothing are tried again, within a [`Budget`]: a
//! peer that is in trouble must not get more calls for that.

use std::{error::Error as _, fs, future::Future, path::Path, sync::Arc, time::Duration};

use opentelemetry::{global, propagation::Injector};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use tonic::{
    Code, Request, Status,
    metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tower::retry::budget::{Budget as _, TpsBudget};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{
    config::PeerConfig,
    deadline::remaining,
    ready::{Needed, Readiness},
    watched::{FileError, Watched},
};

/// HTTP/2 flow control of what a peer answers; the default slows its streams down several times.
const WINDOW_BYTES: u32 = 8 * 1024 * 1024;

/// A channel whose calls carry our token. Cheap to clone.
pub type Peer = InterceptedService<Channel, BearerToken>;

/// The peer cannot be called as configured.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Not a URL.
    #[error("`{url}` is not the URL of a peer")]
    Url {
        /// What was configured.
        url: String,
        /// Why not.
        source: tonic::transport::Error,
    },
    /// No way to trust it.
    #[error("peer `{url}` over TLS: {cause}")]
    Tls {
        /// What was configured.
        url: String,
        /// Why not.
        cause: String,
    },
    /// No token.
    #[error("no token to call a peer with")]
    Token(#[from] FileError),
}

/// A channel to a peer, which shows our token.
pub fn channel(config: &PeerConfig) -> Result<Peer, PeerError> {
    let token = Watched::open(&config.token_file, parse_token)?;
    let channel = connection(&config.url, config.ca_file.as_deref())?;
    Ok(InterceptedService::new(channel, BearerToken(token.into())))
}

/// A connection to a peer, made when first used and again whenever it must. A call may wait 2 s
/// to connect and 30 s to be answered; the rest of a stream is not timed.
fn connection(url: &str, ca_file: Option<&Path>) -> Result<Channel, PeerError> {
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|source| PeerError::Url {
        url: url.to_owned(),
        source,
    })?;
    let no_tls = |cause: String| PeerError::Tls {
        url: url.to_owned(),
        cause,
    };
    let endpoint = match (endpoint.uri().scheme_str(), ca_file) {
        (Some("https"), None) => return Err(no_tls("it needs `ca_file`".to_owned())),
        (Some("https"), Some(file)) => {
            let pem = fs::read(file).map_err(|e| no_tls(format!("{}: {e}", file.display())))?;
            let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
            let endpoint = endpoint.tls_config(tls);
            endpoint.map_err(|error| no_tls(error.to_string()))?
        }
        _ => endpoint,
    };
    let channel = endpoint
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(30))
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .connect_lazy();
    Ok(channel)
}

/// Asks the service at `url` whether it serves.
pub fn watch(
    name: &str,
    url: &str,
    ca_file: Option<&Path>,
    needed: Needed,
    readiness: &Readiness,
) -> Result<AbortOnDropHandle<()>, PeerError> {
    let health = HealthClient::new(connection(url, ca_file)?);
    Ok(readiness.watch(name, needed, move || {
        let mut health = health.clone();
        async move {
            match health.check(HealthCheckRequest::default()).await {
                Ok(answer) if answer.get_ref().status() == ServingStatus::Serving => Ok(()),
                Ok(_) => Err("it does not serve".to_owned()),
                Err(status) => {
                    tracing::debug!(%status, "a peer does not answer");
                    Err("it does not answer".to_owned())
                }
            }
        }
    }))
}

/// Attempts of one read at most.
const ATTEMPTS_MAX: u32 = 3;

/// Before the second attempt, on average; twice that before the third.
const PAUSE: Duration = Duration::from_millis(100);

/// How many attempts beyond the first there may be: a fifth of the calls of the last ten seconds,
/// and one a second in any case. Cheap to clone; one for all calls of a peer.
#[derive(Debug, Clone)]
pub struct Budget(Arc<TpsBudget>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(TpsBudget::new(Duration::from_secs(10), 1, 0.2)))
    }
}

impl Budget {
    /// Runs `attempt`, which must change nothing, again while `is_unavailable` finds that the peer
    /// did not take the call, the budget lasts, and there is time.
    pub async fn retry<T, E, F>(
        &self,
        is_unavailable: impl Fn(&E) -> bool,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.0.deposit();
        for number in 1.. {
            match attempt().await {
                Err(error) if number < ATTEMPTS_MAX && is_unavailable(&error) => {
                    let pause = jittered(PAUSE * number);
                    if remaining().is_some_and(|left| left <= pause) || !self.0.withdraw() {
                        return Err(error);
                    }
                    tracing::debug!(number, "a peer did not take a call; it is asked again");
                    sleep(pause).await;
                }
                result => return result,
            }
        }
        unreachable!("the last attempt returns")
    }
}

/// Half to one and a half times as long, so that not all come back at once.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [128];
    // Without chance the pause is the average.
    let _ = getrandom::fill(&mut byte);
    pause * (128 + u32::from(byte[0])) / 256
}

/// Whether the peer did not take a call, which a new attempt may change: it said so, or the
/// connection to it broke.
#[must_use]
pub fn is_unavailable(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Cancelled | Code::Unknown | Code::Internal => status.source().is_some(),
        _ => false,
    }
}

/// Adds `authorization: Bearer TOKEN`, with the token as its file has it now; the trace; and what
/// is left of the time.
#[derive(Clone)]
pub struct BearerToken(Arc<Watched<MetadataValue<Ascii>>>);

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerToken").finish_non_exhaustive()
    }
}

impl Interceptor for BearerToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let header = MetadataValue::clone(&self.0.current());
        request.metadata_mut().insert("authorization", header);
        if let Some(left) = remaining() {
            request.set_timeout(left);
        }
        continue_trace(request.metadata_mut());
        Ok(request)
    }
}

/// Adds `traceparent` (W3C), where this task works on something that is traced.
pub fn continue_trace(metadata: &mut MetadataMap) {
    let trace = tracing::Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&trace, &mut Carrier(metadata));
    });
}

struct Carrier<'a>(&'a mut MetadataMap);

impl Injector for Carrier<'_> {
    fn set(&mut self, key: &str, value: String) {
        let key = MetadataKey::<Ascii>::from_bytes(key.as_bytes());
        if let (Ok(key), Ok(value)) = (key, value.parse()) {
            self.0.insert(key, value);
        }
    }
}

fn parse_token(
    bytes: &[u8],
) -> Result<MetadataValue<Ascii>, Box<dyn std::error::Error + Send + Sync>> {
    let token = std::str::from_utf8(bytes)?.trim();
    if token.is_empty() {
        return Err("the token file is empty".into());
    }
    let mut header: MetadataValue<Ascii> = format!("Bearer {token}").parse()?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// How often a call is tried that is answered so each time.
    async fn attempts(budget: &Budget, answer: impl Fn() -> Status) -> u32 {
        let count = Cell::new(0);
        let attempt = || {
            count.set(count.get() + 1);
            let status = answer();
            async { Err::<(), _>(status) }
        };
        budget.retry(is_unavailable, attempt).await.unwrap_err();
        count.get()
    }

    #[tokio::test]
    async fn https_needs_to_know_whom_to_trust() {
        let refused = connection("https://registry:7001", None).unwrap_err();
        assert!(
            refused.to_string().ends_with("it needs `ca_file`"),
            "{refused}"
        );
        let missing = Path::new("/no/such/ca.pem");
        let refused = connection("https://registry:7001", Some(missing)).unwrap_err();
        assert!(refused.to_string().contains("/no/such/ca.pem"), "{refused}");
        assert!(connection("http://registry:7001", None).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_a_peer_did_not_take_is_sent_again_and_not_for_ever() {
        let budget = Budget::default();
        assert_eq!(attempts(&budget, || Status::unavailable("away")).await, 3);
        assert_eq!(attempts(&budget, || Status::not_found("no")).await, 1);
        let overloaded = || Status::resource_exhausted("later");
        assert_eq!(attempts(&budget, overloaded).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_in_trouble_gets_a_fifth_more_calls_at_most() {
        let budget = Budget::default();
        let mut all = 0;
        for _ in 0..1_000 {
            all += attempts(&budget, || Status::unavailable("away")).await;
        }
        assert!((1_000..1_300).contains(&all), "{all}");
    }
}
