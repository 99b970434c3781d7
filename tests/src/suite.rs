//! The whole suite in this process, on a PostgreSQL of its own and real sockets.
//!
//! Tests share one: each uses its own names, so that none disturbs another. A test that kills
//! something, or moves the time, starts one of its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::{fmt, thread};

use gazelle_cli::minted::minted;
use gazelle_cli::profile::{Endpoints, Home};
use gazelle_cli::up;
use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::runtime::Runtime;

use crate::leaks;
use crate::limit::Limit;

/// A running suite.
pub struct Suite {
    /// The folder of its data.
    pub home: Home,
    /// Where its services listen.
    pub endpoints: Endpoints,
    clock: Clock,
    running: up::Suite,
    _folder: Folder,
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

impl Suite {
    /// The suite that the tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<(Runtime, Suite, Limit)> = OnceLock::new();
        let start = || {
            // Services live longer than the runtime of the test that happens to come first.
            let runtime = Runtime::new().unwrap();
            let suite = runtime.block_on(Self::start(Clock::system()));
            (runtime, suite, Limit::of_all())
        };
        // A runtime can't be entered from within another: a thread of its own enters it.
        let (_, suite, _) = SHARED.get_or_init(|| thread::spawn(start).join().unwrap());
        suite
    }

    /// A suite of one's own.
    pub async fn start(clock: Clock) -> Self {
        leaks::keep_log();
        let folder = Folder::new();
        let home = Home::new(Some(folder.home())).unwrap();
        let options = up::Options {
            clock: clock.clone(),
            ..up::Options::default()
        };
        let running = up::Suite::start(&home, options).await.unwrap();
        Self {
            home,
            endpoints: running.endpoints.clone(),
            clock,
            running,
            _folder: folder,
        }
    }

    /// Drains and stops it.
    pub async fn stop(self) {
        self.running.stop().await.unwrap();
    }

    /// Clients that call as `principal`.
    #[must_use]
    pub fn client(&self, principal: Principal) -> Client {
        let issuer = self.home.open_issuer(principal.kind(), self.clock.clone());
        let bearer = minted(issuer.unwrap(), principal, self.clock.clone());
        Client::new(&self.endpoints, &bearer).unwrap()
    }

    /// What that caller's `authorization` says: a token for an hour.
    #[must_use]
    pub fn authorization(&self, caller: &Principal) -> String {
        let issuer = self.home.open_issuer(caller.kind(), self.clock.clone());
        let token = issuer.unwrap().mint(caller, time::Duration::HOUR).unwrap();
        format!("Bearer {token}")
    }

    /// Clients of a person.
    #[must_use]
    pub fn person(&self, subject: &str, roles: &[Role]) -> Client {
        self.client(person(subject, roles))
    }

    /// Clients of the registrar.
    #[must_use]
    pub fn registrar(&self) -> Client {
        self.person("registrar", &[Role::Registrar])
    }

    /// Clients of the officer.
    #[must_use]
    pub fn officer(&self) -> Client {
        self.person("officer", &[Role::Officer])
    }

    /// Clients of the approver.
    #[must_use]
    pub fn approver(&self) -> Client {
        self.person("approver", &[Role::Approver])
    }

    /// Clients of the auditor.
    #[must_use]
    pub fn auditor(&self) -> Client {
        self.person("auditor", &[Role::Auditor])
    }

    /// Clients of a platform.
    #[must_use]
    pub fn platform(&self, id: &str) -> Client {
        self.client(Principal::Platform(PlatformId::parse(id).unwrap()))
    }

    /// A session in a service's database, past the service.
    pub async fn database(&self, service: &str, role: &str) -> PgConnection {
        self.try_database(service, role).await.unwrap()
    }

    /// As [`database`](Self::database), where the server lets that role in. What does not log in,
    /// the service becomes.
    pub async fn try_database(&self, service: &str, role: &str) -> sqlx::Result<PgConnection> {
        let becomes = ["_writer", "_platform", "_staff"]
            .iter()
            .any(|kind| role.ends_with(kind));
        let login = format!("gazelle_{service}");
        let options = PgConnectOptions::new_without_pgpass()
            .socket(self.socket_folder())
            .username(if becomes { &login } else { role })
            .database(&login);
        let mut session = PgConnection::connect_with(&options).await?;
        if becomes {
            let set = format!("set role {role}");
            session.execute(AssertSqlSafe(set)).await?;
        }
        Ok(session)
    }

    /// How to reach the database of a service.
    #[must_use]
    pub fn database_url(&self, service: &str, role: &str) -> String {
        let folder = self.socket_folder();
        format!(
            "postgres://{role}@localhost/gazelle_{service}?host={}",
            folder.display()
        )
    }

    /// As the server wrote it down: not always inside the home.
    fn socket_folder(&self) -> PathBuf {
        let file = self.home.folder().join("data/postmaster.pid");
        let content = fs::read_to_string(file).unwrap();
        content.lines().nth(4).unwrap().into()
    }
}

/// A person with these roles.
#[must_use]
pub fn person(subject: &str, roles: &[Role]) -> Principal {
    Principal::Person {
        subject: subject.to_owned(),
        roles: roles.to_vec(),
    }
}

/// A folder for a home, removed once nobody needs it: when it is dropped, or at the end of this
/// process, however that comes; what PostgreSQL logged is kept before. Somebody outside has to do
/// it, since a database that ends with this process outlives it by a moment. As long as it is held
/// the test that made it has its limit.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    remover: Child,
    _limit: Option<Limit>,
}

/// Waits for the end of its input, then for the database to be gone, 30 s at most.
const REMOVE: &str = r#"
read -r _
[ ! -e "$1/home/postgres.log" ] || cp "$1/home/postgres.log" "$2"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    [ -e "$1/home/data/postmaster.pid" ] || rm -rf "$1"
    [ -e "$1" ] || exit 0
    sleep 1
done
rm -rf "$1"
"#;

impl Folder {
    /// A new one, that the server's user may enter.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it makes a folder, which no default should"
    )]
    pub fn new() -> Self {
        let path = tempfile::Builder::new()
            .prefix("gazelle-")
            .tempdir()
            .unwrap()
            .keep();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let name = Path::new(path.file_name().unwrap());
        let remover = Command::new("sh")
            .args(["-c", REMOVE, "remove"])
            .arg(&path)
            .arg(leaks::file(&format!("{}-postgres.log", name.display())))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C ends the tests, not this.
            .process_group(0)
            .spawn()
            .unwrap();
        Self {
            path,
            remover,
            _limit: Limit::of_test(),
        }
    }

    /// Where the home goes.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// A file beside the home.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The end of its input is the sign.
        drop(self.remover.stdin.take());
    }
}
