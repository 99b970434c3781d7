//! The certificate that the client of a connection showed, for as long as the connection is open.

use std::sync::{Arc, OnceLock};

use time::{OffsetDateTime, macros::datetime};
use tokio_util::sync::CancellationToken;

use super::error::CertificateEnded;
use crate::clock::Clock;

/// One that was believed when the connection began. Cheap to clone; clones know the same.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<CertificateState>);

#[derive(Debug)]
struct CertificateState {
    expires_at: OffsetDateTime,
    ended: OnceLock<CertificateEnded>,
    /// Told once by [`Certificate::end`].
    over: CancellationToken,
}

impl Certificate {
    /// One that holds until then, in seconds since 1970.
    pub(crate) fn until(seconds: i64) -> Self {
        // Up to the last second that there is a date for.
        let end = seconds.clamp(0, datetime!(9999-12-31 0:00 UTC).unix_timestamp());
        let expires_at = OffsetDateTime::from_unix_timestamp(end);
        Self(Arc::new(CertificateState {
            expires_at: expires_at.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            ended: OnceLock::new(),
            over: CancellationToken::new(),
        }))
    }

    /// Why it is not believed any more; `None` while it is.
    #[must_use]
    pub fn ended(&self) -> Option<CertificateEnded> {
        // By the machine's time, as in handshakes, whatever time the service lives in.
        let now = Clock::system().now().unix_timestamp();
        let at = self.0.expires_at;
        let expired = || (now > at.unix_timestamp()).then_some(CertificateEnded::Expired { at });
        self.0.ended.get().copied().or_else(expired)
    }

    /// Ends it, for `why` unless its time is over; returns whether it had not been ended before.
    pub(crate) fn end(&self, why: CertificateEnded) -> bool {
        let is_first = self.0.ended.set(self.ended().unwrap_or(why)).is_ok();
        self.0.over.cancel();
        is_first
    }

    /// Is cancelled by [`end`](Self::end).
    pub(crate) fn over(&self) -> CancellationToken {
        self.0.over.clone()
    }
}
