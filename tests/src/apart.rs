//! The three services as processes of their own, configured by the samples in `deploy/config`.

use std::fs;
use std::fs::Permissions;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use gazelle_cli::embedded::Postgres;
use gazelle_cli::minted::minted;
use gazelle_cli::profile::{Credential, Endpoints, Home, Place, Profile};
use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::WAIT;
use crate::authority::{Authority, server, workload, write};
use crate::binary::{self, Ran};
use crate::leaks;
use crate::raw::Raw;
use crate::running::Running;
use crate::suite::{Folder, person};

/// The services, in the order of their arrows.
pub const SERVICES: [&str; 3] = ["registry", "usage", "settlement"];

/// A database, keys and configurations; processes are started on them.
#[derive(Debug)]
pub struct Apart {
    folder: Folder,
    /// Who vouches for the services.
    pub servers: Authority,
    /// Who vouches for their clients.
    pub clients: Authority,
    postgres: Option<Postgres>,
    /// Where the services listen, unless told otherwise.
    pub addresses: [SocketAddr; 3],
    admins: [SocketAddr; 3],
}

/// A loopback address of this process alone: tests of several working trees run side by side, and
/// a port that was free a moment ago must not be another's by the time a service takes it.
#[must_use]
pub fn own_ip() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 64 | (high & 63), middle, low)
}

/// An address that is free, and that nobody else of this process is given. Below the ports that
/// the system takes for outgoing connections, so that none of those takes it either.
#[must_use]
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = 20_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 12_000;
        if let Ok(listener) = TcpListener::bind((own_ip(), port)) {
            return listener.local_addr().unwrap();
        }
    }
}

fn position(service: &str) -> usize {
    SERVICES.iter().position(|it| *it == service).unwrap()
}

/// A verb of a service on another configuration. Settings override the file, as
/// `SECTION__KEY`.
#[must_use]
pub fn command_with(
    config: &Path,
    service: &str,
    verb: &str,
    settings: &[(&str, &str)],
) -> Command {
    let mut command = Command::new(binary::path().with_file_name(format!("gazelle-{service}")));
    command
        .arg(verb)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let prefix = format!("GAZELLE_{}__", service.to_uppercase());
    for (key, value) in settings {
        command.env(format!("{prefix}{key}"), value);
    }
    command
}

impl Apart {
    /// Databases with their tables, and nothing that runs.
    pub async fn new() -> Self {
        let folder = Folder::new();
        fs::create_dir(folder.home()).unwrap();
        let mut apart = Self {
            folder,
            servers: Authority::new("servers"),
            clients: Authority::new("clients"),
            postgres: None,
            addresses: std::array::from_fn(|_| free_address()),
            admins: std::array::from_fn(|_| free_address()),
        };
        apart.start_database().await;
        apart.write_certificates();
        for (issuer, file) in [("identity", "jwks.json"), ("workloads", "workloads.json")] {
            fs::write(apart.folder.file(file), apart.issuer_named(issuer).jwks()).unwrap();
        }
        fs::write(apart.folder.file("revoked"), "").unwrap();
        let settlement = Principal::Service("settlement".to_owned());
        let token = apart
            .issuer(&settlement)
            .mint(&settlement, time::Duration::hours(1));
        fs::write(apart.folder.file("token"), token.unwrap()).unwrap();
        for service in SERVICES {
            let text = apart.configuration(service);
            fs::write(apart.folder.file(&format!("{service}.toml")), text).unwrap();
            let database = format!("gazelle_{service}");
            let postgres = apart.postgres.as_ref().unwrap();
            let owner = format!("{database}_owner");
            let ensured = postgres.ensure_database(&database, &owner, &database).await;
            ensured.unwrap();
            for verb in ["check", "migrate"] {
                let ran = apart.run(service, verb, &[]).await;
                assert_eq!(ran.code, 0, "{service} {verb}: {ran:?}");
            }
        }
        apart
    }

    /// What the services show, whom they believe, and what settlement shows to the others.
    fn write_certificates(&self) {
        let shown = server("all", own_ip().into());
        self.servers.certify(shown).write(&self.file("tls.pem"));
        write(&self.file("peers-ca.pem"), &self.servers.pem);
        let settlement = self.clients.certify(workload("service/settlement"));
        settlement.write(&self.file("peers.pem"));
        write(&self.file("clients-ca.pem"), &self.clients.pem);
        let list = self.clients.revoked(&[]);
        write(&self.file("clients-crl.pem"), &list);
    }

    /// Starts the database.
    pub async fn start_database(&mut self) {
        self.start_database_with(&[]).await;
    }

    /// Starts the database with settings of PostgreSQL's.
    pub async fn start_database_with(&mut self, settings: &[(&str, &str)]) {
        let started = Postgres::start_with(&self.folder.home(), settings).await;
        self.postgres = Some(started.unwrap());
    }

    /// Hands a file to the user that the database runs as, and to nobody else.
    pub fn give_to_database(&self, file: &Path) {
        let data = fs::metadata(self.folder.home().join("data")).unwrap();
        fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
        chown(file, Some(data.uid()), Some(data.gid())).unwrap();
    }

    /// Stops the database, whoever uses it.
    pub async fn stop_database(&mut self) {
        self.postgres.take().unwrap().stop().await.unwrap();
    }

    /// How to reach the database of a service.
    #[must_use]
    pub fn database_url(&self, service: &str, role: &str) -> String {
        let postgres = self.postgres.as_ref().unwrap();
        postgres.url(&format!("gazelle_{service}"), role)
    }

    /// A file beside the database.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.file(name)
    }

    /// A certificate of a platform, with its key in the same file.
    #[must_use]
    pub fn certified_platform(&self, id: &str) -> PathBuf {
        let file = self.file(&format!("{id}.pem"));
        let certified = self.clients.certify(workload(&format!("platform/{id}")));
        certified.write(&file);
        file
    }

    /// Who signs for that caller, by the samples: people have another issuer than workloads.
    #[must_use]
    pub fn issuer(&self, principal: &Principal) -> Issuer {
        self.issuer_named(match principal {
            Principal::Person { .. } => "identity",
            Principal::Platform(_) | Principal::Service(_) => "workloads",
        })
    }

    fn issuer_named(&self, name: &str) -> Issuer {
        let key = self.folder.file(&format!("{name}.der"));
        let issuer = format!("https://{name}.example");
        Issuer::open(&key, &issuer, "gazelle", Clock::system()).unwrap()
    }

    /// The sample of a service, with the names of this place in it.
    fn configuration(&self, service: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let sample = root.join(format!("deploy/config/{service}.toml"));
        let mut text = fs::read_to_string(sample).unwrap();
        let database = format!("gazelle_{service}");
        let owner = format!("{database}_owner");
        let at = |name| self.addresses[position(name)];
        let mut put = |name: &str, value: &str| {
            assert!(text.contains(name), "the sample of {service} has no {name}");
            text = text.replace(name, value);
        };
        let port = 7001 + position(service);
        put(&format!("0.0.0.0:{port}"), &at(service).to_string());
        let admin = self.admins[position(service)].to_string();
        put(&format!("0.0.0.0:{}", port + 1000), &admin);
        for role in [&database, &owner] {
            let url = format!("\"postgres://{role}@localhost/{database}\"");
            put(&url, &format!("\"{}\"", self.database_url(service, role)));
        }
        let file = |name: &str| self.folder.file(name).display().to_string();
        put("/etc/gazelle/jwks.json", &file("jwks.json"));
        put("/etc/gazelle/workloads.json", &file("workloads.json"));
        if service == "settlement" {
            let peers = format!("\nca_file = \"{}\"", file("peers-ca.pem"));
            put("\nca_file = \"/etc/gazelle/clients-ca.crt\"", &peers);
        }
        for (name, here) in [
            ("tls.crt", "tls.pem"),
            ("tls.key", "tls.pem"),
            ("clients-ca.crt", "clients-ca.pem"),
            ("clients.crl", "clients-crl.pem"),
        ] {
            put(&format!("/etc/gazelle/{name}"), &file(here));
        }
        put("#crl_files = ", "crl_files = ");
        if service == "settlement" {
            for name in ["client.crt", "client.key"] {
                put(&format!("/etc/gazelle/{name}"), &file("peers.pem"));
            }
            put(
                "#token_file = \"/etc/gazelle/token\"",
                &format!("token_file = \"{}\"", file("token")),
            );
            put(
                "https://registry:7001",
                &format!("https://{}", at("registry")),
            );
            put("https://usage:7002", &format!("https://{}", at("usage")));
        }
        text
    }

    fn command(&self, service: &str, verb: &str, settings: &[(&str, &str)]) -> Command {
        let file = self.folder.file(&format!("{service}.toml"));
        command_with(&file, service, verb, settings)
    }

    /// Runs a verb to its end. Settings override the file, as `SECTION__KEY`.
    pub async fn run(&self, service: &str, verb: &str, settings: &[(&str, &str)]) -> Ran {
        binary::run(self.command(service, verb, settings)).await
    }

    /// Has a service look at what may be done with its database.
    pub async fn check_database(&self, service: &str, settings: &[(&str, &str)]) -> Ran {
        let mut command = self.command(service, "check", settings);
        command.arg("--database");
        binary::run(command).await
    }

    /// Starts a service, and waits until it is ready.
    pub async fn serve(&self, service: &str, settings: &[(&str, &str)]) -> Running {
        let running = self.spawn(service, settings);
        running.readyz(200).await;
        running
    }

    /// Starts a service, which may not be ready for long.
    #[must_use]
    pub fn spawn(&self, service: &str, settings: &[(&str, &str)]) -> Running {
        self.start(service, self.command(service, "serve", settings), settings)
    }

    fn start(&self, service: &str, mut command: Command, settings: &[(&str, &str)]) -> Running {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_file(service))
            .unwrap();
        let child = command.stderr(log).spawn();
        let set = |key: &str, default: SocketAddr| {
            let setting = settings.iter().find(|(name, _)| *name == key);
            setting.map_or(default, |(_, value)| value.parse().unwrap())
        };
        let address = set("SERVER__LISTEN", self.addresses[position(service)]);
        let admin = set("ADMIN__LISTEN", self.admins[position(service)]);
        Running::new(child.unwrap(), address, admin)
    }

    /// Starts a service that the system gives so many descriptors and no more, and waits until it
    /// is ready.
    pub async fn serve_with_descriptors(&self, service: &str, count: usize) -> Running {
        let inner = self.command(service, "serve", &[]);
        let inner = inner.as_std();
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit -n {count}; exec \"$0\" \"$@\"")])
            .arg(inner.get_program())
            .args(inner.get_args())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let running = self.start(service, command, &[]);
        running.readyz(200).await;
        running
    }

    fn log_file(&self, service: &str) -> PathBuf {
        let name = self.folder.path().file_name().unwrap().to_string_lossy();
        leaks::file(&format!("{name}-{service}.log"))
    }

    /// What a service has logged so far.
    #[must_use]
    pub fn log(&self, service: &str) -> String {
        fs::read_to_string(self.log_file(service)).unwrap()
    }

    /// Waits until a service has logged that text.
    pub async fn logged(&self, service: &str, text: &str) {
        let wait = async {
            while !self.log(service).contains(text) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(WAIT, wait).await.expect("a line in time");
    }

    /// Has the databases write, or only read, as those do that have become replicas.
    pub async fn let_write(&self, writes: bool) {
        let url = self.database_url("registry", "postgres");
        let mut superuser = PgConnection::connect(&url).await.unwrap();
        superuser
            .execute("set session characteristics as transaction read write")
            .await
            .unwrap();
        let set = if writes {
            "alter system reset default_transaction_read_only"
        } else {
            "alter system set default_transaction_read_only = on"
        };
        superuser.execute(set).await.unwrap();
        superuser.execute("select pg_reload_conf()").await.unwrap();
    }

    /// Clients that call as `principal`.
    #[must_use]
    pub fn client(&self, principal: Principal) -> Client {
        self.client_of_usage(principal, self.addresses[position("usage")])
    }

    /// Clients of one of several usage services.
    #[must_use]
    pub fn client_of_usage(&self, principal: Principal, usage: SocketAddr) -> Client {
        let bearer = minted(self.issuer(&principal), principal, Clock::system());
        Client::new(&self.endpoints(usage), &bearer).unwrap()
    }

    /// A profile of the command line that acts as `principal`; returns its home.
    #[must_use]
    pub fn profile(&self, name: &str, principal: &Principal) -> PathBuf {
        let token = self
            .issuer(principal)
            .mint(principal, time::Duration::hours(1));
        let token_file = self.folder.file(&format!("{name}.token"));
        fs::write(&token_file, token.unwrap()).unwrap();
        let profile = Profile {
            subject: name.to_owned(),
            roles: Vec::new(),
            endpoints: Place::Urls(self.endpoints(self.addresses[position("usage")])),
            credential: Credential::TokenFile(token_file),
        };
        let home = Home::new(Some(self.folder.home())).unwrap();
        home.save_profile(name, &profile).unwrap();
        self.folder.home()
    }

    /// Where the services listen, and who vouches for them.
    #[must_use]
    pub fn endpoints(&self, usage: SocketAddr) -> Endpoints {
        let url = |address: SocketAddr| format!("https://{address}");
        Endpoints {
            registry: url(self.addresses[position("registry")]),
            usage: url(usage),
            settlement: url(self.addresses[position("settlement")]),
            ca_file: Some(self.folder.file("peers-ca.pem")),
            certificate_file: None,
            key_file: None,
        }
    }

    /// Calls by path.
    #[must_use]
    pub fn raw(&self) -> Raw {
        Raw::new(&self.all_endpoints())
    }

    /// Where all services listen.
    #[must_use]
    pub fn all_endpoints(&self) -> Endpoints {
        self.endpoints(self.addresses[position("usage")])
    }

    /// Clients of a platform.
    #[must_use]
    pub fn platform(&self, id: &str) -> Client {
        self.client(Principal::Platform(PlatformId::parse(id).unwrap()))
    }

    /// Clients of the officer.
    #[must_use]
    pub fn officer(&self) -> Client {
        self.client(person("officer", &[Role::Officer]))
    }
}
