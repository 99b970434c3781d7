//! How a service calls another one.

use std::time::Duration;

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use crate::{
    config::PeerConfig,
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
    /// No token.
    #[error("no token to call a peer with")]
    Token(#[from] FileError),
}

/// A channel to a peer. It connects when first used and again whenever it must. A call may wait
/// 2 s to connect and 30 s to be answered; the rest of a stream is not timed.
pub fn channel(config: &PeerConfig) -> Result<Peer, PeerError> {
    let token = Watched::open(&config.token_file, parse_token)?;
    let endpoint = Endpoint::from_shared(config.url.clone()).map_err(|source| PeerError::Url {
        url: config.url.clone(),
        source,
    })?;
    let channel = endpoint
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(30))
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .connect_lazy();
    Ok(InterceptedService::new(channel, BearerToken(token.into())))
}

/// Adds `authorization: Bearer TOKEN`, with the token as its file has it now.
#[derive(Clone)]
pub struct BearerToken(std::sync::Arc<Watched<MetadataValue<Ascii>>>);

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerToken").finish_non_exhaustive()
    }
}

impl Interceptor for BearerToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let header = MetadataValue::clone(&self.0.current());
        request.metadata_mut().insert("authorization", header);
        Ok(request)
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
