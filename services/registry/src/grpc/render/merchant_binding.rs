//! Merchant bindings as messages.

use gazelle_proto::{optional, registry::v1 as pb};

use crate::domain::merchant_binding::MerchantBinding;

pub fn binding(binding: &MerchantBinding) -> pb::MerchantBinding {
    pb::MerchantBinding {
        platform_id: binding.platform_id.to_string(),
        merchant_id: binding.merchant_id.to_string(),
        uscc: binding.uscc.to_string(),
        bound_from: binding.bound.from().to_string(),
        bound_to: optional::text(binding.bound.to()),
    }
}
