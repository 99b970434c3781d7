//! What a service is told at its start, from a file and the environment.

use std::{fmt, net::SocketAddr, path::Path, path::PathBuf, str::FromStr};

use config::{Environment, File, FileFormat};
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::postgres::PgConnectOptions;

/// The configuration of a service could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the configuration of {service} is not valid")]
pub struct ConfigError {
    service: String,
    source: Box<config::ConfigError>,
}

/// Reads the configuration of `service`: the TOML `file`, and over it the environment, where
/// `GAZELLE_USAGE__DATABASE__URL` is `url` in the section `database` of the service `usage`.
///
/// `T` and its sections should refuse unknown keys (`#[serde(deny_unknown_fields)]`), so that a
/// misspelt one is an error and not a default.
pub fn load<T: DeserializeOwned>(service: &str, file: Option<&Path>) -> Result<T, ConfigError> {
    load_over(service, file, None)
}

fn load_over<T: DeserializeOwned>(
    service: &str,
    file: Option<&Path>,
    environment: Option<std::collections::HashMap<String, String>>,
) -> Result<T, ConfigError> {
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(FileFormat::Toml));
    }
    builder
        .add_source(
            Environment::with_prefix(&format!("GAZELLE_{}", service.to_uppercase()))
                .prefix_separator("__")
                .separator("__")
                .source(environment),
        )
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|source| ConfigError {
            service: service.into(),
            source: Box::new(source),
        })
}

/// Where a service listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port for gRPC; port 0 takes a free one.
    pub listen: SocketAddr,
}

/// Where a service keeps its data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// As the service's role, which owns nothing.
    pub url: DatabaseUrl,
    /// As the owner of the tables, for migrations; not needed to serve.
    #[serde(default)]
    pub owner_url: Option<DatabaseUrl>,
    /// Most connections at a time; twice the cores when not given.
    #[serde(default = "default_max_connections")]
    pub max_connections: u32,
    /// Longest wait for a connection, in milliseconds. A call that waits longer is refused as
    /// `UNAVAILABLE`, so it should be shorter than any caller's deadline.
    #[serde(default = "default_acquire_timeout_ms")]
    pub acquire_timeout_ms: u64,
}

impl DatabaseConfig {
    /// A database reached with everything else as by default.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            owner_url: None,
            max_connections: default_max_connections(),
            acquire_timeout_ms: default_acquire_timeout_ms(),
        }
    }
}

fn default_max_connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(2 * cores).map_or(64, |twice| twice.clamp(4, 64))
}

fn default_acquire_timeout_ms() -> u64 {
    500
}

/// `postgres://ROLE[:PASSWORD]@HOST[:PORT]/DATABASE[?host=SOCKET_FOLDER]`. Never shows its
/// password.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(PgConnectOptions);

impl DatabaseUrl {
    /// How `sqlx` connects to it.
    #[must_use]
    pub fn options(&self) -> &PgConnectOptions {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = sqlx::Error;

    fn from_str(text: &str) -> Result<Self, sqlx::Error> {
        text.parse().map(Self)
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The cause could repeat the password.
        text.parse().map_err(|_| "not a postgres:// URL")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.0.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", self.0.get_host(), self.0.get_port()),
        };
        let database = self.0.get_database().unwrap_or_default();
        write!(f, "{}@{host}/{database}", self.0.get_username())
    }
}

/// Whose tokens are believed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// The `iss` of every token.
    pub issuer: String,
    /// What every token's `aud` must name.
    pub audience: String,
    /// The issuer's public keys (JWKS, RFC 7517). Read again when it changes.
    pub jwks_file: PathBuf,
}

/// Another service that this one calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Such as `http://registry:7001`.
    pub url: String,
    /// Holds the token to call it with. Read again when it changes.
    pub token_file: PathBuf,
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, error::Error, fs};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sections {
        server: ServerConfig,
        database: DatabaseConfig,
    }

    const FILE: &str = r#"
        [server]
        listen = "127.0.0.1:7001"
        [database]
        url = "postgres://gazelle_usage:sesame@db/gazelle_usage"
    "#;

    fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Sections, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("usage.toml");
        fs::write(&file, toml).unwrap();
        let environment: HashMap<_, _> = environment
            .iter()
            .map(|&(key, value)| (key.into(), value.into()))
            .collect();
        load_over("usage", Some(&file), Some(environment))
            .map_err(|error| format!("{error}: {}", error.source().unwrap()))
    }

    #[test]
    fn the_environment_overrides_the_file_and_defaults_fill_the_rest() {
        let environment = [
            ("GAZELLE_USAGE__DATABASE__MAX_CONNECTIONS", "7"),
            ("GAZELLE_REGISTRY__DATABASE__MAX_CONNECTIONS", "9"),
        ];
        let sections = read(FILE, &environment).unwrap();
        assert_eq!(sections.server.listen.port(), 7001);
        assert_eq!(sections.database.max_connections, 7);
        assert_eq!(sections.database.acquire_timeout_ms, 500);
    }

    #[test]
    fn a_misspelt_key_is_refused_wherever_it_stands() {
        let misspelt = FILE.replace("[server]", "[server]\nlisten_on = 1");
        assert!(
            read(&misspelt, &[])
                .unwrap_err()
                .contains("unknown field `listen_on`")
        );
        let refused = read(FILE, &[("GAZELLE_USAGE__DATABASE__MAX_CONNECTION", "7")]);
        assert!(
            refused
                .unwrap_err()
                .contains("unknown field `max_connection`")
        );
        assert!(
            read(&format!("{FILE}\n[extra]\n"), &[])
                .unwrap_err()
                .contains("`extra`")
        );
    }

    #[test]
    fn a_password_shows_neither_in_debug_nor_in_an_error() {
        let shown = format!("{:?}", read(FILE, &[]).unwrap());
        assert!(
            shown.contains("gazelle_usage@db:5432/gazelle_usage"),
            "{shown}"
        );
        assert!(!shown.contains("sesame"), "{shown}");
        let broken = FILE.replace("@db", ":@db:@");
        assert!(!read(&broken, &[]).unwrap_err().contains("sesame"));
    }
}
