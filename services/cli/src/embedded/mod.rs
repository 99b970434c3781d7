//! A private PostgreSQL for `gazelle up`, from the binaries found on the machine.
//!
//! What holds: the data survives restarts and kills, also a kill in the middle of the first
//! start. Nothing listens on the network; the socket is in a folder that only the server's user
//! (and root) can enter. At most one server runs on a home, and none outlives this process, even
//! when it is killed. Durability is as in production: nothing is traded for speed.
//!
//! A server needs a user that is not root: started by root it runs as `postgres`, or where there
//! is none as `nobody`; started by anyone else, as that user.

mod binaries;
mod error;
mod home;
mod process;
mod user;

use std::{
    fmt::Write,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use gazelle_runtime::failure::is_starting;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

pub use error::EmbeddedError;
use home::LockedHome;
pub(crate) use home::lock;
use process::Process;

/// Makes the roles of all services where there are none.
const ROLES: &str = include_str!("../../../../deploy/config/roles.sql");

/// How long a server may take until it answers; and while it says itself that it is starting, as in
/// its recovery after a crash, which may have gigabytes to go through.
const START_WAIT: Duration = Duration::from_mins(1);
const RECOVERY_WAIT: Duration = Duration::from_mins(30);

/// A running server. Stops when dropped; [`stop`](Self::stop) also waits for it.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    home: Arc<LockedHome>,
}

impl Postgres {
    /// Starts the server of `home`, which is made on first use. A server that a killed process
    /// left behind is stopped before.
    pub async fn start(home: &Path) -> Result<Self, EmbeddedError> {
        Self::start_with(home, &[]).await
    }

    /// As [`start`](Self::start), with settings of PostgreSQL's that go before our own.
    pub async fn start_with(home: &Path, settings: &[(&str, &str)]) -> Result<Self, EmbeddedError> {
        let path = home.to_owned();
        // In a thread for blocking work, and to its end even when nobody waits for it any more.
        let home = tokio::task::spawn_blocking(move || LockedHome::prepare(&path))
            .await
            .map_err(EmbeddedError::Interrupted)??;
        let process = Process::launch(home.server(settings)?).await?;
        let home = Arc::new(home);
        let server = Self { process, home };
        server.wait_until_ready().await?;
        Ok(server)
    }

    /// Starts the server again after it ended by itself, as for want of room on the disk. One that
    /// was started again, and is still at its recovery, is only waited for.
    pub async fn restart(&mut self) -> Result<(), EmbeddedError> {
        if !self.process.is_running() {
            let home = self.home.clone();
            // What it started may take a moment longer to end.
            tokio::task::spawn_blocking(move || home.stop_old_server(&home.data()))
                .await
                .map_err(EmbeddedError::Interrupted)??;
            self.process = Process::launch(self.home.server(&[])?).await?;
        }
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&self) -> Result<(), EmbeddedError> {
        let options = self.superuser("postgres");
        let started = Instant::now();
        loop {
            let attempt = tokio::time::timeout(Duration::from_secs(5), options.connect());
            match attempt.await {
                Ok(Ok(connection)) => {
                    connection.close().await.map_err(EmbeddedError::Database)?;
                    return Ok(());
                }
                Ok(Err(error)) if is_starting(&error) && started.elapsed() < RECOVERY_WAIT => {}
                Ok(Err(_)) | Err(_) if started.elapsed() < START_WAIT => {}
                Ok(Err(source)) => return Err(EmbeddedError::Database(source)),
                Err(_) => return Err(EmbeddedError::Database(sqlx::Error::PoolTimedOut)),
            }
            let pause = Duration::from_millis(50);
            if let Ok(status) = tokio::time::timeout(pause, self.process.exited()).await {
                return Err(EmbeddedError::Exited {
                    status,
                    log: self.home.end_of_log(),
                });
            }
        }
    }

    /// Makes a database where there is none: `owner_role` owns it and runs its migrations,
    /// `service_role` owns nothing and may connect, as whom its migrations name. Nobody else may.
    pub async fn ensure_database(
        &self,
        name: &str,
        owner_role: &str,
        service_role: &str,
    ) -> Result<(), EmbeddedError> {
        let ensure = async {
            let mut connection = self.superuser("postgres").connect().await?;
            // With a script's transaction in it, nothing is prepared.
            sqlx::raw_sql(ROLES).execute(&mut connection).await?;
            for role in [owner_role, service_role] {
                if !exists(
                    &mut connection,
                    "select from pg_roles where rolname = $1",
                    role,
                )
                .await?
                {
                    run(
                        &mut connection,
                        format!("create role {} login", quoted(role)),
                    )
                    .await?;
                }
            }
            let (database, owner) = (quoted(name), quoted(owner_role));
            let known = "select from pg_database where datname = $1";
            if !exists(&mut connection, known, name).await? {
                run(
                    &mut connection,
                    format!("create database {database} owner {owner}"),
                )
                .await?;
            }
            let service = quoted(service_role);
            run(
                &mut connection,
                format!("revoke all on database {database} from public"),
            )
            .await?;
            run(
                &mut connection,
                format!("grant connect on database {database} to {service}"),
            )
            .await?;
            connection.close().await
        };
        ensure.await.map_err(EmbeddedError::Database)
    }

    /// Where `role` reaches `database`. All is said that the shell's variables for PostgreSQL's
    /// clients would say otherwise, such as `PGPORT` and `PGSSLMODE`.
    #[must_use]
    pub fn url(&self, database: &str, role: &str) -> String {
        let mut folder = String::new();
        for byte in self.home.run_folder().bytes() {
            match byte {
                b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    folder.push(char::from(byte));
                }
                _ => write!(folder, "%{byte:02X}").expect("a String takes all that is written"),
            }
        }
        let port = home::PORT;
        format!("postgres://{role}@localhost/{database}?host={folder}&port={port}&sslmode=disable")
    }

    fn superuser(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.home.run_folder())
            .port(home::PORT)
            .ssl_mode(PgSslMode::Disable)
            .username(home::SUPERUSER)
            .database(database)
    }

    /// Returns when the server has ended by itself, and how.
    pub async fn exited(&self) -> String {
        self.process.exited().await
    }

    /// Stops the server: sessions are ended, the data is written out.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        self.process.stop().await
    }
}

async fn exists(
    connection: &mut PgConnection,
    query: &'static str,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(query)
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(())
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
