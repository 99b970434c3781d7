//! Where a service listens, and for whom.

use std::net::SocketAddr;

use http::HeaderValue;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::TlsConfig;

/// Where a service listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "ServerSection")]
pub struct ServerConfig {
    /// Address and port for gRPC; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Over TLS, or in plain text where the configuration says so in so many words.
    pub transport: Transport,
    /// How long a service that is to stop says that it is not ready and still takes calls, in
    /// milliseconds: whoever sends them must have time to notice. 5,000 at most.
    pub not_ready_wait_ms: u64,
    /// Whose pages may call over gRPC-Web, such as `https://console.example`; in the environment
    /// with spaces between them. Without any it is switched off.
    pub grpc_web_origins: Vec<HeaderValue>,
}

/// What stands between a service and the network.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Nothing: for loopback, or where a mesh encrypts.
    Plaintext,
    /// TLS that ends here, by these files.
    Tls(TlsConfig),
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerSection {
    listen: SocketAddr,
    #[serde(default)]
    plaintext: bool,
    tls: Option<TlsConfig>,
    #[serde(
        default = "default_not_ready_wait_ms",
        deserialize_with = "at_most_5_s"
    )]
    not_ready_wait_ms: u64,
    #[serde(default, deserialize_with = "origins")]
    grpc_web_origins: Vec<HeaderValue>,
}

impl TryFrom<ServerSection> for ServerConfig {
    type Error = &'static str;

    fn try_from(section: ServerSection) -> Result<Self, Self::Error> {
        let transport = match (section.plaintext, section.tls) {
            (false, Some(tls)) => Transport::Tls(tls),
            (true, None) => Transport::Plaintext,
            (false, None) => {
                return Err(
                    "neither `server.tls` nor `server.plaintext = true` is there: give it \
                     `server.tls.certificate_file` and `server.tls.key_file`, or say that it is \
                     to serve in plain text",
                );
            }
            (true, Some(_)) => {
                return Err(
                    "`server.plaintext = true` and `server.tls` are both there: only one \
                     can hold",
                );
            }
        };
        Ok(Self {
            listen: section.listen,
            transport,
            not_ready_wait_ms: section.not_ready_wait_ms,
            grpc_web_origins: section.grpc_web_origins,
        })
    }
}

impl ServerConfig {
    /// A server that listens there, with everything else as by default.
    #[must_use]
    pub fn new(listen: SocketAddr, transport: Transport) -> Self {
        Self {
            listen,
            transport,
            not_ready_wait_ms: default_not_ready_wait_ms(),
            grpc_web_origins: Vec::new(),
        }
    }
}

/// An origin as browsers write it: `scheme://host[:port]` in lower case, and nothing behind.
fn origins<'de, D: Deserializer<'de>>(origins: D) -> Result<Vec<HeaderValue>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Origins {
        Text(String),
        List(Vec<String>),
    }
    let origins = match Origins::deserialize(origins)? {
        Origins::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
        Origins::List(list) => list,
    };
    let parse = |origin: String| {
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| origin.strip_prefix(scheme));
        let is_host = |host: &str| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
        };
        let value = HeaderValue::from_str(&origin).ok();
        value.filter(|_| host.is_some_and(is_host)).ok_or_else(|| {
            D::Error::custom(format!(
                "`server.grpc_web_origins` has `{origin}`, which is no origin such as https://console.example"
            ))
        })
    };
    origins.into_iter().map(parse).collect()
}

fn default_not_ready_wait_ms() -> u64 {
    2_000
}

/// The rest of the time to stop is for calls under way.
fn at_most_5_s<'de, D: Deserializer<'de>>(wait: D) -> Result<u64, D::Error> {
    match u64::deserialize(wait)? {
        wait @ 0..=5_000 => Ok(wait),
        more => Err(D::Error::custom(format!(
            "`server.not_ready_wait_ms` is {more}; at most 5000"
        ))),
    }
}

/// Where those who run a service look.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Address and port for HTTP: `/livez`, `/readyz`, `/metrics`. Port 0 takes a free one.
    pub listen: SocketAddr,
}
