//! Streams of other services, which may stop in the middle.

use std::time::Duration;

use tokio::time::timeout;
use tonic::{Status, Streaming};

use super::error::{PeerError, called};

/// Longest wait for the next message of a stream.
const MESSAGE_WAIT: Duration = Duration::from_secs(30);

/// The largest message that the contract's bounds allow, with room: 1,000 merchants with every
/// kind and day.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The next message; none at the end.
pub(super) async fn next<T>(
    peer: &'static str,
    stream: &mut Streaming<T>,
) -> Result<Option<T>, PeerError> {
    match timeout(MESSAGE_WAIT, stream.message()).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(status)) => Err(called(peer, status)),
        Err(_) => Err(called(
            peer,
            Status::deadline_exceeded("the stream stopped"),
        )),
    }
}
