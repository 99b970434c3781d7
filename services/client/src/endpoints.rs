//! Where the services listen.

use std::{net::IpAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use tonic::transport::Uri;

use crate::{error::ClientError, files::TlsFiles};

/// Where the services listen, as URLs; empty for one of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// The registry service.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub registry: String,
    /// The usage service.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub usage: String,
    /// The settlement service.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settlement: String,
    /// Certificates (PEM) that `https://` servers are checked against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The certificate (PEM) that they are shown, with those between it and a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_file: Option<PathBuf>,
    /// Its key (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
}

impl Endpoints {
    /// Each service's name with its URL.
    #[must_use]
    pub fn each(&self) -> [(&'static str, &str); 3] {
        [
            ("registry", &self.registry),
            ("usage", &self.usage),
            ("settlement", &self.settlement),
        ]
    }

    /// The same for those of which it is known where they are.
    pub fn known(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let each = self.each().into_iter();
        each.filter(|(_, url)| !url.is_empty())
    }

    /// What TLS to them needs.
    pub fn tls_files(&self) -> Result<TlsFiles, ClientError> {
        let (certificate, key) = (self.certificate_file.as_ref(), self.key_file.as_ref());
        let url = self.known().next().map_or("", |(_, url)| url);
        TlsFiles::new(url, self.ca_file.as_ref(), certificate, key)
    }

    /// One that is not of this machine and reached without TLS: whoever is on the way can read what
    /// is sent there, a token too.
    #[must_use]
    pub fn in_clear(&self) -> Option<&str> {
        let is_in_clear = |url: &str| {
            parse_url(url).is_ok_and(|uri| {
                uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_this_machine)
            })
        };
        let mut known = self.known().map(|(_, url)| url);
        known.find(|url| is_in_clear(url))
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The URL of a service: `http` or `https`, and a host; what follows the host is in no call.
pub(crate) fn parse_url(url: &str) -> Result<Uri, ClientError> {
    let refused = |cause: String| ClientError::Url {
        url: url.to_owned(),
        cause: format!("{cause}; write it like https://registry.example:7001"),
    };
    let refused_as = |cause: &str| Err(refused(cause.to_owned()));
    let uri: Uri = url.parse().map_err(|error| refused(format!("{error}")))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        Some(other) => return Err(refused(format!("`{other}` is no scheme of it"))),
        None => return refused_as("it has no scheme"),
    }
    if uri.host().is_none_or(str::is_empty) {
        return refused_as("it has no host");
    }
    if uri.query().is_some() || !matches!(uri.path(), "" | "/") {
        return refused_as("nothing may follow its host and port");
    }
    if uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        return refused_as("it names a user, whom nobody would ask for");
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_over_http_to_another_machine_is_in_the_clear() {
        let in_clear = |usage: &str| {
            let endpoints = Endpoints {
                registry: "https://registry.example".to_owned(),
                usage: usage.to_owned(),
                settlement: String::new(),
                ca_file: None,
                certificate_file: None,
                key_file: None,
            };
            endpoints.in_clear().map(str::to_owned)
        };
        for url in [
            "",
            "https://usage.example",
            "http://localhost:7002",
            "http://LOCALHOST",
            "http://127.0.0.9:7002",
            "http://[::1]:7002",
            "http://[::ffff:127.0.0.1]:7002",
        ] {
            assert_eq!(in_clear(url), None);
        }
        for url in [
            "http://usage.example:7002",
            "http://10.0.0.1",
            "http://[2001:db8::1]:7002",
            "http://localhost.example",
            "http://127.0.0.1.example",
        ] {
            assert_eq!(in_clear(url).as_deref(), Some(url));
        }
    }

    #[test]
    fn a_url_has_a_scheme_and_a_host_and_nothing_else() {
        for url in [
            "http://127.0.0.1:7001",
            "https://registry.example",
            "https://registry.example:7001/",
            "http://[::1]:7001",
        ] {
            assert!(parse_url(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "registry.example",
            "registry.example:7001",
            "localhost:7001",
            "127.0.0.1:7001",
            "//registry.example",
            "/registry",
            "ftp://registry.example",
            "unix:///run/registry",
            "http://",
            "http://registry.example/v1",
            "http://registry.example?tls=1",
            "http://someone@registry.example",
            "http://a b",
        ] {
            let refused = parse_url(url).unwrap_err();
            assert_eq!(refused.reason(), "ENDPOINT_INVALID", "{url}");
            assert!(refused.to_string().contains("write it like"), "{refused}");
        }
    }
}
