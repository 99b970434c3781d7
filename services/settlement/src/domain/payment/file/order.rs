//! An order as the files show it.

use gazelle_kernel::{Fen, Instant, ProgramId, Year};

/// A released order, without its payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOrder {
    /// The order's number, at most 35 characters.
    pub order_id: String,
    /// When it was released; its day in Asia/Shanghai is the day on which it is to be paid.
    pub released_at: Instant,
    pub program_id: ProgramId,
    /// What the program is called where the order is paid.
    pub program_name: String,
    pub payer: FileAccount,
    /// How many payments there are.
    pub payment_count: u64,
    /// What they add up to, at most 18 digits of fen.
    pub total: Fen,
}

/// An account with a bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAccount {
    /// Whose it is: the account's name, trimmed and in NFKC, at most 140 characters.
    pub name: String,
    /// Its number, at most 34 characters.
    pub number: String,
    /// The bank's CNAPS code, 12 digits.
    pub bank_code: String,
    /// What the bank is called, at most 140 characters.
    pub bank_name: String,
}

impl FileAccount {
    /// Name, number, bank code and bank name.
    #[must_use]
    pub fn texts(&self) -> [&str; 4] {
        [&self.name, &self.number, &self.bank_code, &self.bank_name]
    }
}

/// A payment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePayment {
    /// The payment's number, unique for ever, at most 35 characters.
    pub end_to_end_id: String,
    pub payee: FileAccount,
    /// How much, above 0.
    pub amount: Fen,
    /// The budget years that it is made of, in their order.
    pub years: Vec<Year>,
}
