//! Where the services listen. Ports are the system's choice at first and kept from then on.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use gazelle_runtime::server::listen;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::profile::{Endpoints, Home, write_json};
use crate::words;

/// Binds all three and writes down where.
pub(super) fn bind(
    home: &Home,
    asked: [Option<SocketAddr>; 3],
) -> Result<([TcpListener; 3], Endpoints), Failure> {
    // A file that cannot be read is no reason not to start; it is written anew.
    let last = home
        .home_endpoints()
        .ok()
        .map(|endpoints| endpoints.each().map(|(_, url)| port(url)));
    let [a, b, c] = asked;
    let [last_a, last_b, last_c] = last.unwrap_or_default();
    let listeners = [
        bind_one(a, last_a)?,
        bind_one(b, last_b)?,
        bind_one(c, last_c)?,
    ];
    let [registry, usage, settlement] = [
        url(&listeners[0])?,
        url(&listeners[1])?,
        url(&listeners[2])?,
    ];
    let endpoints = Endpoints {
        registry,
        usage,
        settlement,
        ca_file: Some(home.ca_file()),
        certificate_file: None,
        key_file: None,
    };
    write_json(&home.endpoints_file(), &endpoints)?;
    Ok((listeners, endpoints))
}

/// By which others reach services that listen there: names that were given, and each address that
/// is one's own.
pub(super) fn names(mut given: Vec<String>, asked: &[Option<SocketAddr>; 3]) -> Vec<String> {
    for address in asked.iter().flatten().map(SocketAddr::ip) {
        if !address.is_unspecified() && !address.is_loopback() {
            given.push(address.to_string());
        }
    }
    given
}

fn bind_one(asked: Option<SocketAddr>, last: Option<u16>) -> Result<TcpListener, Failure> {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if asked.is_none()
        && let Some(port) = last
        && let Ok(listener) = listen(loopback(port))
    {
        return Ok(listener);
    }
    let address = asked.unwrap_or_else(|| loopback(0));
    listen(address).map_err(|error| failed(address, &error))
}

/// That nobody can listen there, and why.
pub(super) fn failed(address: SocketAddr, error: &std::io::Error) -> Failure {
    let error = words::cause(error);
    let message = words::LISTEN.with(&[("address", &address), ("error", &error)]);
    Failure::new("LISTEN_FAILED", message)
}

fn port(url: &str) -> Option<u16> {
    url.rsplit_once(':')?.1.parse().ok()
}

/// How this machine reaches it.
fn url(listener: &TcpListener) -> Result<String, Failure> {
    let mut address = listener.local_addr()?;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => {
            address.set_ip(std::net::Ipv6Addr::LOCALHOST.into());
        }
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    Ok(format!("https://{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().into())).unwrap();
        (folder, home)
    }

    #[tokio::test]
    async fn ports_are_kept_from_start_to_start() {
        let (_folder, home) = home();
        let (listeners, first) = bind(&home, [None; 3]).unwrap();
        drop(listeners);
        let (_listeners, second) = bind(&home, [None; 3]).unwrap();
        assert_eq!(first, second);
        assert_eq!(home.home_endpoints().unwrap(), second);
    }

    #[tokio::test]
    async fn a_port_that_was_taken_meanwhile_gives_way_to_another() {
        let (_folder, home) = home();
        let (_taken, first) = bind(&home, [None; 3]).unwrap();
        let (_listeners, second) = bind(&home, [None; 3]).unwrap();
        assert_ne!(first, second);
    }

    #[tokio::test]
    async fn an_address_that_was_asked_for_is_the_only_one_that_will_do() {
        let (_folder, home) = home();
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let asked = [Some(taken.local_addr().unwrap()), None, None];
        assert_eq!(bind(&home, asked).unwrap_err().reason(), "LISTEN_FAILED");
    }
}
