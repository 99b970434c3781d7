//! A connection that was accepted: how long it may be silent at first, how long it may live, and
//! its end.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

use crate::{remote::Remote, socket::Socket};

/// A client must have sent this much within this time: the HTTP/2 preface and the head of its
/// SETTINGS, which no request of HTTP/1.1 is shorter than. After that, keepalive pings find out
/// who is gone.
const GREETING_BYTES: usize = 24 + 9;
const GREETING_WAIT: Duration = Duration::from_secs(5);

/// A connection, with what it holds as long as it is open.
pub(crate) struct Connection<H> {
    stream: Socket,
    remote: Remote,
    greeting: Option<Greeting>,
    life: Option<Pin<Box<Sleep>>>,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
    _held: H,
}

struct Greeting {
    bytes_left: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<H> Connection<H> {
    /// One that ends when `end` is cancelled, whatever is under way on it.
    pub(crate) fn new(stream: Socket, remote: Remote, end: CancellationToken, held: H) -> Self {
        Self {
            stream,
            remote,
            greeting: Some(Greeting {
                bytes_left: GREETING_BYTES,
                deadline: Box::pin(sleep(GREETING_WAIT)),
            }),
            life: None,
            end: Box::pin(end.cancelled_owned()),
            _held: held,
        }
    }

    /// The same, which ends after `life` in any case.
    pub(crate) fn living(mut self, life: Duration) -> Self {
        self.life = Some(Box::pin(sleep(life)));
        self
    }

    fn check_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if let Some(life) = &mut self.life
            && life.as_mut().poll(context).is_ready()
        {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match self.end.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl<H> Connected for Connection<H> {
    type ConnectInfo = Remote;

    fn connect_info(&self) -> Remote {
        self.remote.clone()
    }
}

impl<H: Unpin> AsyncRead for Connection<H> {
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

impl<H: Unpin> AsyncWrite for Connection<H> {
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
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    async fn accepted(end: &CancellationToken) -> (TcpStream, Connection<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, accepted) = tokio::join!(client, listener.accept());
        let (stream, address) = accepted.unwrap();
        let stream = Socket::Plain(stream);
        let connection = Connection::new(stream, Remote::new(address), end.clone(), ());
        (client.unwrap(), connection)
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

    #[tokio::test]
    async fn a_life_that_is_bounded_ends_though_bytes_come() {
        let end = CancellationToken::new();
        let (mut client, connection) = accepted(&end).await;
        tokio::time::pause();
        let mut connection = connection.living(Duration::from_secs(10));
        let began = tokio::time::Instant::now();
        let error = loop {
            client.write_all(&[0; GREETING_BYTES]).await.unwrap();
            let read = connection.read(&mut [0; GREETING_BYTES]).await;
            if let Err(error) = read {
                break error;
            }
            sleep(Duration::from_secs(1)).await;
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= Duration::from_secs(10));
    }
}
