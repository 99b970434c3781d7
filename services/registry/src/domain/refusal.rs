//! Why an item of a batch is refused, or looks wrong.

use std::collections::BTreeSet;

use gazelle_kernel::{ParseError, PlatformId, Uscc, account::BankCode};

use super::{
    account::NameRefused,
    enterprise::{EvidenceRefused, NotRegistered},
    merchant_binding::MerchantBinding,
};

/// Why an item is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemRefused {
    /// A field cannot be read.
    Field {
        /// Its name in the contract.
        field: &'static str,
        /// What is wrong with it.
        error: ParseError,
    },
    /// An enterprise's code is no exception, or is none without evidence.
    Evidence(EvidenceRefused),
    /// No enterprise is registered under the item's code.
    NotRegistered(NotRegistered),
    /// No platform is known under the item's id.
    PlatformUnknown(PlatformId),
    /// This other binding of the account holds on a day of the item's.
    BindingOverlap(Box<MerchantBinding>),
    /// A payment account's holder is not the payee, or is the payee and needs no evidence.
    AccountName(NameRefused),
    /// Of a payment account's number the end is given, and none of the payee's is recorded so.
    AccountNotRecorded,
    /// An earlier item of the batch has the same key and other content.
    RepeatedInBatch,
}

/// What looks wrong about an item that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The bank's code fails its check.
    BankCodeCheck(BankCode),
    /// A payment account that is not paid to is given as lists show it, which proposes nothing.
    NotProposed,
}

/// Refuses an item of an enterprise that is not among the `registered` ones.
pub fn require(registered: &BTreeSet<Uscc>, uscc: Uscc) -> Result<(), ItemRefused> {
    if registered.contains(&uscc) {
        return Ok(());
    }
    Err(ItemRefused::NotRegistered(NotRegistered::new(uscc)))
}
