//! What the registry is told at its start.

use gazelle_runtime::config::{
    AdminConfig, AuditConfig, AuthConfig, DatabaseConfig, LimitsConfig, ServerConfig,
    TelemetryConfig,
};
use serde::Deserialize;

/// Configuration of the registry; `GAZELLE_REGISTRY__SECTION__KEY` in the environment overrides
/// the file.
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
    /// Where it keeps its data.
    pub database: DatabaseConfig,
    /// Whose tokens it believes.
    pub auth: AuthConfig,
    /// How checkpoints of its trail are signed; not at all when not given.
    #[serde(default)]
    pub audit: Option<AuditConfig>,
    /// Where it sends what it does.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
}
