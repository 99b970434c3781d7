//! Merchant bindings.

use gazelle_proto::registry::v1 as pb;

use super::common::text;
use crate::domain::merchant_binding::MerchantBinding;

pub fn binding(binding: &MerchantBinding) -> pb::MerchantBinding {
    pb::MerchantBinding {
        platform_id: binding.platform_id.to_string(),
        merchant_id: binding.merchant_id.to_string(),
        uscc: binding.uscc.to_string(),
        bound_from: binding.bound.from().to_string(),
        bound_to: text(binding.bound.to()),
    }
}
