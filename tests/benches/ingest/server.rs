//! The private PostgreSQL, a fresh database for each load, and what a load uses of it.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Instant;

use gazelle_cli::embedded::Postgres;
use gazelle_runtime::config::DatabaseUrl;
use gazelle_runtime::database::migrate;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::service::Service;

/// What the migrations name.
const ROLE: &str = "gazelle_usage";
const OWNER: &str = "gazelle_usage_owner";
/// May do everything.
const SUPERUSER: &str = "postgres";

/// Commits of which the median is taken.
const COMMITS: usize = 101;

/// Of `/proc`: the same on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// The server.
#[derive(Debug)]
pub struct Server {
    postgres: Postgres,
    folder: PathBuf,
    databases: Cell<usize>,
}

/// A database with the tables of the usage service, dropped before the next is made.
#[derive(Debug)]
pub struct Database<'a> {
    server: &'a Server,
    name: String,
}

/// What was used, since some time in the past.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// CPU of the service, of all of PostgreSQL, and of this process, in microseconds.
    pub service_us: u64,
    pub postgres_us: u64,
    pub client_us: u64,
    /// Written to the log.
    pub wal_bytes: u64,
    /// On disk, all databases' records.
    pub disk_bytes: u64,
    /// Most memory that the service ever had.
    pub peak_kib: u64,
}

impl Used {
    pub fn since(self, before: &Self) -> Self {
        Self {
            service_us: self.service_us - before.service_us,
            postgres_us: self.postgres_us - before.postgres_us,
            client_us: self.client_us - before.client_us,
            wal_bytes: self.wal_bytes - before.wal_bytes,
            ..self
        }
    }
}

impl Server {
    pub async fn start(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let home = folder.join("home");
        let postgres = Postgres::start(&home).await.unwrap();
        Self {
            postgres,
            folder: folder.to_owned(),
            databases: Cell::new(0),
        }
    }

    pub async fn stop(self) {
        self.drop_databases().await;
        self.postgres.stop().await.unwrap();
    }

    async fn superuser(&self) -> PgConnection {
        let url = self.postgres.url("postgres", SUPERUSER);
        PgConnection::connect(&url).await.unwrap()
    }

    async fn drop_databases(&self) {
        let mut connection = self.superuser().await;
        let query = "select datname from pg_database where datname like 'bench%'";
        let names: Vec<String> = sqlx::query_scalar(query)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        for name in names {
            let drop = AssertSqlSafe(format!("drop database {name} with (force)"));
            connection.execute(drop).await.unwrap();
        }
    }

    /// An empty database, right after a checkpoint.
    pub async fn fresh(&self) -> Database<'_> {
        self.drop_databases().await;
        self.databases.set(self.databases.get() + 1);
        let name = format!("bench_{}", self.databases.get());
        let ensured = self.postgres.ensure_database(&name, OWNER, ROLE);
        ensured.await.unwrap();
        let database = Database { server: self, name };
        let owner = DatabaseUrl::from_str(&database.owner_url()).unwrap();
        migrate(&owner, &gazelle_usage::MIGRATOR).await.unwrap();
        let mut connection = self.superuser().await;
        connection.execute("checkpoint").await.unwrap();
        database
    }

    /// The median of commits of one row, in milliseconds.
    pub async fn commit_ms(&self) -> f64 {
        let database = self.fresh().await;
        let mut connection = PgConnection::connect(&database.owner_url()).await.unwrap();
        connection
            .execute("create table committed (number integer)")
            .await
            .unwrap();
        let mut times = Vec::new();
        for _ in 0..COMMITS {
            let started = Instant::now();
            connection
                .execute("insert into committed values (1)")
                .await
                .unwrap();
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        times[COMMITS / 2]
    }

    /// CPU of the server, with that of processes that are gone.
    fn cpu_us(&self) -> u64 {
        let file = self.folder.join("home/data/postmaster.pid");
        let content = fs::read_to_string(file).unwrap();
        let postmaster: u32 = content.lines().next().unwrap().parse().unwrap();
        let mut ticks = 0;
        for entry in fs::read_dir("/proc").unwrap() {
            let name = entry.unwrap().file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let Some(stat) = stat(pid) else { continue };
            if pid == postmaster {
                ticks += stat[11..15].iter().sum::<u64>();
            } else if stat[1] == u64::from(postmaster) {
                ticks += stat[11] + stat[12];
            }
        }
        ticks * 1_000_000 / TICKS_PER_SECOND
    }
}

/// The numbers of `/proc/PID/stat` from the state on, which is taken for a number itself: the
/// parent is 1, user and system time 11 and 12, those of children that are gone 13 and 14.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = text.rsplit_once(") ")?;
    let field = |field: &str| field.parse().unwrap_or_default();
    Some(after_name.split(' ').map(field).collect())
}

/// CPU of a process.
fn process_us(pid: u32) -> u64 {
    let stat = stat(pid).unwrap();
    (stat[11] + stat[12]) * 1_000_000 / TICKS_PER_SECOND
}

/// Most memory that a process ever had.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1);
    number.unwrap().parse().unwrap()
}

impl Database<'_> {
    /// As the service.
    pub fn url(&self) -> String {
        self.server.postgres.url(&self.name, ROLE)
    }

    /// As the owner of the tables.
    pub fn owner_url(&self) -> String {
        self.server.postgres.url(&self.name, OWNER)
    }

    /// `target/bench`.
    pub fn folder(&self) -> &Path {
        &self.server.folder
    }

    /// What was used until now, with the service's part if there is one.
    pub async fn used(&self, service: Option<&Service>) -> Used {
        let mut connection = PgConnection::connect(&self.owner_url()).await.unwrap();
        let query = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8, \
                     (select sum(pg_total_relation_size(oid))::int8 from pg_class \
                      where relname in ('record', 'textbook') and relkind = 'r')";
        let (wal_bytes, disk_bytes): (i64, i64) = sqlx::query_as(query)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        Used {
            service_us: service.map_or(0, |service| process_us(service.pid())),
            postgres_us: self.server.cpu_us(),
            client_us: process_us(std::process::id()),
            wal_bytes: u64::try_from(wal_bytes).unwrap(),
            disk_bytes: u64::try_from(disk_bytes).unwrap(),
            peak_kib: service.map_or(0, |service| peak_kib(service.pid())),
        }
    }
}
