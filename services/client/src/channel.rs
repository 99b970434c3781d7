//! Connections to a service.

use std::{fs, path::Path, time::Duration};

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::{endpoints::parse_url, error::ClientError};

/// HTTP/2 flow control of what is answered; the default costs a stream three to five times its
/// speed.
const WINDOW_BYTES: u32 = 8 * 1024 * 1024;

/// Longest wait for a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// A service that hangs, or is gone without a word, is noticed after the sum of both: a ping that
/// it must answer, also while no call is under way, and how long it may take to.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_WAIT: Duration = Duration::from_secs(5);

/// A channel that is connected when first used, and again whenever it must be. A call may wait
/// `answer_wait` until it is answered; the rest of a stream is not timed.
pub fn channel(
    url: &str,
    ca_file: Option<&Path>,
    answer_wait: Duration,
) -> Result<Channel, ClientError> {
    let uri = parse_url(url)?;
    let is_tls = uri.scheme_str() == Some("https");
    let mut endpoint = Endpoint::from(uri)
        .connect_timeout(CONNECT_WAIT)
        .timeout(answer_wait)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_WAIT)
        .keep_alive_while_idle(true);
    if is_tls {
        let refused = |cause: String| ClientError::Tls {
            url: url.to_owned(),
            cause,
        };
        let file = ca_file.ok_or_else(|| {
            refused("it needs `ca_file`, the certificates that may vouch for it".to_owned())
        })?;
        let pem =
            fs::read(file).map_err(|error| refused(format!("{}: {error}", file.display())))?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        endpoint = endpoint
            .tls_config(tls)
            .map_err(|error| refused(error.to_string()))?;
    }
    Ok(endpoint.connect_lazy())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn https_needs_to_know_whom_to_trust() {
        let refused = channel("https://registry:7001", None, WAIT).unwrap_err();
        assert!(
            refused.to_string().contains("it needs `ca_file`"),
            "{refused}"
        );
        let missing = Path::new("/no/such/ca.pem");
        let refused = channel("https://registry:7001", Some(missing), WAIT).unwrap_err();
        assert!(refused.to_string().contains("/no/such/ca.pem"), "{refused}");
        assert!(channel("http://registry:7001", None, WAIT).is_ok());
    }
}
