//! How a service proves who it is, and whose certificates it believes.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Deserializer, de::Error as _};

/// How a service proves who it is, and whose certificates it believes. Its files are PEM, and are
/// read again within seconds when they change.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "TlsSection")]
pub struct TlsConfig {
    /// The certificates that it shows: its own, and those between it and a root.
    pub certificate_file: PathBuf,
    /// The key of the first of them.
    pub key_file: PathBuf,
    /// Whose certificates it believes; nobody's when not given.
    pub clients: Option<ClientTlsConfig>,
    /// Whether TLS 1.2 will do, for a client that has no 1.3.
    pub allow_tls12: bool,
}

/// Whose certificates a service believes.
#[derive(Debug, Clone)]
pub struct ClientTlsConfig {
    /// The authorities that may vouch for a client.
    pub ca_file: PathBuf,
    /// What those authorities have taken back. When there are lists, each authority of a chain
    /// needs one that is in force, else its certificates are refused.
    pub crl_files: Vec<PathBuf>,
    /// The only domain whose names are believed.
    pub trust_domain: TrustDomain,
    /// Whether a client must have one.
    pub certificate: ClientCertificate,
}

/// Whether a client must show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificate {
    /// One without shows a token instead.
    #[default]
    Optional,
    /// One without gets no connection.
    Required,
}

/// The domain of a SPIFFE id: `gazelle.example` in `spiffe://gazelle.example/platform/alpha`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustDomain(String);

impl TrustDomain {
    /// Refuses what the standard does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
        let is_domain = (1..=255).contains(&text.len()) && text.bytes().all(is_known);
        is_domain.then(|| Self(text.to_owned()))
    }

    /// As it stands in an id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsSection {
    certificate_file: PathBuf,
    key_file: PathBuf,
    client_ca_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "paths")]
    crl_files: Vec<PathBuf>,
    trust_domain: Option<String>,
    client_certificate: Option<ClientCertificate>,
    #[serde(default)]
    allow_tls12: bool,
}

impl TryFrom<TlsSection> for TlsConfig {
    type Error = String;

    fn try_from(section: TlsSection) -> Result<Self, String> {
        let clients = match (section.client_ca_file, section.trust_domain) {
            (Some(ca_file), Some(domain)) => Some(ClientTlsConfig {
                ca_file,
                crl_files: section.crl_files,
                trust_domain: TrustDomain::parse(&domain).ok_or_else(|| {
                    format!(
                        "`server.tls.trust_domain` is `{domain}`, which is no domain such as \
                         gazelle.example"
                    )
                })?,
                certificate: section.client_certificate.unwrap_or_default(),
            }),
            (None, None) => {
                if !section.crl_files.is_empty() || section.client_certificate.is_some() {
                    let lacks = "`server.tls.crl_files` and `server.tls.client_certificate` mean \
                         nothing without `server.tls.client_ca_file`";
                    return Err(lacks.to_owned());
                }
                None
            }
            (Some(_), None) | (None, Some(_)) => {
                let lacks = "`server.tls.client_ca_file` and `server.tls.trust_domain` belong \
                     together: one says who vouches for clients, the other for whom";
                return Err(lacks.to_owned());
            }
        };
        Ok(Self {
            certificate_file: section.certificate_file,
            key_file: section.key_file,
            clients,
            allow_tls12: section.allow_tls12,
        })
    }
}

/// A list, or in the environment a text with spaces between them.
fn paths<'de, D: Deserializer<'de>>(paths: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Paths {
        Text(String),
        List(Vec<PathBuf>),
    }
    let paths = match Paths::deserialize(paths)? {
        Paths::Text(text) => text.split_whitespace().map(PathBuf::from).collect(),
        Paths::List(list) => list,
    };
    if paths.iter().any(|path| path.as_os_str().is_empty()) {
        return Err(D::Error::custom("`server.tls.crl_files` has an empty path"));
    }
    Ok(paths)
}
