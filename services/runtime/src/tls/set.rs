//! What the files of TLS say: one set, taken whole or not at all.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use gazelle_client::watched::Cause;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject as _},
    server::NoServerSessionStorage,
    version::{TLS12, TLS13},
};
use x509_parser::{
    num_bigint::BigUint, prelude::FromDer as _, revocation_list::CertificateRevocationList,
};

use super::{
    expiry::{Ends, first_end, first_update},
    verify::Clients,
};
use crate::config::TlsConfig;

/// What a handshake needs.
pub(super) struct Set {
    pub(super) server: Arc<ServerConfig>,
    pub(super) clients: Option<Arc<Clients>>,
    pub(super) ends: Ends,
}

/// The files of a set, in the order in which [`read`] wants their contents.
pub(super) fn files(config: &TlsConfig) -> Vec<PathBuf> {
    let mut files = vec![config.certificate_file.clone(), config.key_file.clone()];
    if let Some(clients) = &config.clients {
        files.push(clients.ca_file.clone());
        files.extend_from_slice(&clients.crl_files);
    }
    files
}

/// Reads a set; refuses a key that is not the certificate's, and what a handshake would fail by.
pub(super) fn read(
    config: &TlsConfig,
    protocols: &[&'static [u8]],
    contents: &[Vec<u8>],
) -> Result<Set, Cause> {
    Ok(read_set(config, protocols, contents)?)
}

fn read_set(
    config: &TlsConfig,
    protocols: &[&'static [u8]],
    contents: &[Vec<u8>],
) -> anyhow::Result<Set> {
    let [certificate, key, others @ ..] = contents else {
        anyhow::bail!("a certificate and a key are needed");
    };
    let chain = certificates(certificate).context("server.tls.certificate_file")?;
    let mut ends = Ends {
        certificate: first_end(&chain).context("server.tls.certificate_file")?,
        ..Ends::default()
    };
    let key = PrivateKeyDer::from_pem_slice(key).context("server.tls.key_file")?;

    let provider = Arc::new(ring::default_provider());
    let clients = match (&config.clients, others) {
        (Some(clients), [authorities, lists @ ..]) => {
            let authorities = certificates(authorities).context("server.tls.client_ca_file")?;
            ends.authority = first_end(&authorities).context("server.tls.client_ca_file")?;
            let lists = revoked(lists).context("server.tls.crl_files")?;
            ends.revocation_list = first_update(&lists).context("server.tls.crl_files")?;
            let clients = Clients::new(clients, &authorities, &lists, &provider)
                .context("server.tls.client_ca_file and crl_files")?;
            Some(Arc::new(clients))
        }
        _ => None,
    };

    let versions: &[_] = if config.allow_tls12 {
        &[&TLS13, &TLS12]
    } else {
        &[&TLS13]
    };
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
    let builder = match &clients {
        Some(clients) => builder.with_client_cert_verifier(clients.clone()),
        None => builder.with_no_client_auth(),
    };
    let mut server = builder
        .with_single_cert(chain, key)
        .context("server.tls.certificate_file and key_file")?;
    server.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    // A session that is resumed would bring its certificate along unseen, revoked or not.
    server.session_storage = Arc::new(NoServerSessionStorage {});
    server.send_tls13_tickets = 0;
    Ok(Set {
        server: Arc::new(server),
        clients,
        ends,
    })
}

fn certificates(pem: &[u8]) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found?;
    anyhow::ensure!(!found.is_empty(), "there is no certificate in it");
    Ok(found)
}

/// The lists of all files, the newest first: of several that an authority made it alone counts.
fn revoked(files: &[Vec<u8>]) -> anyhow::Result<Vec<CertificateRevocationListDer<'static>>> {
    let mut lists = Vec::new();
    for pem in files {
        let found: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(pem).collect();
        let found = found?;
        anyhow::ensure!(!found.is_empty(), "a file has no list in it");
        for list in found {
            lists.push((made(&list)?, list));
        }
    }
    lists.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(lists.into_iter().map(|(_, list)| list).collect())
}

/// When a list was made, in seconds since 1970, and its number.
fn made(list: &[u8]) -> anyhow::Result<(i64, Option<BigUint>)> {
    let (_, list) = CertificateRevocationList::from_der(list)?;
    Ok((list.last_update().timestamp(), list.crl_number().cloned()))
}
