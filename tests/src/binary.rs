//! The `gazelle` binary, as its users run it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::WAIT;

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

impl Ran {
    /// The JSON that it printed.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Sees that it was refused as CLI refusals are: exit 1, and one line with the reason.
    #[track_caller]
    pub fn refused(&self, reason: &str) {
        assert_eq!(self.code, 1, "{self:?}");
        let line = self.stderr.strip_suffix('\n').unwrap_or_default();
        let expected = format!("error: {reason}: ");
        assert!(
            line.starts_with(&expected) && !line.contains('\n'),
            "{self:?}"
        );
    }

    /// Sees that it said something of that digest before all else, and hands on the rest.
    #[track_caller]
    #[must_use]
    pub fn shows_first(mut self, digest: &str) -> Self {
        let line = self.stderr.find(digest);
        let end = line.and_then(|at| self.stderr[at..].find('\n').map(|end| at + end + 1));
        let end = end.unwrap_or_else(|| panic!("no {digest}: {self:?}"));
        let shown: String = self.stderr.drain(..end).collect();
        assert!(!shown.contains("error: "), "{shown}");
        self
    }

    /// Sees that all was done, and hands on what was printed.
    #[track_caller]
    #[must_use]
    pub fn done(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:?}");
        self
    }
}

/// The binary beside the test binary: of the same profile, and built before.
#[must_use]
pub fn path() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).unwrap();
    let binary = folder.join("gazelle");
    assert!(
        binary.exists(),
        "there is no {}: build it first, with `cargo build --workspace --bins` (and --release if \
         the tests are)",
        binary.display()
    );
    binary
}

/// Whether the binaries are optimised; what is not takes ten times as long for much.
#[must_use]
pub fn is_optimised() -> bool {
    !path().parent().unwrap().ends_with("debug")
}

/// A command on `home`, by `profile`; arguments are split at spaces.
#[must_use]
pub fn command(home: &Path, profile: &str, arguments: &str) -> Command {
    let mut command = Command::new(path());
    command
        .arg("--home")
        .arg(home)
        .args(["--as", profile])
        .args(arguments.split(' '))
        .env_remove("GAZELLE_HOME")
        .env_remove("GAZELLE_AS")
        .env_remove("GAZELLE_DATABASE_URL")
        // Whatever language the machine speaks.
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub async fn run(mut command: Command) -> Ran {
    finish(command.spawn().unwrap()).await
}

/// Waits for a command's end.
pub async fn finish(child: Child) -> Ran {
    let output = timeout(WAIT, child.wait_with_output()).await;
    let output = output.expect("an end in time").unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
