//! The connections of the port for gRPC: how many, in all and from one address, and who gives way.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, LazyLock, Weak},
    time::Duration,
};

use futures::stream::{Stream, unfold};
use opentelemetry::{KeyValue, global, metrics::UpDownCounter};
use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    accept::{Accepted, Acceptor},
    apart::Arrivals,
    connection::Connection,
    descriptors,
    newcomers::Newcomers,
    pace::Pace,
    remote::Remote,
    room::{Full, Place, Room},
    socket::Socket,
};
use crate::{
    config::LimitsConfig,
    tls::{self, Failure, Tls},
};

/// What the descriptors of the process leave for connections of all its servers, when there is to
/// be something left for the database, for files, and for those who run it.
static DESCRIPTORS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let all = descriptors::raise();
    let others = (all / 2).min(192);
    Arc::new(Semaphore::new((all - others).min(Semaphore::MAX_PERMITS)))
});

/// The newcomers of all ports of the process, which share its descriptors.
static PORTS: Mutex<Vec<Weak<Newcomers>>> = Mutex::new(Vec::new());

/// How long who gives way may take to be gone. It is told at once, and nobody is accepted
/// meanwhile.
const GIVE_WAY_WAIT: Duration = Duration::from_millis(200);

/// While many come, so many are taken at a time and none for a moment after them: a thread that
/// goes on without a pause keeps others from the processor, however nice it is. Among a thousand
/// that come at once, one that is honest waits 30 to 50 ms for its turn; with half as many up to
/// 150, and with twice as many calls of others take up to three times as long as in calm.
const TAKEN_AT_A_TIME: u64 = 32;
const MOMENT: Duration = Duration::from_millis(1);

/// From the acceptance of a connection to the end of its handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(5);

/// What a connection holds.
#[expect(dead_code, reason = "held")]
pub(crate) struct Held {
    descriptor: OwnedSemaphorePermit,
    place: Place<IpAddr>,
    counted: CountedConnection,
    live: Option<tls::LiveConnection>,
}

/// Accepts connections until dropped; beyond the bounds, unless somebody can give way of whom no
/// call was let in, one is closed at once, so that a client tries another replica instead of
/// waiting here. All of them end when `end` is cancelled, whatever is under way on them.
pub(crate) fn incoming(
    listener: TcpListener,
    limits: &LimitsConfig,
    tls: Option<Arc<Tls>>,
    open: Open,
    end: CancellationToken,
) -> io::Result<impl Stream<Item = io::Result<Connection<Held>>> + use<>> {
    let newcomers = Newcomers::new(limits.newcomers);
    PORTS.lock().push(Arc::downgrade(&newcomers));
    let room = Room::new(limits.connections, limits.connections_per_address);
    let idle_max = Duration::from_secs(limits.idle_max_s.get().into());
    let pace = Pace::new();
    let arrivals = Arrivals::begin(listener, async |listener, arrivals| {
        let mut port = Port {
            acceptor: Acceptor::new(listener, 1),
            taken: 0,
            room,
            newcomers,
            under_way: JoinSet::new(),
            tls,
            open,
            end,
        };
        while arrivals.send(port.next().await).await.is_ok() {}
    })?;
    Ok(unfold(arrivals, move |mut arrivals| {
        let pace = pace.clone();
        async move {
            loop {
                match arrivals.next().await?.served_here() {
                    Ok(connection) => {
                        let connection = connection.idle_at_most(idle_max).paced(pace);
                        return Some((Ok(connection), arrivals));
                    }
                    Err(error) => tracing::debug!(%error, "a connection was gone at once"),
                }
            }
        }
    }))
}

/// A connection that may be served.
struct Arrival {
    socket: Socket,
    remote: Remote,
    end: CancellationToken,
    held: Held,
}

impl Arrival {
    /// From now on it is the runtime of who calls this that its bytes come to.
    fn served_here(mut self) -> io::Result<Connection<Held>> {
        self.socket.serve_here()?;
        Ok(Connection::new(
            self.socket,
            self.remote,
            self.end,
            self.held,
        ))
    }
}

/// Where connections are taken, and shake hands.
struct Port {
    acceptor: Acceptor,
    /// How many were accepted.
    taken: u64,
    room: Arc<Room<IpAddr>>,
    newcomers: Arc<Newcomers>,
    /// Handshakes, which must not keep others from being accepted.
    under_way: JoinSet<Option<Arrival>>,
    tls: Option<Arc<Tls>>,
    open: Open,
    end: CancellationToken,
}

impl Port {
    /// The next connection that may be served.
    async fn next(&mut self) -> Arrival {
        loop {
            let arrival = tokio::select! {
                Some(shaken) = self.under_way.join_next() => shaken.ok().flatten(),
                accepted = self.acceptor.accept() => {
                    self.breathe().await;
                    self.take(accepted).await
                }
            };
            if let Some(arrival) = arrival {
                return arrival;
            }
        }
    }

    async fn breathe(&mut self) {
        self.taken += 1;
        if self.taken.is_multiple_of(TAKEN_AT_A_TIME) && self.newcomers.are_many() {
            sleep(MOMENT).await;
        }
    }

    /// A connection at once, or later by a handshake, or none.
    async fn take(&mut self, accepted: Accepted) -> Option<Arrival> {
        let Accepted {
            stream,
            address,
            is_beyond,
        } = accepted;
        if is_beyond {
            return None;
        }
        let remote = Remote::new(address);
        let Some(descriptor) = self.descriptor().await else {
            tracing::debug!("more connections than there are descriptors for");
            return None;
        };
        let Some(place) = self.place(remote.origin).await else {
            tracing::debug!("too many connections");
            return None;
        };
        // Answers are small and complete; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone at once");
            return None;
        }
        let held = Held {
            descriptor,
            place,
            counted: self.open.count(),
            live: None,
        };
        let end = self.end.child_token();
        let newcomer = self.newcomers.enter(remote.origin, end.clone());
        remote.activity.arrives(newcomer);
        let Some(tls) = self.tls.clone() else {
            return Some(Arrival {
                socket: Socket::Plain(stream),
                remote,
                end,
                held,
            });
        };
        self.under_way.spawn(secure(tls, stream, remote, end, held));
        None
    }

    /// A descriptor, if need be that of somebody whom nobody knows, of any port.
    async fn descriptor(&self) -> Option<OwnedSemaphorePermit> {
        let all = DESCRIPTORS.clone();
        if let Ok(descriptor) = all.clone().try_acquire_owned() {
            return Some(descriptor);
        }
        if !self.newcomers.give_way() && !give_way_elsewhere() {
            return None;
        }
        let given = timeout(GIVE_WAY_WAIT, all.acquire_owned()).await;
        given.ok()?.ok()
    }

    /// A place, if need be that of somebody whom nobody knows.
    async fn place(&self, origin: IpAddr) -> Option<Place<IpAddr>> {
        let gave_way = match self.room.enter(origin) {
            Ok(place) => return Some(place),
            Err(Full::All { .. }) => self.newcomers.give_way(),
            Err(Full::Each { .. }) => self.newcomers.give_way_of(origin),
        };
        if !gave_way {
            return None;
        }
        timeout(GIVE_WAY_WAIT, self.room.wait_and_enter(origin))
            .await
            .ok()
    }
}

/// Has somebody give way whom nobody knows, at whichever port of the process.
fn give_way_elsewhere() -> bool {
    let mut ports = PORTS.lock();
    ports.retain(|port| port.strong_count() > 0);
    ports
        .iter()
        .filter_map(Weak::upgrade)
        .any(|port| port.give_way())
}

async fn secure(
    tls: Arc<Tls>,
    stream: TcpStream,
    mut remote: Remote,
    end: CancellationToken,
    mut held: Held,
) -> Option<Arrival> {
    let greeted = || remote.activity.greeted();
    let shake = tls.accept(stream, (remote.origin, remote.connection), greeted);
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE_WAIT, shake) => shaken.unwrap_or(Err(Failure::Timeout)),
        () = end.cancelled() => Err(Failure::TooMany),
    };
    match shaken {
        Ok(secured) => {
            tls.tell(remote.origin, None);
            remote.workload = secured.workload;
            if remote.workload.is_some() && !remote.activity.let_in() {
                return None;
            }
            held.live = secured.place;
            Some(Arrival {
                socket: Socket::Tls(secured.stream),
                remote,
                end,
                held,
            })
        }
        Err(failure) => {
            tls.tell(remote.origin, Some(&failure));
            tokio::select! {
                () = failure.linger() => {}
                () = end.cancelled() => {}
            }
            None
        }
    }
}

/// How many connections of a server are open.
#[derive(Clone)]
pub(crate) struct Open {
    connections: UpDownCounter<i64>,
    service: &'static str,
}

/// A connection that is counted as open until this is dropped.
struct CountedConnection(Open);

impl Open {
    pub(crate) fn new(service: &'static str) -> Self {
        let connections = global::meter("gazelle")
            .i64_up_down_counter("gazelle.connections")
            .with_description("Connections that are open, or shake hands")
            .build();
        let open = Self {
            connections,
            service,
        };
        open.add(0);
        open
    }

    fn add(&self, count: i64) {
        self.connections
            .add(count, &[KeyValue::new("service", self.service)]);
    }

    fn count(&self) -> CountedConnection {
        self.add(1);
        CountedConnection(self.clone())
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, net::SocketAddr, num::NonZeroUsize};

    use futures::StreamExt as _;
    use tokio::io::AsyncReadExt as _;
    use tonic::transport::server::Connected as _;

    use super::*;

    async fn connect(to: SocketAddr) -> TcpStream {
        TcpStream::connect(to).await.unwrap()
    }

    #[tokio::test]
    async fn beyond_the_bound_of_an_address_a_connection_is_closed_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limits = LimitsConfig {
            connections_per_address: NonZeroUsize::new(1).unwrap(),
            ..LimitsConfig::default()
        };
        let incoming = incoming(
            listener,
            &limits,
            None,
            Open::new("usage"),
            CancellationToken::new(),
        );
        let mut incoming = Box::pin(incoming.unwrap());
        let _first = connect(address).await;
        let first = incoming.next().await.unwrap().unwrap();
        assert!(first.connect_info().activity.let_in());
        let mut second = connect(address).await;
        let mut byte = [0; 1];
        let closed = tokio::select! {
            _ = incoming.next() => panic!("taken"),
            closed = second.read(&mut byte) => closed,
        };
        assert_eq!(closed.unwrap(), 0);

        drop(first);
        let _third = connect(address).await;
        incoming.next().await.unwrap().unwrap();
    }

    /// How nice the threads are of this process that are called so.
    fn niceness(name: &str) -> Vec<i32> {
        let threads = fs::read_dir("/proc/self/task").unwrap();
        let stats = threads.filter_map(|it| fs::read_to_string(it.ok()?.path().join("stat")).ok());
        let called = format!("({name}) ");
        let fields = stats.filter_map(|stat| Some(stat.split_once(&called)?.1.to_owned()));
        let nice = fields.map(|fields| fields.split(' ').nth(16).unwrap().parse().unwrap());
        nice.collect()
    }

    #[tokio::test]
    async fn strangers_have_a_nicer_thread_which_ends_with_the_port() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (limits, end) = (LimitsConfig::default(), CancellationToken::new());
        let incoming = incoming(listener, &limits, None, Open::new("usage"), end);
        let mut incoming = Box::pin(incoming.unwrap());
        let _client = connect(address).await;
        incoming.next().await.unwrap().unwrap();
        let usual = rustix::process::getpriority_process(None).unwrap();
        let nicer = (usual + 10).min(19);
        assert!(niceness("strangers").contains(&nicer));
        drop(incoming);
        // Its address is free at once.
        TcpListener::bind(address).await.unwrap();
    }
}
