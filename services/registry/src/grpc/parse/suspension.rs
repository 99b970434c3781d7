//! What requests say about suspensions.

use gazelle_proto::registry::v1 as pb;

use super::common::{InItem, explanation, interval, uscc};
use crate::domain::{import::Item, suspension::Suspension};

/// A suspension of a batch.
pub fn suspension(item: &pb::Suspension) -> Item<Suspension> {
    Ok(Suspension {
        uscc: uscc(&item.uscc).at("uscc")?,
        suspended: interval(
            ("suspended_from", &item.suspended_from),
            ("suspended_to", &item.suspended_to),
        )?,
        reason: explanation(&item.reason).at("reason")?,
    })
}
