//! The account that a payee is paid to.

use gazelle_kernel::{Actor, PayeeId};

/// A payee's account in force, as the registry has it.
#[derive(Clone, PartialEq, Eq)]
pub struct PayeeAccount {
    pub payee_id: PayeeId,
    /// Which of the payee's accounts, from 1.
    pub version: i32,
    /// The account's name, trimmed and in NFKC.
    pub name: String,
    pub number: String,
    /// The bank's CNAPS code.
    pub bank_code: String,
    /// What the bank is called.
    pub bank_name: String,
    pub proposed_by: Actor,
    /// Whether a payment to the payee came back since it was confirmed.
    pub payment_returned: bool,
}

impl PayeeAccount {
    /// Name, number, bank code and bank name.
    #[must_use]
    pub fn texts(&self) -> [&str; 4] {
        [&self.name, &self.number, &self.bank_code, &self.bank_name]
    }
}

/// No number in full, wherever this ends up.
impl std::fmt::Debug for PayeeAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayeeAccount")
            .field("version", &self.version)
            .field("payment_returned", &self.payment_returned)
            .finish_non_exhaustive()
    }
}

/// The last four characters of an account's number, which everybody may see.
#[must_use]
pub fn last_four(number: &str) -> &str {
    let start = number.char_indices().rev().nth(3);
    &number[start.map_or(0, |(at, _)| at)..]
}
