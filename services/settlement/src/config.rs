//! What the service is told at its start.

use gazelle_runtime::config::{
    AdminConfig, AuthConfig, DatabaseConfig, LimitsConfig, PeerConfig, ServerConfig,
    TelemetryConfig,
};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The configuration of the settlement service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub server: ServerConfig,
    /// How much it takes on at a time.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// Where those who run it look; nowhere when not given.
    #[serde(default)]
    pub admin: Option<AdminConfig>,
    /// Where it keeps programs, runs and budgets.
    pub database: DatabaseConfig,
    /// Whose tokens it believes.
    pub auth: AuthConfig,
    /// Where it sends what it does.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// The services that it reads from.
    pub peers: PeersConfig,
    /// Whose account pays where a program does not say; without it such a program is not paid.
    #[serde(default)]
    pub payer: Option<PayerConfig>,
}

/// The account that payments are made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayerConfig {
    /// The account's name.
    pub account_name: String,
    /// Its number.
    pub account_number: String,
    /// The bank's CNAPS code, 12 digits.
    pub bank_code: String,
    /// What the bank is called.
    #[serde(default)]
    pub bank_name: String,
}

/// The services that settlement reads from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeersConfig {
    /// Who the enterprises are.
    pub registry: PeerConfig,
    /// What the platforms charged: every usage cell, so that no platform is missed.
    #[serde(deserialize_with = "at_least_one")]
    pub usage: Vec<PeerConfig>,
}

/// Without a usage service every period would look as if nothing had been reported.
fn at_least_one<'de, D: Deserializer<'de>>(cells: D) -> Result<Vec<PeerConfig>, D::Error> {
    let cells = Vec::deserialize(cells)?;
    if cells.is_empty() {
        return Err(D::Error::custom("`peers.usage` names no usage service"));
    }
    Ok(cells)
}
