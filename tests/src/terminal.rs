//! A terminal, and somebody who answers at it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest wait for a command.
const COMMAND_WAIT: Duration = Duration::from_mins(1);

/// Runs a command at a terminal of so many columns, where `answer` is typed. Returns its exit code,
/// and what the terminal shows: both of its outputs, and what was typed.
pub async fn at_terminal(columns: u16, command: &Command, answer: &str) -> (i32, String) {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| format!("'{}'", word.to_str().unwrap()));
    let line = quoted.collect::<Vec<_>>().join(" ");
    // Of util-linux, which every Debian has.
    let mut terminal = Command::new("script");
    terminal
        .args(["--quiet", "--return", "--command"])
        .arg(format!("stty cols {columns}; exec {line}"))
        .arg("/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let mut child = terminal.spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(answer.as_bytes()).await.unwrap();
    let output = timeout(COMMAND_WAIT, child.wait_with_output()).await;
    drop(typed);
    let output = output.expect("an end in time").unwrap();
    let code = output.status.code().unwrap_or(-1);
    (code, String::from_utf8(output.stdout).unwrap())
}
