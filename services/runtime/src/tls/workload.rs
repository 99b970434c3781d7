//! Who a client's certificate names.

use crate::auth::Principal;

/// The workload at the other end of a connection, as its certificate names it. It is among the
/// extensions of each request that came over a connection whose client showed a certificate, and
/// that certificate was verified: chain, time, purpose, revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// A platform or a service; never a person.
    pub principal: Principal,
}
