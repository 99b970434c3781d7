//! A settlement service as a process of its own beside a suite, whose database, registry and usage
//! it has.

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;

use gazelle_cli::minted::minted;
use gazelle_cli::profile::{AUDIENCE, Endpoints, issuer_name};
use gazelle_client::{Bearer, Client};
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::Kind;

use crate::apart::{command_with, free_address};
use crate::running::Running;
use crate::suite::{Folder, Suite, person};

/// Where such a service is configured; it is started and killed.
#[derive(Debug)]
pub struct Beside<'a> {
    /// The suite that it stands beside.
    pub suite: &'a Suite,
    folder: Folder,
    address: SocketAddr,
    admin: SocketAddr,
}

impl<'a> Beside<'a> {
    /// Its configuration, on addresses of its own.
    #[must_use]
    pub fn new(suite: &'a Suite) -> Self {
        let beside = Self {
            suite,
            folder: Folder::new(),
            address: free_address(),
            admin: free_address(),
        };
        let service = Principal::Service("settlement".to_owned());
        let signer = beside.issuer(Kind::Services);
        let token = signer.mint(&service, time::Duration::hours(1)).unwrap();
        fs::write(beside.folder.file("token"), token).unwrap();
        let people = beside.issuer(Kind::People).jwks();
        fs::write(beside.folder.file("jwks.json"), people).unwrap();
        let config = beside.configuration();
        fs::write(beside.folder.file("settlement.toml"), config).unwrap();
        beside
    }

    fn issuer(&self, kind: Kind) -> Issuer {
        self.suite.home.open_issuer(kind, Clock::system()).unwrap()
    }

    fn configuration(&self) -> String {
        let file = |name: &str| self.folder.file(name).display().to_string();
        let endpoints = &self.suite.endpoints;
        let ca_file = endpoints.ca_file.as_ref().unwrap().display();
        let (token_file, issuer) = (file("token"), issuer_name(Kind::People));
        let peer = |url: &str| {
            format!("url = \"{url}\"\nca_file = \"{ca_file}\"\ntoken_file = \"{token_file}\"\n")
        };
        format!(
            "[server]\nlisten = \"{}\"\nplaintext = true\n\
             [admin]\nlisten = \"{}\"\n\
             [database]\nurl = \"{}\"\n\
             [auth]\naudience = \"{AUDIENCE}\"\n\
             [[auth.issuers]]\nissuer = \"{issuer}\"\njwks_file = \"{}\"\n\
             signs_for = [\"people\"]\n\
             [peers.registry]\n{}[[peers.usage]]\n{}\
             [payer]\naccount_name = \"杭州市财政局\"\naccount_number = \"3300-0000-0000-0001\"\n\
             bank_code = \"102331002026\"\n",
            self.address,
            self.admin,
            self.suite.database_url("settlement", "gazelle_settlement"),
            file("jwks.json"),
            peer(&endpoints.registry),
            peer(&endpoints.usage),
        )
    }

    /// Starts it, and waits until it is ready.
    pub async fn start(&self) -> Running {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.file("settlement.log"))
            .unwrap();
        let config = self.folder.file("settlement.toml");
        let mut serve = command_with(&config, "settlement", "serve", &[]);
        let child = serve.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let running = Running::of(child, self.admin);
        running.readyz(200).await;
        running
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a person shows.
    #[must_use]
    pub fn bearer(&self, role: Role) -> Bearer {
        let principal = person(role.as_str(), &[role]);
        minted(self.issuer(Kind::People), principal, Clock::system())
    }

    /// Clients of a person, on a connection of their own.
    #[must_use]
    pub fn person(&self, role: Role) -> Client {
        let url = self.url();
        let endpoints = Endpoints {
            registry: url.clone(),
            usage: url.clone(),
            settlement: url,
            ca_file: None,
            certificate_file: None,
            key_file: None,
        };
        Client::new(&endpoints, &self.bearer(role)).unwrap()
    }
}
