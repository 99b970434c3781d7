//! Where a call comes from.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::activity::Activity;
use crate::tls::workload::Workload;

/// The other end of a connection; tonic hands it on with each request.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    /// No two connections of a process have the same.
    pub(crate) connection: u64,
    /// Whose it is.
    pub(crate) origin: IpAddr,
    /// Whom its certificate names, where one was shown.
    pub(crate) workload: Option<Workload>,
    /// What is under way on it.
    pub(crate) activity: Arc<Activity>,
}

impl Remote {
    pub(crate) fn new(address: SocketAddr) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            connection: NEXT.fetch_add(1, Ordering::Relaxed),
            origin: origin(address.ip()),
            workload: None,
            activity: Activity::new(),
        }
    }
}

/// Who has one address of IPv6 has the 2^64 beside it too.
fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_ipv6_are_one_and_those_of_ipv4_are_not() {
        let origin = |text: &str| origin(text.parse().unwrap());
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:2"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_ne!(origin("10.0.0.1"), origin("10.0.0.2"));
        assert_eq!(origin("::ffff:10.0.0.1"), origin("10.0.0.1"));
    }
}
