//! What is not ours and written in Python: the interpreter for it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

/// The folder of the project.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// The interpreter of `deploy/dev/python`, which makes it where there is none.
pub async fn python() -> PathBuf {
    let made = Command::new(root().join("deploy/dev/python"))
        .stderr(Stdio::inherit())
        .output()
        .await
        .unwrap();
    assert!(made.status.success(), "see above what is missing");
    String::from_utf8(made.stdout).unwrap().trim().into()
}
