//! What strangers ask of a port is done on a thread of its own, to which the system gives less of a
//! processor than to those that serve calls: however many of them come, calls wait for it little.

use std::{
    io,
    thread::{self, JoinHandle},
};

use rustix::process::nice;
use tokio::{
    net::TcpListener,
    runtime::Builder,
    sync::mpsc::{Receiver, Sender, channel},
};

/// By this much the thread is nicer than the others of the process, each of which is then given ten
/// times as much of a processor that all of them want.
const NICER: i32 = 10;

/// Connections that may wait to be served.
const WAITING_MAX: usize = 16;

/// Connections as they come out of the thread, which ends when this is dropped.
pub(super) struct Arrivals<T> {
    arrived: Receiver<T>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Arrivals<T> {
    /// Has `accept` take connections of `listener` there, and hand on those that may be served.
    pub(super) fn begin<F>(
        listener: TcpListener,
        accept: impl FnOnce(TcpListener, Sender<T>) -> F + Send + 'static,
    ) -> io::Result<Self>
    where
        F: Future<Output = ()> + Send,
    {
        let listener = listener.into_std()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (sender, arrived) = channel(WAITING_MAX);
        let work = async move {
            let listener = match TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return tracing::error!(%error, "a port cannot be served"),
            };
            tokio::select! {
                () = accept(listener, sender.clone()) => {}
                () = sender.closed() => {}
            }
        };
        let thread = thread::Builder::new().name("strangers".to_owned());
        let thread = thread.spawn(move || {
            // On Linux it is of the thread alone.
            if let Err(error) = nice(NICER) {
                tracing::debug!(%error, "strangers are served like anybody else");
            }
            runtime.block_on(work);
        })?;
        Ok(Self {
            arrived,
            thread: Some(thread),
        })
    }

    /// The next one; none, where the thread has ended.
    pub(super) async fn next(&mut self) -> Option<T> {
        self.arrived.recv().await
    }
}

impl<T> Drop for Arrivals<T> {
    fn drop(&mut self) {
        self.arrived.close();
        // Whoever drops this may want the address for another port.
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the thread of a port has panicked");
        }
    }
}
