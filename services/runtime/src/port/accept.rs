//! Taking connections, whatever the system says meanwhile.

use std::{fs::File, io, net::SocketAddr, time::Duration};

use rustix::io::Errno;
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

use crate::telemetry::seldom::Seldom;

/// Pause after the system could not give a connection: accepting again at once would only spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts the connections of a port.
pub(crate) struct Acceptor {
    listener: TcpListener,
    /// Descriptors that are kept for when there are none left.
    spare: Vec<File>,
    spare_max: usize,
    lines: Seldom,
}

/// A connection as the system gave it.
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) address: SocketAddr,
    /// It came when descriptors were used up, into one that was kept.
    pub(crate) is_beyond: bool,
}

impl Acceptor {
    /// Keeps `spare_max` descriptors, so that as many connections can be taken, be it to close
    /// them at once, when the process has no other left.
    pub(crate) fn new(listener: TcpListener, spare_max: usize) -> Self {
        let mut acceptor = Self {
            listener,
            spare: Vec::new(),
            spare_max,
            lines: Seldom::default(),
        };
        acceptor.keep_spare();
        acceptor
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next connection.
    pub(crate) async fn accept(&mut self) -> Accepted {
        let mut is_beyond = false;
        loop {
            if !is_beyond {
                self.keep_spare();
            }
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    return Accepted {
                        stream,
                        address,
                        is_beyond,
                    };
                }
                // The client went away before it was accepted; the next one is not worse off.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                    ) => {}
                Err(error) => {
                    if let Some(left_out) = self.lines.line() {
                        tracing::warn!(%error, left_out, "cannot accept a connection");
                    }
                    is_beyond = are_used_up(&error) && self.spare.pop().is_some();
                    if !is_beyond {
                        sleep(PAUSE).await;
                    }
                }
            }
        }
    }

    fn keep_spare(&mut self) {
        while self.spare.len() < self.spare_max {
            let Ok(file) = File::open("/dev/null") else {
                return;
            };
            self.spare.push(file);
        }
    }
}

/// Whether the process, or the system, has no descriptors left.
fn are_used_up(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [Errno::MFILE, Errno::NFILE]
        .iter()
        .any(|no| Some(no.raw_os_error()) == code)
}

#[cfg(test)]
mod tests {
    use std::{process::Command, time::Duration};

    use tokio::{io::AsyncReadExt as _, time::timeout};

    use super::*;

    const FOREVER: Duration = Duration::from_secs(20);

    /// Set in a process of its own, which may use up its descriptors.
    const ALONE: &str = "GAZELLE_TEST_FEW_DESCRIPTORS";

    #[tokio::test]
    async fn without_descriptors_a_connection_is_still_taken_into_one_that_was_kept() {
        let name = "port::accept::tests::without_descriptors_a_connection_is_still_taken_into_one_that_was_kept";
        if std::env::var_os(ALONE).is_none() {
            let ran = Command::new("sh")
                .args(["-c", "ulimit -n 48; exec \"$0\" --exact \"$1\""])
                .args([std::env::current_exe().unwrap().as_os_str(), name.as_ref()])
                .env(ALONE, "1")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&ran.stdout);
            assert!(said.contains("1 passed"), "{said}");
            return;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut acceptor = Acceptor::new(listener, 1);
        let address = acceptor.address().unwrap();
        let mut clients = Vec::new();
        for _ in 0..2 {
            let client = std::net::TcpStream::connect(address).unwrap();
            client.set_nonblocking(true).unwrap();
            clients.push(TcpStream::from_std(client).unwrap());
        }
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }

        let taken = timeout(FOREVER, acceptor.accept()).await.unwrap();
        assert!(taken.is_beyond);
        drop(taken);
        assert_eq!(clients[0].read(&mut [0; 1]).await.unwrap(), 0, "closed");
        // Its descriptor is kept again, and once others are free, a connection is one as ever.
        let again = timeout(FOREVER, acceptor.accept()).await.unwrap();
        assert!(again.is_beyond);
        files.truncate(4);
        let third = TcpStream::connect(address).await.unwrap();
        let last = timeout(FOREVER, acceptor.accept()).await.unwrap();
        assert!(!last.is_beyond);
        drop((again, third));
    }
}
