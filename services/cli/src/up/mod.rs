//! `gazelle up`: all services in one process, on a PostgreSQL of its own.
//!
//! The local default is as closed as production: every service has its own database and role,
//! believes only tokens of the home's keys, each for its kind of callers, and the services call
//! each other over gRPC like anybody else. Start order: database, migrations, keys, listeners,
//! services. Stop order: services drain, then the database.

mod database;
mod keys;
mod listen;
mod services;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::AdminConfig;
use gazelle_runtime::ready::{Needed, Readiness};
use gazelle_runtime::{
    process::{admin, shutdown},
    ready::peers,
};
use serde_json::json;
use tokio_util::task::AbortOnDropHandle;

use crate::args::UpArgs;
use crate::client::{Answer, Client, answers, client};
use crate::context::Context;
use crate::failure::Failure;
use crate::minted::minted;
use crate::output::{Format, Out};
use crate::profile::{Endpoints, Home};
use crate::words;
use database::Database;
use keys::Keys;
use services::Services;

/// How a suite is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Addresses of registry, usage and settlement; none: the ones of the last start, else any.
    pub listen: [Option<SocketAddr>; 3],
    /// Names and addresses by which others reach it, beside those that it listens on.
    pub names: Vec<String>,
    /// A URL with `{database}` and `{role}` of a PostgreSQL to use instead of the embedded one.
    pub database_url: Option<String>,
    /// Where to answer `/livez`, `/readyz` and `/metrics` for all of them; nowhere when not given.
    pub admin: Option<SocketAddr>,
    /// Where the services take the time from.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: [None; 3],
            names: Vec::new(),
            database_url: None,
            admin: None,
            clock: Clock::system(),
        }
    }
}

/// Longest wait for all services to serve.
const START_WAIT: Duration = Duration::from_mins(1);

/// With less on its disk, in bytes, PostgreSQL may not be able to recover, or to make its folder,
/// which gives some of it back when that fails; with fewer files, neither.
const ROOM_MIN: u64 = 64 * 1024 * 1024;
const FILES_MIN: u64 = 2_000;

/// How often a start that takes long is told of.
const START_TOLD: Duration = Duration::from_secs(5);

/// Between two starts on a disk without room.
const ROOM_PAUSE: Duration = Duration::from_secs(2);

/// How often a start may fail by the database before that counts, and how long between: somebody
/// may have ended its server just then, or there was no room for it until then.
const STARTS_MAX: usize = 3;
const START_PAUSE: Duration = Duration::from_secs(1);

/// A running suite. Dropped, it stops without draining.
#[derive(Debug)]
pub struct Suite {
    /// Where its services listen.
    pub endpoints: Endpoints,
    home: Home,
    clock: Clock,
    services: Services,
    database: Database,
    _keeping: AbortOnDropHandle<()>,
    admin: Option<Admin>,
}

/// The admin port of all services together: ready while each says over gRPC that it serves.
#[derive(Debug)]
struct Admin {
    port: admin::Admin,
    _watching: Vec<AbortOnDropHandle<()>>,
}

impl Admin {
    fn start(listen: Option<SocketAddr>, endpoints: &Endpoints) -> Result<Option<Self>, Failure> {
        let Some(listen) = listen else {
            return Ok(None);
        };
        let readiness = Readiness::default();
        let tls = endpoints.tls_files();
        let tls = tls.map_err(|error| Failure::said("ENDPOINT_INVALID", &error.to_string()))?;
        let watch = |(name, url)| peers::watch(name, url, &tls, Needed::Always, &readiness);
        let watching: Result<_, _> = endpoints.each().into_iter().map(watch).collect();
        let watching =
            watching.map_err(|error| Failure::said("ENDPOINT_INVALID", &error.to_string()))?;
        let port = admin::start(Some(&AdminConfig { listen }), &readiness);
        let port = port.map_err(|error| listen::failed(listen, &error))?;
        Ok(port.map(|port| Self {
            port,
            _watching: watching,
        }))
    }
}

impl Suite {
    /// Starts everything on `home`, which is made if need be. Returns when all services serve.
    pub async fn start(home: &Home, options: Options) -> Result<Self, Failure> {
        let database = Database::start(home, options.database_url.as_deref()).await?;
        let urls = database.prepare().await?;
        let names = listen::names(options.names, &options.listen);
        let keys = Keys::prepare(home, names, &options.clock)?;
        let (listeners, endpoints) = listen::bind(home, options.listen)?;
        let admin = Admin::start(options.admin, &endpoints)?;
        keys::write_profiles(home)?;
        let services = Services::spawn(home, urls, listeners, &endpoints, &options.clock)?;
        let mut suite = Self {
            endpoints,
            home: home.clone(),
            clock: options.clock,
            services,
            database,
            _keeping: keys.keep(),
            admin,
        };
        suite.wait_until_serving().await?;
        Ok(suite)
    }

    async fn wait_until_serving(&mut self) -> Result<(), Failure> {
        let endpoints = self.endpoints.clone();
        let all = async {
            while answers(&endpoints).await != [Answer::Serving; 3] {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            served = tokio::time::timeout(START_WAIT, all) => served.map_err(|_| {
                Failure::new("NOT_SERVING", words::STARTED_LATE.say())
            }),
            failure = self.ended() => Err(failure),
        }
    }

    /// Where its admin port answers, if it has one.
    fn admin_url(&self) -> Option<String> {
        let admin = self.admin.as_ref()?;
        Some(format!("http://{}", admin.port.address))
    }

    /// Clients that call as `principal`.
    pub fn client(&self, principal: Principal) -> Result<Client, Failure> {
        let issuer = self
            .home
            .open_issuer(principal.kind(), self.clock.clone())?;
        let bearer = minted(issuer, principal, self.clock.clone());
        client(&self.endpoints, &bearer)
    }

    /// Returns when a part has ended by itself, which none should.
    pub async fn ended(&mut self) -> Failure {
        tokio::select! {
            failure = self.services.ended() => failure,
            never = self.database.keep_up() => match never {},
        }
    }

    /// Drains and stops the services, then the database.
    pub async fn stop(self) -> Result<(), Failure> {
        let drained = self.services.stop().await;
        let stopped = self.database.stop().await;
        drained.and(stopped)
    }
}

/// Starts a suite. Where that fails for want of room on the disk it is tried again, as what runs
/// already goes on once there is some; and where the database fails, a few times.
async fn start(home: &Home, options: &Options) -> Result<Suite, Failure> {
    let mut failed = 0;
    loop {
        // What it needs is too much for a stack.
        let started = Box::pin(Suite::start(home, options.clone()));
        match told_of(home, started).await {
            Err(failure) if !has_room(home.folder()) => {
                let home = home.folder().display();
                tracing::error!(%home, %failure, "there is no room to start; it is tried again");
                tokio::time::sleep(ROOM_PAUSE).await;
            }
            Err(failure) if failure.reason() == "DATABASE_FAILED" && failed + 1 < STARTS_MAX => {
                failed += 1;
                tracing::error!("the database does not start; it is tried again");
                tokio::time::sleep(START_PAUSE).await;
            }
            started => return started,
        }
    }
}

/// Says while a start takes long that it does, and whether it wants room: a database whose recovery
/// fails for that begins it again by itself, and nothing else tells of it.
async fn told_of<T>(home: &Home, mut start: impl Future<Output = T> + Unpin) -> T {
    loop {
        match tokio::time::timeout(START_TOLD, &mut start).await {
            Ok(started) => return started,
            Err(_) if has_room(home.folder()) => {
                tracing::info!("it is still starting; a database may have much to recover");
            }
            Err(_) => {
                let home = home.folder().display();
                tracing::warn!(%home, "there may be no room to start; it goes on once there is some");
            }
        }
    }
}

/// Whether the disk of a folder, or where there is none yet of what it will be in, has the room
/// that a start takes.
fn has_room(folder: &Path) -> bool {
    let mut folders = folder.ancestors();
    let disk = folders.find_map(|folder| rustix::fs::statvfs(folder).ok());
    // Of file systems that do not count their blocks, or their files, there are 0 in all.
    disk.is_none_or(|disk| {
        (disk.f_blocks == 0 || disk.f_bavail * disk.f_frsize >= ROOM_MIN)
            && (disk.f_files == 0 || disk.f_favail >= FILES_MIN)
    })
}

/// Serves the whole suite on the home's own PostgreSQL, until it is told to stop.
pub async fn run(context: &mut Context, args: UpArgs) -> Result<(), Failure> {
    let signal = shutdown::on_signal()?;
    let options = Options {
        listen: [
            args.registry_listen,
            args.usage_listen,
            args.settlement_listen,
        ],
        names: args.name,
        database_url: args.database_url,
        admin: args.admin_listen,
        clock: Clock::system(),
    };
    let mut suite = tokio::select! {
        suite = start(&context.home, &options) => suite?,
        // Whatever was started stops when it is dropped.
        () = signal.cancelled() => return Ok(()),
    };
    announce(&mut context.out, &context.home, &suite)?;
    let ended = tokio::select! {
        () = signal.cancelled() => None,
        failure = suite.ended() => Some(failure),
    };
    let stopped = suite.stop().await;
    ended.map_or(stopped, Err)
}

fn announce(out: &mut Out, home: &Home, suite: &Suite) -> Result<(), Failure> {
    let folder = home.folder().display();
    if out.format() == Format::Json {
        let admin = suite.admin_url();
        let up = json!({"home": folder.to_string(), "endpoints": suite.endpoints, "admin": admin});
        out.json(&up)?;
        return out.flush();
    }
    out.line(words::IS_UP.say())?;
    for (name, url) in suite.endpoints.each() {
        out.line(&labelled(name, url))?;
    }
    if let Some(url) = suite.admin_url() {
        out.line(&labelled(words::ADMIN_PORT.say(), &url))?;
    }
    out.line(&labelled(words::DATA_FOLDER.say(), &folder.to_string()))?;
    out.line(&format!("\n{}", words::ELSEWHERE.say()))?;
    out.line(&format!("  export GAZELLE_HOME='{folder}'"))?;
    out.line("  gazelle status")?;
    out.line("  gazelle sample-city --out city && gazelle --as registrar enterprise import city/enterprises.csv")?;
    out.line("  gazelle help")?;
    out.line(&format!("\n{}", words::STOPS_BY.say()))?;
    out.flush()
}

/// A line of what is where, all places below each other.
fn labelled(label: &str, place: &str) -> String {
    // A Chinese character is as wide as two of others.
    let wide = label.chars().filter(|it| !it.is_ascii()).count();
    format!("  {label:<width$} {place}", width = 11 - wide.min(11))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_below_each_other_in_any_language() {
        assert_eq!(labelled("usage", "x"), "  usage       x");
        assert_eq!(labelled("数据文件夹", "x"), "  数据文件夹  x");
    }

    #[test]
    fn where_nothing_is_counted_nothing_is_short() {
        assert!(has_room(Path::new("/proc/no/such/folder")));
    }
}
