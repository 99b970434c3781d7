//! What requests say about merchant bindings.

use gazelle_kernel::{MerchantId, PlatformId};
use gazelle_proto::registry::v1 as pb;

use super::common::{InItem, interval, uscc};
use crate::domain::{import::Item, merchant_binding::MerchantBinding};

/// A binding of a batch.
pub fn binding(item: &pb::MerchantBinding) -> Item<MerchantBinding> {
    Ok(MerchantBinding {
        platform_id: PlatformId::parse(&item.platform_id).at("platform_id")?,
        merchant_id: MerchantId::parse(&item.merchant_id).at("merchant_id")?,
        uscc: uscc(&item.uscc).at("uscc")?,
        bound: interval(
            ("bound_from", &item.bound_from),
            ("bound_to", &item.bound_to),
        )?,
    })
}
