//! The connections of the port for gRPC: how many, in all and from one address.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use futures::stream::{Stream, unfold};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use crate::{
    accept::{Accepted, Acceptor},
    config::LimitsConfig,
    connection::Connection,
    process,
    remote::Remote,
    room::{Place, Room},
};

/// What the descriptors of the process leave for connections of all its servers, when there is to
/// be something left for the database, for files, and for those who run it.
static DESCRIPTORS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let all = process::raise_descriptors();
    let others = (all / 2).min(192);
    Arc::new(Semaphore::new((all - others).min(Semaphore::MAX_PERMITS)))
});

/// What a connection holds.
pub(crate) struct Held(
    #[expect(dead_code, reason = "held")] OwnedSemaphorePermit,
    #[expect(dead_code, reason = "held")] Place<IpAddr>,
);

/// Accepts connections until dropped; beyond the bounds one is closed at once, so that a client
/// tries another replica instead of waiting here. All of them end when `end` is cancelled,
/// whatever is under way on them.
pub(crate) fn incoming(
    listener: TcpListener,
    limits: &LimitsConfig,
    end: CancellationToken,
) -> impl Stream<Item = io::Result<Connection<Held>>> {
    let room = Room::new(limits.connections, limits.connections_per_address);
    let acceptor = Acceptor::new(listener, 1);
    unfold((acceptor, room, end), async |mut state| {
        let (acceptor, room, end) = &mut state;
        let connection = loop {
            let Accepted {
                stream,
                address,
                is_beyond,
            } = acceptor.accept().await;
            if is_beyond {
                continue;
            }
            let remote = Remote::new(address);
            let Ok(permit) = DESCRIPTORS.clone().try_acquire_owned() else {
                tracing::debug!("more connections than there are descriptors for");
                continue;
            };
            let Ok(place) = room.enter(remote.origin) else {
                tracing::debug!("too many connections");
                continue;
            };
            // Answers are small and complete; waiting to fill a packet would only delay them.
            match stream.set_nodelay(true) {
                Ok(()) => {
                    break Connection::new(stream, remote, end.clone(), Held(permit, place));
                }
                Err(error) => tracing::debug!(%error, "a connection was gone at once"),
            }
        };
        Some((Ok(connection), state))
    })
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, num::NonZeroUsize};

    use futures::StreamExt as _;
    use tokio::{io::AsyncReadExt as _, net::TcpStream};

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
        let incoming = incoming(listener, &limits, CancellationToken::new());
        let mut incoming = Box::pin(incoming);
        let (_first, mut second) = (connect(address).await, connect(address).await);
        let first = incoming.next().await.unwrap().unwrap();
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
}
