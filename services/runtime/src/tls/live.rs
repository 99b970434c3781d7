//! Connections whose clients showed a certificate. Of one that is not believed any more they are
//! told: calls are refused, streams end, and a moment later the connection does.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use rustls::{CertificateError, Error, pki_types::CertificateDer};

use super::{verify::Clients, workload::Workload};
use crate::auth::CertificateEnded;

/// The certificate that a client showed, with those between it and a root.
pub(super) type Chain = Arc<[CertificateDer<'static>]>;

/// Connections by their number.
#[derive(Default)]
pub(super) struct Live(Mutex<HashMap<u64, One>>);

#[derive(Clone)]
struct One {
    workload: Workload,
    chain: Chain,
}

/// A connection as long as it is open.
pub(crate) struct LiveConnection {
    live: Arc<Live>,
    connection: u64,
}

impl Live {
    /// From here on the connection is looked at again.
    pub(super) fn enter(
        self: &Arc<Self>,
        connection: u64,
        workload: Workload,
        chain: Chain,
    ) -> LiveConnection {
        let one = One { workload, chain };
        self.0.lock().insert(connection, one);
        LiveConnection {
            live: self.clone(),
            connection,
        }
    }

    /// Ends what clients showed who are not believed any more; returns how many there are.
    pub(super) fn look_again(&self, clients: Option<&Clients>) -> u64 {
        let all: Vec<One> = self.0.lock().values().cloned().collect();
        let mut ended = 0;
        for one in all {
            let cause = match clients {
                Some(clients) => clients.still_believes(&one.chain).err(),
                None => Some(Error::NoCertificatesPresented),
            };
            if let Some(cause) = cause
                && one.workload.certificate.end(why(&cause))
            {
                let actor = one.workload.principal.actor();
                tracing::warn!(%actor, %cause, "a connection ends: its certificate holds no more");
                ended += 1;
            }
        }
        ended
    }
}

/// Of a certificate that was believed, and whose own time is not over.
fn why(cause: &Error) -> CertificateEnded {
    match cause {
        Error::InvalidCertificate(CertificateError::Revoked) => CertificateEnded::Revoked,
        _ => CertificateEnded::Authority,
    }
}

impl Drop for LiveConnection {
    fn drop(&mut self) {
        self.live.0.lock().remove(&self.connection);
    }
}
