//! What requests say about suspensions.

use gazelle_kernel::Explanation;
use gazelle_proto::registry::v1 as pb;

use super::common::{InItem, interval, uscc};
use crate::domain::{import::Item, suspension::Suspension};

/// A suspension of a batch.
pub fn suspension(item: &pb::Suspension) -> Item<Suspension> {
    Ok(Suspension {
        uscc: uscc(&item.uscc).at("uscc")?,
        suspended: interval(
            ("suspended_from", &item.suspended_from),
            ("suspended_to", &item.suspended_to),
        )?,
        reason: Explanation::parse(&item.reason).at("reason")?,
    })
}
