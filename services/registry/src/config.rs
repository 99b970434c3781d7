//! What the registry is told at its start.

use gazelle_runtime::config::{AuthConfig, DatabaseConfig, ServerConfig};
use serde::Deserialize;

/// Configuration of the registry; `GAZELLE_REGISTRY__SECTION__KEY` in the environment overrides
/// the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub server: ServerConfig,
    /// Where it keeps its data.
    pub database: DatabaseConfig,
    /// Whose tokens it believes.
    pub auth: AuthConfig,
}
