//! `gazelle up` as a process of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gazelle_cli::minted::minted;
use gazelle_cli::profile::Home;
use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use crate::WAIT;
use crate::binary::{Ran, command, finish, run};
use crate::leaks;
use crate::suite::{Folder, person};

/// A home, on which `gazelle up` is started and killed.
#[derive(Debug)]
pub struct Machine {
    /// Where the home is.
    pub folder: Folder,
}

impl Machine {
    /// A home without anything.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it makes a folder, which no default should"
    )]
    pub fn new() -> Self {
        Self {
            folder: Folder::new(),
        }
    }

    /// Starts the suite, and waits until it serves.
    pub async fn up(&self) -> Child {
        self.up_with(&[]).await
    }

    /// As [`up`](Self::up), from a shell that has these variables.
    pub async fn up_with(&self, variables: &[(&str, &str)]) -> Child {
        let mut up = command(&self.folder.home(), "admin", "up");
        up.envs(variables.iter().copied());
        let log = || {
            fs::File::options()
                .create(true)
                .append(true)
                .open(self.log())
                .unwrap()
        };
        let child = up.stdout(log()).stderr(log()).spawn().unwrap();
        let _ = run(command(&self.folder.home(), "auditor", "status --wait 50"))
            .await
            .done();
        child
    }

    fn log(&self) -> PathBuf {
        let name = self.folder.path().file_name().unwrap().to_string_lossy();
        leaks::file(&format!("{name}-up.log"))
    }

    /// Waits until the suite has logged that.
    pub async fn logged(&self, what: &str) {
        let started = Instant::now();
        while !fs::read_to_string(self.log()).unwrap().contains(what) {
            assert!(started.elapsed() < WAIT, "never logged: {what}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn client(&self, principal: Principal) -> Client {
        let home = Home::new(Some(self.folder.home())).unwrap();
        let issuer = home.open_issuer(principal.kind(), Clock::system()).unwrap();
        let bearer = minted(issuer, principal, Clock::system());
        Client::new(&home.home_endpoints().unwrap(), &bearer).unwrap()
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

    /// Waits until that many servers run on the home.
    pub async fn wait_for_servers(&self, count: usize) {
        let started = Instant::now();
        while servers_of(&self.folder.home()) != count {
            assert!(
                started.elapsed() < WAIT,
                "{} servers",
                servers_of(&self.folder.home())
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// How many PostgreSQL servers were started for a home.
#[must_use]
pub fn servers_of(home: &Path) -> usize {
    server_pids(home).len()
}

/// Kills the servers of a home, as they stand.
pub fn kill_servers(home: &Path) {
    for pid in server_pids(home) {
        // It may have ended by itself meanwhile.
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn server_pids(home: &Path) -> Vec<Pid> {
    let data = home.join("data");
    let is_server = |cmdline: &[u8]| {
        let mut arguments = cmdline.split(|&byte| byte == 0);
        let program = arguments.next().unwrap_or_default();
        program.ends_with(b"/postgres")
            && arguments.any(|argument| argument == data.as_os_str().as_encoded_bytes())
    };
    let processes = fs::read_dir("/proc").unwrap();
    let servers = processes.filter_map(|entry| {
        let folder = entry.ok()?.path();
        let cmdline = fs::read(folder.join("cmdline")).ok()?;
        let number = folder.file_name()?.to_str()?.parse().ok()?;
        is_server(&cmdline).then(|| Pid::from_raw(number)).flatten()
    });
    servers.collect()
}

/// Sends SIGTERM to a process, and waits for its end.
pub async fn terminate(child: Child) -> Ran {
    let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    finish(child).await
}
