//! What the service is told at its start.

use std::num::NonZeroUsize;

use gazelle_runtime::config::{
    AdminConfig, AuditConfig, AuthConfig, DatabaseConfig, LimitsConfig, ServerConfig,
    TelemetryConfig,
};
use serde::Deserialize;

use crate::tuning::{
    GROUP_RECORDS, PLATFORM_STREAMS, QUEUE_RECORDS, REMEMBERED_RECORDS, STREAM_RECORDS, WRITERS_MAX,
};

/// The configuration of the usage service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens, and how.
    pub server: ServerConfig,
    /// How much it takes on at a time.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// Where those who run it look; nowhere when not given.
    #[serde(default)]
    pub admin: Option<AdminConfig>,
    /// Where it keeps what was reported.
    pub database: DatabaseConfig,
    /// Whose tokens it believes.
    pub auth: AuthConfig,
    /// How checkpoints of its trail are signed; not at all when not given.
    #[serde(default)]
    pub audit: Option<AuditConfig>,
    /// Where it sends what it does.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// How it takes records in.
    #[serde(default)]
    pub ingest: IngestConfig,
}

/// How records are taken in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IngestConfig {
    /// Writers, each with a connection of its own; as many as the machine has cores when not
    /// given.
    pub writers: u32,
    /// Records after which a group is written.
    pub group_records: usize,
    /// Records that may wait to be written; beyond, streams are read no further.
    pub queue_records: u32,
    /// Streams of one platform at a time; one more is refused.
    pub platform_streams: NonZeroUsize,
    /// Records of a stream that are read ahead of their acknowledgement; beyond, the stream is read
    /// no further.
    pub stream_records: usize,
    /// Records that are remembered to know what comes again; 6 bytes each, 0: none. Without them
    /// ids of other periods are found when a period is sealed, not before.
    pub remembered_records: u32,
}

impl Default for IngestConfig {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            writers: u32::try_from(cores).unwrap_or(WRITERS_MAX).min(WRITERS_MAX),
            group_records: GROUP_RECORDS,
            queue_records: QUEUE_RECORDS,
            platform_streams: PLATFORM_STREAMS,
            stream_records: STREAM_RECORDS,
            remembered_records: REMEMBERED_RECORDS,
        }
    }
}
