//! Two private PostgreSQL servers, and a fresh database for each load.
//!
//! Both are durable as in production: fsync, `synchronous_commit` and `full_page_writes` are on.
//! Every load starts on empty tables, right after a checkpoint of both servers.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use gazelle_cli::embedded::Postgres;
use gazelle_runtime::config::DatabaseUrl;
use gazelle_runtime::database::migrate;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::measured::{self, Used};

/// May do everything.
const SUPERUSER: &str = "postgres";

/// How much of the machine a server may have.
#[derive(Debug, Clone, Copy)]
pub enum Memory {
    /// As an operator would set it: a sixth of the machine for `shared_buffers`, at most 4 GiB,
    /// and `max_wal_size` 16 GiB. Files of the log are kept for use again, as on a server that has
    /// been up for a while: making each anew would be in every load's time.
    Ample,
    /// As PostgreSQL comes: `shared_buffers` 128 MiB, `max_wal_size` 1 GiB.
    Default,
}

/// The `shared_buffers` of [`Memory::Ample`], in MiB.
pub fn ample_buffers_mib() -> Result<u64> {
    let total_kib = measured::kib("/proc/meminfo", "MemTotal:")?;
    Ok((total_kib / 1024 / 6).clamp(128, 4096))
}

/// The servers that are measured.
#[derive(Debug)]
pub struct Servers {
    ample: Server,
    default: Server,
    folder: PathBuf,
    databases: Cell<usize>,
}

#[derive(Debug)]
struct Server {
    postgres: Postgres,
    home: PathBuf,
}

/// A database with the tables of a service, dropped before the next load.
#[derive(Debug)]
pub struct Database<'a> {
    server: &'a Server,
    folder: &'a Path,
    name: String,
    service: &'static str,
}

impl Server {
    async fn start(home: PathBuf, settings: &[(&str, &str)]) -> Result<Self> {
        let postgres = Postgres::start_with(&home, settings).await;
        let postgres = postgres.context("cannot start a PostgreSQL")?;
        Ok(Self { postgres, home })
    }

    async fn superuser(&self) -> Result<PgConnection> {
        let url = self.postgres.url("postgres", SUPERUSER);
        Ok(PgConnection::connect(&url).await?)
    }

    async fn clear(&self) -> Result<()> {
        let mut connection = self.superuser().await?;
        let query = "select datname from pg_database where datname like 'bench%'";
        let names: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await?;
        for name in names {
            let drop = AssertSqlSafe(format!("drop database {name} with (force)"));
            connection.execute(drop).await?;
        }
        Ok(())
    }
}

impl Servers {
    /// Starts both, in folders of their own.
    pub async fn start(folder: &Path) -> Result<Self> {
        let buffers = format!("{}MB", ample_buffers_mib()?);
        let ample = [
            ("shared_buffers", &*buffers),
            ("max_wal_size", "16GB"),
            ("min_wal_size", "4GB"),
        ];
        let default = [("shared_buffers", "128MB"), ("max_wal_size", "1GB")];
        Ok(Self {
            ample: Server::start(folder.join("ample"), &ample).await?,
            default: Server::start(folder.join("default"), &default).await?,
            folder: folder.to_owned(),
            databases: Cell::new(0),
        })
    }

    /// Stops both servers, one after the other.
    pub async fn stop(self) -> Result<()> {
        self.ample.postgres.stop().await?;
        Ok(self.default.postgres.stop().await?)
    }

    /// Which PostgreSQL it is.
    pub async fn version(&self) -> Result<String> {
        let mut session = self.ample.superuser().await?;
        Ok(sqlx::query_scalar("show server_version")
            .fetch_one(&mut session)
            .await?)
    }

    /// Drops all databases.
    pub async fn clear(&self) -> Result<()> {
        self.ample.clear().await?;
        self.default.clear().await
    }

    /// Writes everything out, so that no load pays for another's.
    pub async fn checkpoint(&self) -> Result<()> {
        for server in [&self.ample, &self.default] {
            server.superuser().await?.execute("checkpoint").await?;
        }
        Ok(())
    }

    /// An empty database of a service.
    pub async fn create(&self, memory: Memory, service: &'static str) -> Result<Database<'_>> {
        let server = match memory {
            Memory::Ample => &self.ample,
            Memory::Default => &self.default,
        };
        self.databases.set(self.databases.get() + 1);
        let database = Database {
            server,
            folder: &self.folder,
            name: format!("bench_{service}_{}", self.databases.get()),
            service,
        };
        let (owner, role) = (database.owner(), database.role());
        let ensured = server
            .postgres
            .ensure_database(&database.name, &owner, &role);
        ensured.await?;
        Ok(database)
    }

    /// The only database there is: empty tables of the usage service, right after a checkpoint.
    pub async fn fresh(&self, memory: Memory) -> Result<Database<'_>> {
        self.clear().await?;
        let database = self.create(memory, "usage").await?;
        let owner = DatabaseUrl::from_str(&database.owner_url()).map_err(anyhow::Error::msg)?;
        migrate(&owner, &gazelle_usage::MIGRATOR).await?;
        self.checkpoint().await?;
        Ok(database)
    }
}

impl Database<'_> {
    fn role(&self) -> String {
        format!("gazelle_{}", self.service)
    }

    fn owner(&self) -> String {
        format!("gazelle_{}_owner", self.service)
    }

    /// As the service.
    pub fn url(&self) -> String {
        self.server.postgres.url(&self.name, &self.role())
    }

    /// As the owner of the tables.
    pub fn owner_url(&self) -> String {
        self.server.postgres.url(&self.name, &self.owner())
    }

    /// Where the benchmark keeps its files.
    pub fn folder(&self) -> &Path {
        self.folder
    }

    /// As a superuser, whom row-level security does not hold.
    pub fn superuser_url(&self) -> String {
        self.server.postgres.url(&self.name, "postgres")
    }

    /// A session that sees everything.
    pub async fn session(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.superuser_url()).await?)
    }

    /// What was used until now, with the part of a service that is this process.
    pub async fn used(&self, service_pid: Option<u32>) -> Result<Used> {
        let mut connection = self.session().await?;
        let query = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8, \
                     (select sum(pg_total_relation_size(oid))::int8 from pg_class \
                      where relname in ('record', 'textbook') and relkind = 'r')";
        let (wal_bytes, disk_bytes): (i64, i64) =
            sqlx::query_as(query).fetch_one(&mut connection).await?;
        let of_service = |figure: fn(u32) -> Result<u64>| service_pid.map_or(Ok(0), figure);
        Ok(Used {
            service_us: of_service(measured::process_us)?,
            postgres_us: measured::postgres_us(&self.server.home.join("data"))?,
            client_us: measured::process_us(std::process::id())?,
            wal_bytes: u64::try_from(wal_bytes)?,
            disk_bytes: u64::try_from(disk_bytes)?,
            peak_kib: of_service(measured::peak_kib)?,
        })
    }

    /// How long commits of one small row take, one after the other on one connection for that
    /// time, with pauses; in milliseconds.
    pub async fn commits_ms(&self, time: Duration, pause: Duration) -> Result<Vec<f64>> {
        let mut connection = self.session().await?;
        let create = "create table if not exists committed (number integer)";
        connection.execute(create).await?;
        let end = Instant::now() + time;
        let mut times = Vec::new();
        while Instant::now() < end {
            let started = Instant::now();
            let insert = "insert into committed values (1)";
            connection.execute(insert).await?;
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        Ok(times)
    }
}
