//! When that ends which TLS rests on, as a figure.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use gazelle_client::watched::{FileError, Watched};
use opentelemetry::{KeyValue, global, metrics::Gauge};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, pem::PemObject as _};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;
use x509_parser::{
    certificate::X509Certificate, prelude::FromDer as _, revocation_list::CertificateRevocationList,
};

/// How often a file is looked at whose certificate others are shown.
const LOOK: Duration = Duration::from_secs(10);

/// Moments in seconds since 1970: the first of each kind, none where there is nothing of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ends {
    /// Of the chain that clients are shown.
    pub(super) certificate: Option<i64>,
    /// Of the authorities that vouch for clients.
    pub(super) authority: Option<i64>,
    /// Of the lists of what those have taken back.
    pub(super) revocation_list: Option<i64>,
}

/// The figure of one server.
pub(super) struct Expiry {
    service: &'static str,
    gauge: Gauge<i64>,
}

impl Expiry {
    pub(super) fn new(service: &'static str) -> Self {
        let gauge = global::meter("gazelle")
            .i64_gauge("gazelle.tls.expires")
            .with_unit("s")
            .with_description("When the first of its kind ends, in seconds since 1970")
            .build();
        Self { service, gauge }
    }

    pub(super) fn record(&self, ends: &Ends) {
        self.show("certificate", ends.certificate);
        self.show("authority", ends.authority);
        self.show("revocation_list", ends.revocation_list);
    }

    fn show(&self, what: &'static str, at: Option<i64>) {
        if let Some(at) = at {
            let labels = [
                KeyValue::new("service", self.service),
                KeyValue::new("what", what),
            ];
            self.gauge.record(at, &labels);
        }
    }
}

/// When the first of these ends; none where there are none.
pub(super) fn first_end(certificates: &[CertificateDer<'_>]) -> anyhow::Result<Option<i64>> {
    let ends = certificates.iter().map(|it| {
        let (_, certificate) = X509Certificate::from_der(it)?;
        anyhow::Ok(certificate.validity().not_after.timestamp())
    });
    let ends: Vec<i64> = ends.collect::<Result<_, _>>()?;
    Ok(ends.into_iter().min())
}

/// When the first of these is to be followed by another; none where none says so.
pub(super) fn first_update(
    lists: &[CertificateRevocationListDer<'_>],
) -> anyhow::Result<Option<i64>> {
    let updates = lists.iter().map(|it| {
        let (_, list) = CertificateRevocationList::from_der(it)?;
        anyhow::Ok(list.next_update().map(|at| at.timestamp()))
    });
    let updates: Vec<Option<i64>> = updates.collect::<Result<_, _>>()?;
    Ok(updates.into_iter().flatten().min())
}

/// Shows when the first of the certificates ends that this service shows to others, until the
/// handle is dropped. The files are read again when they change.
pub fn keep_shown(
    service: &'static str,
    files: Vec<PathBuf>,
) -> Result<AbortOnDropHandle<()>, FileError> {
    let end = Watched::open_all(files, |contents| Ok(first_end_of_files(contents)?))?;
    let expiry = Expiry::new(service);
    Ok(AbortOnDropHandle::new(tokio::spawn(async move {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            expiry.show("peer_certificate", *end.current());
        }
    })))
}

fn first_end_of_files(contents: &[Vec<u8>]) -> anyhow::Result<Option<i64>> {
    let mut certificates = Vec::new();
    for pem in contents {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        certificates.extend(found.context("a certificate")?);
    }
    first_end(&certificates)
}
