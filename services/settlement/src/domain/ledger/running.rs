//! Running balances: each account's postings are numbered, and each goes on from the balance that
//! the one before it left.

use gazelle_kernel::Fen;

use super::book::BooksOverflow;

/// Where an account stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// How many postings it has.
    pub number: i64,
    /// What they come to, debits less credits.
    pub balance: Fen,
}

/// What a posting does to one of its two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceStep {
    /// Which of the account's postings it is, from 1.
    pub number: i64,
    pub before: Fen,
    /// What is added: above 0 for a debit, below for a credit.
    pub change: Fen,
}

impl Position {
    /// Goes on by a debit of `amount`.
    pub fn debit(&mut self, amount: Fen) -> Result<BalanceStep, BooksOverflow> {
        self.go_on(amount)
    }

    /// Goes on by a credit of `amount`.
    pub fn credit(&mut self, amount: Fen) -> Result<BalanceStep, BooksOverflow> {
        self.go_on(Fen::new(-amount.get()))
    }

    fn go_on(&mut self, change: Fen) -> Result<BalanceStep, BooksOverflow> {
        let before = self.balance;
        self.balance = before.checked_add(change).ok_or(BooksOverflow)?;
        self.number += 1;
        Ok(BalanceStep {
            number: self.number,
            before,
            change,
        })
    }
}
