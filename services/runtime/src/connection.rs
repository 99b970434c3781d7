//! The connections a server accepts: how many, how long they may be silent at first, and their
//! end.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::stream::{Stream, unfold};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::{Connected, TcpConnectInfo};

/// Most connections at a time. Beyond, a connection is closed at once, so that a client tries
/// another replica instead of waiting here.
const CONNECTIONS_MAX: usize = 4096;

/// A client must have sent this much within this time: the HTTP/2 preface and the head of its
/// SETTINGS. After that, keepalive pings find out who is gone.
const GREETING_BYTES: usize = 24 + 9;
const GREETING_WAIT: Duration = Duration::from_secs(5);

/// Pause after the system could not give a connection, as when file descriptors are used up:
/// accepting again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until dropped. All of them end when `end` is cancelled, whatever is under
/// way on them.
pub(crate) fn accept(
    listener: TcpListener,
    end: CancellationToken,
) -> impl Stream<Item = io::Result<Connection>> {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    unfold((listener, permits, end), async |state| {
        let (listener, permits, end) = &state;
        let connection = loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(permits).try_acquire_owned() else {
                tracing::debug!("too many connections");
                continue;
            };
            // Answers are small and complete; waiting to fill a packet would only delay them.
            match stream.set_nodelay(true) {
                Ok(()) => break Connection::new(stream, permit, end.clone()),
                Err(error) => tracing::debug!(%error, "a connection was gone at once"),
            }
        };
        Some((Ok(connection), state))
    })
}

/// The client went away before it was accepted; the next one is not worse off.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

pub(crate) struct Connection {
    stream: TcpStream,
    greeting: Option<Greeting>,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
    _permit: OwnedSemaphorePermit,
}

struct Greeting {
    bytes_left: usize,
    deadline: Pin<Box<Sleep>>,
}

impl Connection {
    fn new(stream: TcpStream, permit: OwnedSemaphorePermit, end: CancellationToken) -> Self {
        Self {
            stream,
            greeting: Some(Greeting {
                bytes_left: GREETING_BYTES,
                deadline: Box::pin(sleep(GREETING_WAIT)),
            }),
            end: Box::pin(end.cancelled_owned()),
            _permit: permit,
        }
    }

    fn check_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.end.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_end(context)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(greeting) = &mut self.greeting {
            let bytes = buffer.filled().len() - before;
            greeting.bytes_left = greeting.bytes_left.saturating_sub(bytes);
            if greeting.bytes_left == 0 {
                self.greeting = None;
            } else if greeting.deadline.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        ready!(read)?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_end(context)?;
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_end(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use futures::future::poll_fn;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn accepted(end: &CancellationToken) -> (TcpStream, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let mut incoming = Box::pin(accept(listener, end.clone()));
        let connection = poll_fn(|context| incoming.as_mut().poll_next(context)).await;
        (client, connection.unwrap().unwrap())
    }

    #[tokio::test]
    async fn a_connection_ends_when_told_though_nothing_happens_on_it() {
        let end = CancellationToken::new();
        let (_client, mut connection) = accepted(&end).await;
        let reading = tokio::spawn(async move { connection.read(&mut [0; 1]).await });
        tokio::task::yield_now().await;

        end.cancel();

        let error = reading.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn who_does_not_greet_is_cut_off_and_who_does_may_be_silent() {
        let end = CancellationToken::new();
        let (_silent, mut unheard) = accepted(&end).await;
        let (mut polite, mut heard) = accepted(&end).await;
        polite.write_all(&[0; GREETING_BYTES]).await.unwrap();
        heard.read_exact(&mut [0; GREETING_BYTES]).await.unwrap();
        tokio::time::pause();

        let error = unheard.read(&mut [0; 1]).await.unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut buffer = [0; 1];
        tokio::select! {
            biased;
            read = heard.read(&mut buffer) => panic!("{read:?}"),
            () = sleep(10 * GREETING_WAIT) => {}
        }
    }
}
