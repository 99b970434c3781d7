//! What the service is told at its start.

use gazelle_runtime::config::{AuthConfig, DatabaseConfig, PeerConfig, ServerConfig};
use serde::Deserialize;

/// The configuration of the settlement service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub server: ServerConfig,
    /// Where it keeps programs, runs and budgets.
    pub database: DatabaseConfig,
    /// Whose tokens it believes.
    pub auth: AuthConfig,
    /// The services that it reads from.
    pub peers: PeersConfig,
}

/// The services that settlement reads from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeersConfig {
    /// Who the enterprises are.
    pub registry: PeerConfig,
    /// What the platforms charged: every usage cell, so that no platform is missed.
    pub usage: Vec<PeerConfig>,
}
