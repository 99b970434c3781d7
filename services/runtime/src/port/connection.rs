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
    time::{Instant, Sleep, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

use super::{
    pace::{Pace, Paced},
    remote::Remote,
    socket::Socket,
};

/// A client must have sent this much within this time: the HTTP/2 preface and the head of its
/// SETTINGS, which no request of HTTP/1.1 is shorter than. After that, keepalive pings find out
/// who is gone.
const GREETING_BYTES: usize = 24 + 9;
const GREETING_WAIT: Duration = Duration::from_secs(5);

/// What HTTP/2 says before a connection ends (RFC 9113, 6.8): no new calls, those that came are
/// answered. Length 8, type GOAWAY, no flags, stream 0; the last stream that there can be, no
/// error.
const GOAWAY: [u8; 17] = [
    0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0,
];

/// From that until the connection is closed, so that no call is lost that was on its way, and a
/// stream is told why it ends.
const GOAWAY_WAIT: Duration = Duration::from_secs(5);

/// A connection, with what it holds as long as it is open.
pub(crate) struct Connection<H> {
    stream: Socket,
    remote: Remote,
    greeting: Option<Greeting>,
    life: Option<Pin<Box<Sleep>>>,
    idle: Option<Idle>,
    paced: Option<Paced>,
    /// HTTP/2 is spoken, as the first bytes say.
    is_http2: bool,
    /// A frame is written in part.
    is_amid_frame: bool,
    /// Until the certificate ends that its client showed.
    certificate: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// The client is to be told that the connection ends, as soon as no frame is in the way.
    owes_goaway: bool,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
    _held: H,
}

/// How long nothing may be under way.
struct Idle {
    max: Duration,
    look: Pin<Box<Sleep>>,
    is_told: bool,
}

struct Greeting {
    bytes_left: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<H> Connection<H> {
    /// One that ends when `end` is cancelled, whatever is under way on it, and soon after the
    /// certificate that its client showed.
    pub(crate) fn new(stream: Socket, remote: Remote, end: CancellationToken, held: H) -> Self {
        let workload = remote.workload.as_ref();
        let certificate = workload.map(|it| it.certificate.over().cancelled_owned());
        Self {
            stream,
            remote,
            greeting: Some(Greeting {
                bytes_left: GREETING_BYTES,
                deadline: Box::pin(sleep(GREETING_WAIT)),
            }),
            life: None,
            idle: None,
            paced: None,
            is_http2: false,
            is_amid_frame: false,
            certificate: certificate.map(Box::pin),
            owes_goaway: false,
            end: Box::pin(end.cancelled_owned()),
            _held: held,
        }
    }

    /// The same, which ends after `life` in any case.
    pub(crate) fn living(mut self, life: Duration) -> Self {
        self.life = Some(Box::pin(sleep(life)));
        self
    }

    /// The same, which ends when for `max` no call is under way.
    pub(crate) fn idle_at_most(mut self, max: Duration) -> Self {
        self.idle = Some(Idle {
            max,
            look: Box::pin(sleep(max)),
            is_told: false,
        });
        self
    }

    /// The same, which is read from as slowly as its calls that come to nothing ask for.
    pub(crate) fn paced(mut self, pace: Pace) -> Self {
        self.paced = Some(Paced::new(pace));
        self
    }

    /// Whether it was idle for too long, of which a client of HTTP/2 is told before.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let Some(mut idle) = self.idle.take() else {
            return false;
        };
        let is_over = self.was_idle(&mut idle, context);
        self.idle = Some(idle);
        is_over
    }

    fn was_idle(&mut self, idle: &mut Idle, context: &mut Context<'_>) -> bool {
        while idle.look.as_mut().poll(context).is_ready() {
            let again = match self.remote.activity.idle() {
                Some(_) if idle.is_told => return true,
                Some(time) if time >= idle.max && self.is_amid_frame => GOAWAY_WAIT,
                Some(time) if time >= idle.max => {
                    if !self.is_http2 || !self.say_goaway(context) {
                        return true;
                    }
                    idle.is_told = true;
                    GOAWAY_WAIT
                }
                Some(time) => idle.max.saturating_sub(time),
                None if idle.is_told => GOAWAY_WAIT,
                None => idle.max,
            };
            idle.look.as_mut().reset(Instant::now() + again);
        }
        false
    }

    /// Tells the client that the connection will end; returns whether it could be told.
    fn say_goaway(&mut self, context: &mut Context<'_>) -> bool {
        let told = Pin::new(&mut self.stream).poll_write(context, &GOAWAY);
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        let is_written = matches!(told, Poll::Ready(Ok(bytes)) if bytes == GOAWAY.len());
        is_written && matches!(flushed, Poll::Pending | Poll::Ready(Ok(())))
    }

    fn wrote(&mut self, whole: usize, written: &Poll<io::Result<usize>>) {
        self.is_amid_frame = !matches!(written, Poll::Ready(Ok(bytes)) if *bytes == whole);
    }

    /// Begins its end where the certificate has ended, of which a client of HTTP/2 is told.
    fn check_certificate(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if let Some(certificate) = &mut self.certificate
            && certificate.as_mut().poll(context).is_ready()
        {
            self.certificate = None;
            self.owes_goaway = self.is_http2;
            self.life = Some(Box::pin(sleep(GOAWAY_WAIT)));
        }
        if self.owes_goaway && !self.is_amid_frame {
            self.owes_goaway = false;
            if !self.say_goaway(context) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        Ok(())
    }

    fn check_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        self.check_certificate(context)?;
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
        if self.is_over(context) {
            // As if the client had gone: what is written is flushed, then all ends.
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let this = &mut *self;
        let read = match &mut this.paced {
            Some(paced) => {
                paced.poll_read(&this.remote.activity, &mut this.stream, context, buffer)
            }
            None => Pin::new(&mut this.stream).poll_read(context, buffer),
        };
        if let Some(greeting) = &mut this.greeting {
            let bytes = buffer.filled().len() - before;
            let is_first = greeting.bytes_left == GREETING_BYTES && bytes > 0;
            if is_first {
                this.is_http2 = buffer.filled()[before..].starts_with(b"PRI");
            }
            greeting.bytes_left = greeting.bytes_left.saturating_sub(bytes);
            if greeting.bytes_left == 0 {
                this.greeting = None;
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
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.wrote(buffer.len(), &written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_end(context)?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.wrote(buffers.iter().map(|it| it.len()).sum(), &written);
        written
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

    use super::{super::pace::SIP_BYTES, *};

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
        let began = Instant::now();
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

    #[tokio::test]
    async fn a_connection_whose_calls_come_to_nothing_is_read_from_when_it_has_paid_for_them() {
        let (mut client, connection) = accepted(&CancellationToken::new()).await;
        client.write_all(&[0; GREETING_BYTES]).await.unwrap();
        tokio::time::pause();
        let activity = connection.remote.activity.clone();
        let pace = Pace::new();
        let mut connection = connection.paced(pace.clone());
        for _ in 0..1_000 {
            drop(activity.begin());
        }
        let began = Instant::now();
        connection.read_exact(&mut [0; 1]).await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO, "nobody is before it");

        for _ in 0..1_000 {
            drop(activity.begin());
        }
        connection.read_exact(&mut [0; 1]).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(200), "its own");
        for _ in 0..1_000 {
            drop(activity.begin());
            activity.begin().answered();
        }
        let paid = Instant::now();
        connection.read_exact(&mut [0; 1]).await.unwrap();
        assert_eq!(paid.elapsed(), Duration::ZERO, "it owes nothing");
    }

    #[tokio::test]
    async fn of_who_is_not_known_yet_little_is_read_at_once() {
        let (mut client, connection) = accepted(&CancellationToken::new()).await;
        let activity = connection.remote.activity.clone();
        let mut connection = connection.paced(Pace::new());
        client.write_all(&[0; 3 * SIP_BYTES]).await.unwrap();
        let mut buffer = [0; 3 * SIP_BYTES];
        assert_eq!(connection.read(&mut buffer).await.unwrap(), SIP_BYTES);
        assert_eq!(connection.read(&mut buffer).await.unwrap(), SIP_BYTES);
        activity.begin().answered();
        client.write_all(&[0; SIP_BYTES]).await.unwrap();
        assert_eq!(connection.read(&mut buffer).await.unwrap(), 2 * SIP_BYTES);
    }
}
