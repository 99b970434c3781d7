//! A service in a process of its own.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use gazelle_cli::client::{Bearer, Client};
use gazelle_cli::profile::Endpoints;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::issuer::Issuer;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::server::Database;

const ISSUER: &str = "bench";
const AUDIENCE: &str = "gazelle";

/// Longest wait for a start or a stop.
const WAIT: Duration = Duration::from_secs(30);

/// A running service.
#[derive(Debug)]
pub struct Service {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
}

impl Service {
    /// The usage service, configured by default.
    pub async fn usage(database: &Database<'_>) -> Self {
        let folder = database.folder();
        let address = free_address();
        let jwks_file = folder.join("jwks.json");
        fs::write(&jwks_file, issuer(folder).jwks()).unwrap();
        let config = format!(
            "[server]\nlisten = \"{address}\"\n\
             [database]\nurl = \"{}\"\n\
             [auth]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\njwks_file = \"{}\"\n",
            database.url(),
            jwks_file.display(),
        );
        let config_file = folder.join("usage.toml");
        fs::write(&config_file, config).unwrap();
        let program = std::env::current_exe().unwrap();
        let binary = program.ancestors().nth(2).unwrap().join("gazelle-usage");
        assert!(binary.exists(), "build {} first", binary.display());
        let mut command = Command::new(binary);
        command.arg("serve").arg("--config").arg(config_file);
        Self::start(command, address, folder).await
    }

    /// The baseline.
    pub async fn unnest(database: &Database<'_>) -> Self {
        let address = free_address();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .arg("--serve-unnest")
            .arg(database.owner_url())
            .env(crate::unnest::LISTEN, address.to_string());
        Self::start(command, address, database.folder()).await
    }

    async fn start(mut command: Command, address: SocketAddr, folder: &Path) -> Self {
        let log = File::create(folder.join("service.log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let started = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            assert!(
                started.elapsed() < WAIT && process.try_wait().unwrap().is_none(),
                "the service does not start: see {}",
                folder.join("service.log").display()
            );
            sleep(Duration::from_millis(20)).await;
        }
        Self {
            process,
            address,
            folder: folder.to_owned(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.process.id().unwrap()
    }

    /// A client of a platform, on a connection of its own.
    pub fn client(&self, platform: &str) -> Client {
        let url = format!("http://{}", self.address);
        let endpoints = Endpoints {
            registry: url.clone(),
            usage: url.clone(),
            settlement: url,
            ca_file: None,
        };
        let principal = Principal::Platform(PlatformId::parse(platform).unwrap());
        let bearer = Bearer::minted(issuer(&self.folder), principal, Clock::system());
        Client::new(&endpoints, &bearer).unwrap()
    }

    pub async fn stop(mut self, _: &Database<'_>) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        timeout(WAIT, self.process.wait()).await.unwrap().unwrap();
    }
}

fn issuer(folder: &Path) -> Issuer {
    Issuer::open(&folder.join("key"), ISSUER, AUDIENCE, Clock::system()).unwrap()
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
