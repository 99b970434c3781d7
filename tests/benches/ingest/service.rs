//! The services, each in a process of its own, and clients of them.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use gazelle_cli::minted::minted;
use gazelle_cli::profile::Endpoints;
use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_tests::authority::{Authority, DOMAIN, server, workload, write};
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::server::Database;

const ISSUER: &str = "bench";
const AUDIENCE: &str = "gazelle";

/// Longest wait for a start or a stop.
const WAIT: Duration = Duration::from_secs(30);

/// How long a service's token lives: longer than the benchmark.
const TOKEN_LIFETIME: time::Duration = time::Duration::hours(12);

/// A running service.
#[derive(Debug)]
pub struct Service {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
    /// Who vouches for the service, and for its clients.
    authority: Option<Authority>,
}

impl Service {
    /// The usage service, configured by default.
    pub async fn usage(database: &Database<'_>) -> Result<Self> {
        Self::suite("usage", database, "").await
    }

    /// The same over TLS, to clients that show certificates.
    pub async fn usage_by_certificates(database: &Database<'_>) -> Result<Self> {
        let folder = database.folder();
        let authority = Authority::new("bench");
        let shown = server("usage", Ipv4Addr::LOCALHOST.into());
        authority.certify(shown).write(&folder.join("tls.pem"));
        write(&folder.join("ca.pem"), &authority.pem);
        let (shown, believed) = (folder.join("tls.pem"), folder.join("ca.pem"));
        let tls = format!(
            "[server.tls]\ncertificate_file = \"{shown}\"\nkey_file = \"{shown}\"\n\
             client_ca_file = \"{}\"\ntrust_domain = \"{DOMAIN}\"\n",
            believed.display(),
            shown = shown.display(),
        );
        let service = Self::suite_over("usage", database, &tls, "").await?;
        Ok(Self {
            authority: Some(authority),
            ..service
        })
    }

    /// The registry, whose tables are made first.
    pub async fn registry(database: &Database<'_>) -> Result<Self> {
        Self::suite("registry", database, "").await
    }

    /// Settlement, which reads from these two.
    pub async fn settlement(
        database: &Database<'_>,
        registry: &Self,
        usage: &Self,
    ) -> Result<Self> {
        let token_file = database.folder().join("settlement.token");
        let principal = Principal::Service("settlement".to_owned());
        let token = issuer(database.folder())?.mint(&principal, TOKEN_LIFETIME)?;
        fs::write(&token_file, token)?;
        let token_file = token_file.display();
        let peer = |url| format!("url = \"{url}\"\ntoken_file = \"{token_file}\"\n");
        let peers = format!(
            "[peers.registry]\n{}[[peers.usage]]\n{}",
            peer(registry.url()),
            peer(usage.url())
        );
        Self::suite("settlement", database, &peers).await
    }

    async fn suite(name: &'static str, database: &Database<'_>, more: &str) -> Result<Self> {
        Self::suite_over(name, database, "plaintext = true\n", more).await
    }

    async fn suite_over(
        name: &'static str,
        database: &Database<'_>,
        transport: &str,
        more: &str,
    ) -> Result<Self> {
        let folder = database.folder();
        let address = free_address()?;
        let jwks_file = folder.join("jwks.json");
        fs::write(&jwks_file, issuer(folder)?.jwks())?;
        let config = format!(
            "[server]\nlisten = \"{address}\"\n{transport}\
             [database]\nurl = \"{}\"\nowner_url = \"{}\"\n\
             [auth]\naudience = \"{AUDIENCE}\"\n\
             [[auth.issuers]]\nissuer = \"{ISSUER}\"\njwks_file = \"{}\"\n\
             signs_for = [\"people\", \"platforms\", \"services\"]\n{more}",
            database.url(),
            database.owner_url(),
            jwks_file.display(),
        );
        let config_file = folder.join(format!("{name}.toml"));
        fs::write(&config_file, config)?;
        let program = std::env::current_exe()?;
        let binary = program.ancestors().nth(2).context("no target folder")?;
        let binary = binary.join(format!("gazelle-{name}"));
        ensure!(binary.exists(), "build {} first", binary.display());
        let command = |verb| {
            let mut command = Command::new(&binary);
            command.arg(verb).arg("--config").arg(&config_file);
            command
        };
        let migrated = command("migrate").output().await?;
        ensure!(
            migrated.status.success(),
            "gazelle-{name} migrate: {}",
            String::from_utf8_lossy(&[migrated.stdout, migrated.stderr].concat()).trim()
        );
        Self::start(name, command("serve"), address, folder).await
    }

    /// The baseline: rows as arrays, unnested.
    pub async fn unnest(database: &Database<'_>) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("--serve-unnest")
            .arg(database.superuser_url())
            .env(crate::unnest::LISTEN, address.to_string());
        Self::start("unnest", command, address, database.folder()).await
    }

    async fn start(
        name: &str,
        mut command: Command,
        address: SocketAddr,
        folder: &Path,
    ) -> Result<Self> {
        let log_file = folder.join(format!("{name}.log"));
        let log = File::create(&log_file)?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        let mut process = command.spawn()?;
        let started = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if started.elapsed() > WAIT || process.try_wait()?.is_some() {
                let said = fs::read_to_string(&log_file).unwrap_or_default();
                return Err(anyhow!("{name} does not start: {}", said.trim()));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(Self {
            process,
            address,
            folder: folder.to_owned(),
            authority: None,
        })
    }

    /// The number of its process.
    pub fn pid(&self) -> Result<u32> {
        self.process.id().context("a service has ended")
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        let scheme = self.authority.as_ref().map_or("http", |_| "https");
        format!("{scheme}://{}", self.address)
    }

    /// A client of a platform, on a connection of its own.
    pub fn platform(&self, platform: &str) -> Result<Client> {
        let platform = PlatformId::parse(platform)?;
        self.client(Principal::Platform(platform))
    }

    /// A client of a person, on a connection of its own.
    pub fn person(&self, role: Role) -> Result<Client> {
        self.client(Principal::Person {
            subject: role.as_str().to_owned(),
            roles: vec![role],
        })
    }

    fn client(&self, principal: Principal) -> Result<Client> {
        let certificate = self.certify(&principal);
        let endpoints = Endpoints {
            registry: self.url(),
            usage: self.url(),
            settlement: self.url(),
            ca_file: self.authority.as_ref().map(|_| self.folder.join("ca.pem")),
            certificate_file: certificate.clone(),
            key_file: certificate,
        };
        let bearer = minted(issuer(&self.folder)?, principal, Clock::system());
        Client::new(&endpoints, &bearer).map_err(|failure| anyhow!("{failure}"))
    }

    /// A certificate of a platform, where certificates are shown.
    fn certify(&self, principal: &Principal) -> Option<PathBuf> {
        let (Some(authority), Principal::Platform(id)) = (&self.authority, principal) else {
            return None;
        };
        let file = self.folder.join(format!("{id}.pem"));
        authority
            .certify(workload(&format!("platform/{id}")))
            .write(&file);
        Some(file)
    }

    /// Drains and stops it.
    pub async fn stop(mut self) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.pid()?)?).context("a service has ended")?;
        kill_process(pid, Signal::TERM)?;
        let ended = timeout(WAIT, self.process.wait()).await;
        ended.context("a service does not stop")??;
        Ok(())
    }
}

fn issuer(folder: &Path) -> Result<Issuer> {
    let key = folder.join("key");
    Ok(Issuer::open(&key, ISSUER, AUDIENCE, Clock::system())?)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
