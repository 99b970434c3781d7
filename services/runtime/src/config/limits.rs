//! How much a service takes on at a time.

use std::num::{NonZeroU32, NonZeroUsize};

use serde::Deserialize;

const NOT_ZERO: &str = "it is at least 1";

/// How much a service takes on at a time. Beyond, a call is refused at once.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Calls at a time, without streams.
    pub calls: NonZeroUsize,
    /// Of those, one caller's.
    pub calls_per_caller: NonZeroUsize,
    /// Streams at a time.
    pub streams: NonZeroUsize,
    /// Of those, one caller's.
    pub streams_per_caller: NonZeroUsize,
    /// Calls and streams at a time that need no token: health and reflection. Of these and the next
    /// two, streams may be three quarters.
    pub open_calls: NonZeroUsize,
    /// Of those, from one address, of IPv6 from one /64.
    pub open_calls_per_address: NonZeroUsize,
    /// Of those, on one connection.
    pub open_calls_per_connection: NonZeroUsize,
    /// Connections at a time.
    pub connections: NonZeroUsize,
    /// Of those, from one address. A proxy before the service is one.
    pub connections_per_address: NonZeroUsize,
    /// How long a connection may have no call under way, in seconds. Then its client is told, and
    /// it is closed.
    pub idle_max_s: NonZeroU32,
    /// Connections at a time of those of whom no call was let in, and who showed no certificate.
    /// One more, and one of them is closed: the oldest of an address that has more than an eighth,
    /// or else of all.
    pub newcomers: NonZeroUsize,
    /// The longest that a call which is no stream may take, in milliseconds, whatever its caller
    /// allows: sealing or computing a large year takes minutes.
    pub call_max_ms: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            calls: NonZeroUsize::new(512).expect(NOT_ZERO),
            calls_per_caller: NonZeroUsize::new(128).expect(NOT_ZERO),
            streams: NonZeroUsize::new(1_024).expect(NOT_ZERO),
            streams_per_caller: NonZeroUsize::new(64).expect(NOT_ZERO),
            open_calls: NonZeroUsize::new(256).expect(NOT_ZERO),
            open_calls_per_address: NonZeroUsize::new(64).expect(NOT_ZERO),
            open_calls_per_connection: NonZeroUsize::new(8).expect(NOT_ZERO),
            connections: NonZeroUsize::new(2_048).expect(NOT_ZERO),
            connections_per_address: NonZeroUsize::new(1_536).expect(NOT_ZERO),
            idle_max_s: NonZeroU32::new(900).expect(NOT_ZERO),
            newcomers: NonZeroUsize::new(512).expect(NOT_ZERO),
            call_max_ms: 600_000,
        }
    }
}
