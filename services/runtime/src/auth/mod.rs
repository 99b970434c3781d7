//! Who is calling.
//!
//! A caller shows a JSON Web Token (RFC 7519). Its `iss` says which of the configured issuers is
//! asked, and with that one's keys alone it is verified; so an issuer can sign for whom it may
//! sign for, and for nobody else. The algorithm is the key's, never the token's choice: EdDSA,
//! ES256 or RS256. A workload may show a client certificate beside it or instead; the access
//! layer holds the two together.
//!
//! From the configuration to the answer: `issuers` (who is believed, for whom) -> `source` of the
//! `keys` (a file, or where `discovery` finds them) -> `claims` -> [`Verifier`], which also knows
//! what was `revoked`.

mod certificate;
mod claims;
mod discovery;
mod error;
mod evidence;
mod issuers;
mod keys;
pub mod own_issuer;
mod principal;
mod revoked;
mod source;
mod verifier;

pub use certificate::Certificate;
pub use error::{AuthError, CertificateEnded, Ended, Revoked, TokenEnded, TokenError};
pub use evidence::{Believed, Evidence, Token};
pub(crate) use principal::is_service_name;
pub use principal::{Principal, Role};
pub use verifier::{KeepingKeys, Verifier};

/// Difference between our clock and an issuer's that a token may have, in seconds.
const LEEWAY_SECONDS: i64 = 30;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
