//! Connections whose clients showed a certificate. One that is not believed any more is ended,
//! with the calls on it.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use tokio_util::sync::CancellationToken;

use super::{verify::Clients, workload::Workload};

/// The certificate that a client showed, with those between it and a root.
pub(super) type Chain = Arc<[CertificateDer<'static>]>;

/// Connections by their number.
#[derive(Default)]
pub(super) struct Live(Mutex<HashMap<u64, One>>);

#[derive(Clone)]
struct One {
    workload: Workload,
    chain: Chain,
    end: CancellationToken,
}

/// A connection as long as it is open.
pub(crate) struct Place {
    live: Arc<Live>,
    connection: u64,
}

impl Live {
    /// From here on the connection is looked at again; `end` ends it.
    pub(super) fn enter(
        self: &Arc<Self>,
        connection: u64,
        workload: Workload,
        chain: Chain,
        end: CancellationToken,
    ) -> Place {
        let one = One {
            workload,
            chain,
            end,
        };
        self.0.lock().insert(connection, one);
        Place {
            live: self.clone(),
            connection,
        }
    }

    /// Ends the connections of clients that are not believed any more; returns how many.
    pub(super) fn look_again(&self, clients: Option<&Clients>) -> u64 {
        let all: Vec<One> = self.0.lock().values().cloned().collect();
        let mut ended = 0;
        for one in all {
            let cause = match clients {
                Some(clients) => clients.still_believes(&one.chain).err(),
                None => Some(rustls::Error::NoCertificatesPresented),
            };
            if let Some(cause) = cause
                && !one.end.is_cancelled()
            {
                let actor = one.workload.principal.actor();
                tracing::warn!(%actor, %cause, "a connection ends: its certificate holds no more");
                one.end.cancel();
                ended += 1;
            }
        }
        ended
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.0.lock().remove(&self.connection);
    }
}
