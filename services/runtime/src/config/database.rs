//! Where a service keeps its data.

use std::{
    error::Error,
    fmt,
    num::NonZeroU32,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;

use gazelle_client::watched::{FileError, Watched};

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
    NonZeroU32::new(twice.clamp(4, 64)).expect("it is at least 4")
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
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const REFUSED: &str = "not a postgres:// URL";
        // Whoever reads the rest asks for no scheme.
        let is_postgres = |scheme| text.starts_with(scheme);
        if !["postgres://", "postgresql://"]
            .into_iter()
            .any(is_postgres)
        {
            return Err(REFUSED);
        }
        // The cause could repeat the password.
        text.parse().map(Self).map_err(|_| REFUSED)
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_database_is_refused_without_its_password() {
        for url in ["postgres://a@b/c", "postgresql://a:secret@b:5433/c"] {
            assert!(url.parse::<DatabaseUrl>().is_ok(), "{url}");
        }
        for url in ["mysql://a:secret@b/c", "a:secret@b/c", "", "postgres:/a"] {
            let refused = url.parse::<DatabaseUrl>().map(drop);
            assert_eq!(refused, Err("not a postgres:// URL"), "{url}");
        }
    }
}
