//! What settlements are decided from.

use super::{enterprise::EnterpriseRecord, merchant_binding::MerchantBinding, platform::Platform};

/// A part of the facts of one revision.
#[derive(Debug)]
pub enum FactsPart {
    Platforms(Vec<Platform>),
    /// The next enterprises, with what hangs on them.
    Enterprises(Vec<EnterpriseRecord>),
    Bindings(Vec<MerchantBinding>),
}
