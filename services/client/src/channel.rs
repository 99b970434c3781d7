//! Connections to a service.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tonic::{
    body::Body,
    transport::{Certificate, ClientTlsConfig, Endpoint, Error, Identity, channel},
};
use tower::Service;

use crate::{
    endpoints::parse_url,
    error::ClientError,
    files::TlsFiles,
    material,
    watched::{Cause, Watched},
};

/// HTTP/2 flow control of what is answered; the default costs a stream three to five times its
/// speed.
const WINDOW_BYTES: u32 = 8 * 1024 * 1024;

/// Longest wait for a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// Longest wait for TLS on it: no keepalive and no deadline of a call begins before.
const GREETING_WAIT: Duration = Duration::from_secs(5);

/// A service that hangs, or is gone without a word, is noticed after the sum of both: a ping that
/// it must answer, also while no call is under way, and how long it may take to.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_WAIT: Duration = Duration::from_secs(5);

/// A connection to a service, made when first used, and again whenever it must be. Cheap to
/// clone.
#[derive(Clone)]
pub struct Channel {
    source: Source,
    /// The one that was found ready for the next call.
    ready: Option<channel::Channel>,
}

#[derive(Clone)]
enum Source {
    Plain(channel::Channel),
    /// A new one once the files change. Calls under way stay on the one that they began on.
    Tls(Arc<Watched<channel::Channel>>),
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = channel::ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Self { source, ready } = self;
        let channel = ready.get_or_insert_with(|| match source {
            Source::Plain(channel) => channel.clone(),
            Source::Tls(watched) => watched.current().as_ref().clone(),
        });
        channel.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let mut channel = self.ready.take().expect("it was found ready before");
        Pin::new(&mut channel).get_mut().call(request)
    }
}

/// A channel that is connected when first used, and again whenever it must be. A call may wait
/// `answer_wait` until it is answered; the rest of a stream is not timed.
pub fn channel(url: &str, tls: &TlsFiles, answer_wait: Duration) -> Result<Channel, ClientError> {
    let uri = parse_url(url)?;
    let is_tls = uri.scheme_str() == Some("https");
    let endpoint = Endpoint::from(uri)
        .connect_timeout(CONNECT_WAIT)
        .timeout(answer_wait)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_WAIT)
        .keep_alive_while_idle(true);
    let source = if is_tls {
        Source::Tls(Arc::new(watch(url, endpoint, tls)?))
    } else {
        Source::Plain(endpoint.connect_lazy())
    };
    Ok(Channel {
        source,
        ready: None,
    })
}

fn watch(
    url: &str,
    endpoint: Endpoint,
    tls: &TlsFiles,
) -> Result<Watched<channel::Channel>, ClientError> {
    let refused = |cause: String| ClientError::Tls {
        url: url.to_owned(),
        cause,
    };
    let ca = tls.ca.clone().ok_or_else(|| {
        refused("it needs `ca_file`, the certificates that may vouch for it".to_owned())
    })?;
    let mut paths = vec![ca];
    if let Some((certificate, key)) = &tls.identity {
        paths.extend([certificate.clone(), key.clone()]);
    }
    let named = paths.clone();
    let watched = Watched::open_all(paths, move |contents| {
        material::read(&named, contents)?;
        connect(&endpoint, contents)
    });
    watched.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        refused(format!("{error}: {}", cause.unwrap_or_default()))
    })
}

fn connect(endpoint: &Endpoint, contents: &[Vec<u8>]) -> Result<channel::Channel, Cause> {
    let mut tls = ClientTlsConfig::new()
        .timeout(GREETING_WAIT)
        .ca_certificate(Certificate::from_pem(&contents[0]));
    if let [_, certificate, key] = contents {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    Ok(endpoint.clone().tls_config(tls)?.connect_lazy())
}

#[cfg(test)]
mod tests {
    use tokio::{net::TcpListener, time::timeout};
    use tonic::{Code, Status};
    use tower::ServiceExt as _;

    use super::*;
    use crate::retry::may_be_done;

    const WAIT: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_greeting_that_nobody_answers_ends_and_nothing_was_done() {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, key.cert.pem()).unwrap();
        let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", mute.local_addr().unwrap());
        let files = TlsFiles {
            ca: Some(ca),
            identity: None,
        };
        let mut channel = channel(&url, &files, WAIT).unwrap();
        let call = async {
            let channel = channel.ready().await?;
            channel.call(http::Request::new(Body::empty())).await
        };
        let ended = timeout(6 * GREETING_WAIT, call).await.expect("an end");
        let status = Status::from_error(Box::new(ended.unwrap_err()));
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        assert!(!may_be_done(&status), "{status:?}");
    }

    #[tokio::test]
    async fn https_needs_to_know_whom_to_trust() {
        let url = "https://registry:7001";
        let refused = channel(url, &TlsFiles::default(), WAIT).unwrap_err();
        assert!(
            refused.to_string().contains("it needs `ca_file`"),
            "{refused}"
        );
        let missing = TlsFiles {
            ca: Some("/no/such/ca.pem".into()),
            identity: None,
        };
        let refused = channel(url, &missing, WAIT).unwrap_err();
        assert!(refused.to_string().contains("/no/such/ca.pem"), "{refused}");
        assert!(channel("http://registry:7001", &TlsFiles::default(), WAIT).is_ok());
    }
}
