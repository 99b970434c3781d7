//! The server as a process that cannot outlive this one.

use std::{
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{sync::oneshot, sync::watch, time::timeout};

use super::EmbeddedError;

/// For a fast shutdown: sessions are ended and everything is written out.
const FAST_WAIT: Duration = Duration::from_secs(30);

/// For an immediate one, after which the next start recovers from the log.
const IMMEDIATE_WAIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Process {
    pid: Pid,
    /// How it ended, once it has.
    exit: watch::Receiver<Option<String>>,
}

impl Process {
    /// Starts `server`, which must ask for a signal at its parent's death. The parent that counts
    /// for it is the thread that starts it, so a thread of its own does, and stays as long as the
    /// server does.
    pub(super) async fn launch(mut server: Command) -> Result<Self, EmbeddedError> {
        let program = server.get_program().to_string_lossy().into_owned();
        let failed = |source| EmbeddedError::Program {
            program: program.clone(),
            source,
        };
        let (started, start) = oneshot::channel();
        let (ended, exit) = watch::channel(None);
        thread::Builder::new()
            .name("postgres".into())
            .spawn(move || match server.spawn() {
                Ok(mut child) => {
                    let pid = Pid::from_child(&child);
                    if started.send(Ok(pid)).is_err() {
                        // Nobody waits for it any more.
                        let _ = kill_process(pid, Signal::INT);
                    }
                    let _ = ended.send(Some(wait_for(&mut child)));
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            })
            .map_err(failed)?;
        let pid = start
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("the thread of the server is gone")))
            .map_err(failed)?;
        Ok(Self { pid, exit })
    }

    pub(super) fn is_running(&self) -> bool {
        self.exit.borrow().is_none()
    }

    pub(super) async fn exited(&self) -> String {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await;
        ended.map_or_else(
            |_| "unknown".into(),
            |status| status.clone().unwrap_or_default(),
        )
    }

    pub(super) async fn stop(&self) -> Result<(), EmbeddedError> {
        for (signal, wait) in [(Signal::INT, FAST_WAIT), (Signal::QUIT, IMMEDIATE_WAIT)] {
            self.signal(signal);
            if timeout(wait, self.exited()).await.is_ok() {
                return Ok(());
            }
        }
        Err(EmbeddedError::StaysUp)
    }

    fn signal(&self, signal: Signal) {
        // Once it has ended its number may be another's.
        if self.is_running() {
            // An error means that it ended just now.
            let _ = kill_process(self.pid, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::INT);
    }
}

fn wait_for(child: &mut Child) -> String {
    child.wait().map_or_else(
        |error| error.to_string(),
        |status: ExitStatus| status.to_string(),
    )
}
