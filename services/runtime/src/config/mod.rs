//! What a service is told at its start, from a file and the environment.

mod audit;
mod auth;
mod database;
mod limits;
mod load;
mod server;
mod telemetry;
mod tls;

pub use audit::AuditConfig;
pub use auth::{AuthConfig, IssuerConfig, Kind, PlatformProof, SecondFactorConfig};
pub use database::{DatabaseConfig, DatabaseUrl};
pub use gazelle_client::peer::PeerConfig;
pub use limits::LimitsConfig;
pub use load::{ConfigError, load};
pub use server::{AdminConfig, ServerConfig, Transport};
pub use telemetry::TelemetryConfig;
pub use tls::{ClientCertificate, ClientTlsConfig, TlsConfig, TrustDomain};
