//! Who may call what.
//!
//! The contract declares it beside each RPC; [`gazelle_proto::access::RULES`] has it as a table.
//! This layer stands before all handlers: no proof, no call; no rule, no call. A stream ends when
//! what it began with does not count any more. A handler finds who called with [`principal`], and
//! looks at nothing else for it, least of all at the message.

mod gate;
mod identity;
mod layer;
mod refused;
mod stream;

pub(crate) use gate::Access;
pub use gate::FindRule;
pub(crate) use layer::access;
pub use layer::{evidence, principal};
pub use refused::denied;

#[cfg(test)]
mod proofs_tests;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;
