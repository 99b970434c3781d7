//! What a service is told at its start, from a file and the environment.

use std::{
    error::Error,
    fmt,
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    str::FromStr,
};

use config::{Environment, File, FileFormat};
use http::HeaderValue;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use sqlx::postgres::PgConnectOptions;

use crate::watched::{FileError, Watched};

const NOT_ZERO: &str = "it is at least 1";

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
    /// How long a service that is to stop says that it is not ready and still takes calls, in
    /// milliseconds: whoever sends them must have time to notice. 5,000 at most.
    #[serde(
        default = "default_not_ready_wait_ms",
        deserialize_with = "at_most_5_s"
    )]
    pub not_ready_wait_ms: u64,
    /// Whose pages may call over gRPC-Web, such as `https://console.example`; in the environment
    /// with spaces between them. Without any it is switched off.
    #[serde(default, deserialize_with = "origins")]
    pub grpc_web_origins: Vec<HeaderValue>,
}

impl ServerConfig {
    /// A server that listens there, with everything else as by default.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            not_ready_wait_ms: default_not_ready_wait_ms(),
            grpc_web_origins: Vec::new(),
        }
    }
}

/// An origin as browsers write it: `scheme://host[:port]` in lower case, and nothing behind.
fn origins<'de, D: Deserializer<'de>>(origins: D) -> Result<Vec<HeaderValue>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Origins {
        Text(String),
        List(Vec<String>),
    }
    let origins = match Origins::deserialize(origins)? {
        Origins::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
        Origins::List(list) => list,
    };
    let parse = |origin: String| {
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| origin.strip_prefix(scheme));
        let is_host = |host: &str| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
        };
        let value = HeaderValue::from_str(&origin).ok();
        value.filter(|_| host.is_some_and(is_host)).ok_or_else(|| {
            D::Error::custom(format!(
                "`server.grpc_web_origins` has `{origin}`, which is no origin such as https://console.example"
            ))
        })
    };
    origins.into_iter().map(parse).collect()
}

fn default_not_ready_wait_ms() -> u64 {
    2_000
}

/// The rest of the time to stop is for calls under way.
fn at_most_5_s<'de, D: Deserializer<'de>>(wait: D) -> Result<u64, D::Error> {
    match u64::deserialize(wait)? {
        wait @ 0..=5_000 => Ok(wait),
        more => Err(D::Error::custom(format!(
            "`server.not_ready_wait_ms` is {more}; at most 5000"
        ))),
    }
}

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
    /// Calls and streams at a time that need no token: health and reflection.
    pub open_calls: NonZeroUsize,
    /// Of those, from one address, of IPv6 from one /64.
    pub open_calls_per_address: NonZeroUsize,
    /// Of those, on one connection.
    pub open_calls_per_connection: NonZeroUsize,
    /// Connections at a time.
    pub connections: NonZeroUsize,
    /// Of those, from one address. A proxy before the service is one.
    pub connections_per_address: NonZeroUsize,
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
            connections: NonZeroUsize::new(4_096).expect(NOT_ZERO),
            connections_per_address: NonZeroUsize::new(2_048).expect(NOT_ZERO),
            call_max_ms: 600_000,
        }
    }
}

/// Where those who run a service look.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Address and port for HTTP: `/livez`, `/readyz`, `/metrics`. Port 0 takes a free one.
    pub listen: SocketAddr,
}

/// Where a service sends what it does.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Such as `http://collector:4317`: OTLP over gRPC, for traces, metrics and logs. Nowhere
    /// when not given.
    pub otlp_endpoint: Option<String>,
}

/// Where a service keeps its data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// As the service's role, which owns nothing.
    pub url: DatabaseUrl,
    /// Holds the password of `url`, so that it stands in no configuration. Read again when it
    /// changes.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// As the owner of the tables, for migrations; not needed to serve.
    #[serde(default)]
    pub owner_url: Option<DatabaseUrl>,
    /// Holds the password of `owner_url`; only read to migrate.
    #[serde(default)]
    pub owner_password_file: Option<PathBuf>,
    /// Most connections at a time; twice the cores when not given.
    #[serde(default = "default_max_connections")]
    pub max_connections: NonZeroU32,
    /// Longest wait for a connection, in milliseconds. A call that waits longer is refused as
    /// `UNAVAILABLE`, so it should be shorter than any caller's deadline.
    #[serde(default = "default_acquire_timeout_ms")]
    pub acquire_timeout_ms: u64,
    /// Longest wait for a lock that somebody else holds, in milliseconds, where the work at hand
    /// sets no bound of its own.
    #[serde(default = "default_lock_timeout_ms")]
    pub lock_timeout_ms: u64,
    /// Longest statement, in milliseconds, likewise.
    #[serde(default = "default_statement_timeout_ms")]
    pub statement_timeout_ms: u64,
}

impl DatabaseConfig {
    /// A database reached with everything else as by default.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            password_file: None,
            owner_url: None,
            owner_password_file: None,
            max_connections: default_max_connections(),
            acquire_timeout_ms: default_acquire_timeout_ms(),
            lock_timeout_ms: default_lock_timeout_ms(),
            statement_timeout_ms: default_statement_timeout_ms(),
        }
    }
}

impl DatabaseConfig {
    /// How to connect as the service's role, and the password in it where a file holds that.
    pub(crate) fn options(&self) -> Result<(PgConnectOptions, Option<Watched<String>>), FileError> {
        with_password(&self.url, self.password_file.as_deref())
    }

    /// How to connect as the owner; `None` where that is not configured.
    pub(crate) fn owner_options(&self) -> Result<Option<PgConnectOptions>, FileError> {
        let Some(url) = &self.owner_url else {
            return Ok(None);
        };
        let (options, _) = with_password(url, self.owner_password_file.as_deref())?;
        Ok(Some(options))
    }
}

fn with_password(
    url: &DatabaseUrl,
    file: Option<&Path>,
) -> Result<(PgConnectOptions, Option<Watched<String>>), FileError> {
    let options = url.options().clone();
    let Some(file) = file else {
        return Ok((options, None));
    };
    let password = Watched::open(file, parse_password)?;
    Ok((options.password(&password.current()), Some(password)))
}

/// Without the line's end that an editor leaves.
fn parse_password(bytes: &[u8]) -> Result<String, Box<dyn Error + Send + Sync>> {
    let password = std::str::from_utf8(bytes)?.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("the password file is empty".into());
    }
    Ok(password.to_owned())
}

fn default_max_connections() -> NonZeroU32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let twice = u32::try_from(2 * cores).unwrap_or(u32::MAX);
    NonZeroU32::new(twice.clamp(4, 64)).expect(NOT_ZERO)
}

fn default_acquire_timeout_ms() -> u64 {
    500
}

fn default_lock_timeout_ms() -> u64 {
    30_000
}

fn default_statement_timeout_ms() -> u64 {
    300_000
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
    /// Such as `http://registry:7001`; or `https`, and then with `ca_file`.
    pub url: String,
    /// The certificates that may vouch for the peer's, in PEM. Read once.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Holds the token to call it with. Read again when it changes.
    pub token_file: PathBuf,
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, fs};

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
        assert_eq!(sections.database.max_connections.get(), 7);
        assert_eq!(sections.database.acquire_timeout_ms, 500);
    }

    #[test]
    fn a_bound_of_nothing_is_refused() {
        let none = ("GAZELLE_USAGE__DATABASE__MAX_CONNECTIONS", "0");
        let refused = read(FILE, &[none]).unwrap_err();
        assert!(refused.contains("nonzero"), "{refused}");
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
