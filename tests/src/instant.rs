//! Instants, as the contract has them.

use gazelle_kernel::parse_instant;
use gazelle_proto::time::timestamp;
use prost_types::Timestamp;

/// What stands in a field for an instant of RFC 3339.
#[must_use]
pub fn at(text: &str) -> Option<Timestamp> {
    Some(timestamp(parse_instant(text).unwrap()))
}
