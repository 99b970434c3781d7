//! A terminal, and somebody who answers at it.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use crate::WAIT;

/// Runs a command at a terminal of so many columns, where `answer` is typed. Returns its exit code,
/// and what the terminal shows: both of its outputs, and what was typed.
pub async fn at_terminal(columns: u16, command: &Command, answer: &str) -> (i32, String) {
    let mut child = terminal(columns, command).spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(answer.as_bytes()).await.unwrap();
    let output = timeout(WAIT, child.wait_with_output()).await;
    drop(typed);
    let output = output.expect("an end in time").unwrap();
    let code = output.status.code().unwrap_or(-1);
    (code, String::from_utf8(output.stdout).unwrap())
}

/// The same, where `answer` is typed after something else happened while `question` was asked.
pub async fn at_terminal_after(
    command: &Command,
    question: &str,
    meanwhile: impl Future<Output = ()>,
    answer: &str,
) -> (i32, String) {
    let mut child = terminal(120, command).spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    let mut shown = child.stdout.take().unwrap();
    let whole = async {
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(question) {
            let more = shown.read_buf(&mut seen).await.unwrap();
            assert!(more > 0, "{}", String::from_utf8_lossy(&seen));
        }
        meanwhile.await;
        typed.write_all(answer.as_bytes()).await.unwrap();
        shown.read_to_end(&mut seen).await.unwrap();
        (child.wait().await.unwrap(), seen)
    };
    let (status, seen) = timeout(WAIT, whole).await.expect("an end in time");
    (
        status.code().unwrap_or(-1),
        String::from_utf8(seen).unwrap(),
    )
}

fn terminal(columns: u16, command: &Command) -> Command {
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
    terminal
}
