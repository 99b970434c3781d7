//! A process that runs, and what its admin port says.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use crate::WAIT;
use crate::binary::{Ran, finish};
use crate::leaks;

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens for gRPC; of the whole suite, nowhere.
    pub address: SocketAddr,
    /// Where it listens for those who run it.
    pub admin: SocketAddr,
    child: Mutex<Child>,
}

impl Running {
    /// A service that was started to listen there.
    #[must_use]
    pub fn new(child: Child, address: SocketAddr, admin: SocketAddr) -> Self {
        Self {
            address,
            admin,
            child: child.into(),
        }
    }

    /// The whole suite in one process.
    #[must_use]
    pub fn of(child: Child, admin: SocketAddr) -> Self {
        Self::new(child, admin, admin)
    }

    /// What the admin port answers: its status and body; nothing where nobody listens.
    pub async fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.admin).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: admin\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        if path == "/metrics" {
            leaks::keep("admin.metrics", body);
        }
        Some((status, body.to_owned()))
    }

    /// Waits until `/readyz` answers with that status, and hands on what it says.
    pub async fn readyz(&self, status: u16) -> String {
        let mut last = None;
        let wait = async {
            loop {
                match self.get("/readyz").await {
                    Some((is, body)) if is == status => return body,
                    Some(other) => last = Some(other),
                    // Nobody who has ended will listen.
                    None => assert_eq!(self.child.lock().unwrap().try_wait().unwrap(), None),
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let answer = timeout(WAIT, wait).await;
        answer.unwrap_or_else(|_| panic!("not {status} in time, but {last:?}"))
    }

    /// Asks it to stop, by SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Has it hang: its connections stay, and nothing is answered on them.
    pub fn hang(&self) {
        self.signal(Signal::STOP);
    }

    /// Has it go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The number of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().id().unwrap()
    }

    /// Sends SIGKILL, and waits for its end.
    pub async fn kill(self) {
        let mut child = self.child.into_inner().unwrap();
        child.kill().await.unwrap();
    }

    /// Waits for its end, which must come.
    pub async fn ended(self) -> Ran {
        finish(self.child.into_inner().unwrap()).await
    }

    /// Sends SIGTERM, and sees that it ends well.
    pub async fn ends_well(self) {
        let _ = self.get("/metrics").await;
        self.terminate();
        let ran = self.ended().await;
        assert_eq!(ran.code, 0, "{ran:?}");
    }
}
