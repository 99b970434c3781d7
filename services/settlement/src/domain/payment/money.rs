//! What became of a program's money, at a glance.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, Instant, ProgramId, Year};

use crate::domain::ledger::{AccountKind, book::Balance};

/// A program's money.
#[derive(Debug, Clone, Default)]
pub struct ProgramMoney {
    pub years: BTreeMap<Year, YearMoney>,
    /// By run number.
    pub runs: Vec<RunMoney>,
    /// Of all payees together.
    pub total: Balance,
    /// What ever came back.
    pub returned: Fen,
}

impl ProgramMoney {
    /// Adds what an account of a year holds; those of payees are no year's.
    pub fn add_account(&mut self, year: Year, kind: AccountKind, balance: Fen) {
        let money = self.years.entry(year).or_default();
        match kind {
            AccountKind::Budget => money.budget = Fen::new(-balance.get()),
            AccountKind::Free => money.free = balance,
            AccountKind::Committed => money.committed = balance,
            AccountKind::Granted => money.granted = balance,
            AccountKind::Subsidy
            | AccountKind::Payable
            | AccountKind::InPayment
            | AccountKind::Receivable
            | AccountKind::Treasury => {}
        }
    }

    /// Adds what a payee has.
    pub fn add_payee(&mut self, balance: &Balance) {
        let total = &mut self.total;
        for (sum, amount) in [
            (&mut total.payable, balance.payable),
            (&mut total.in_payment, balance.in_payment),
            (&mut total.paid, balance.paid),
            (&mut total.receivable, balance.receivable),
        ] {
            *sum = Fen::new(sum.get().saturating_add(amount.get()));
        }
    }
}

/// A year's budget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct YearMoney {
    /// What its versions gave.
    pub budget: Fen,
    /// Neither committed nor granted.
    pub free: Fen,
    /// What the published run would grant.
    pub committed: Fen,
    /// What approved runs granted, net.
    pub granted: Fen,
}

/// What became of what an approved run gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunMoney {
    /// Which of the program's runs.
    pub run_number: i32,
    pub year: Year,
    /// What it granted, without what it took back.
    pub granted: Fen,
    /// What it took back, 0 or less.
    pub clawed_back: Fen,
    /// What is payable of it.
    pub payable: Fen,
    /// What is in payment.
    pub in_payment: Fen,
    pub paid: Fen,
    /// What it took back and is still receivable.
    pub receivable: Fen,
    /// What ever came back.
    pub returned: Fen,
}

/// A move of a payee's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    pub posting_number: i64,
    /// When it was recorded.
    pub recorded_at: Instant,
    pub program_id: ProgramId,
    /// What made it.
    pub cause: String,
    /// Of which run, order or answer.
    pub cause_id: String,
    /// The debited account's name.
    pub debit: String,
    /// The credited account's name.
    pub credit: String,
    pub amount: Fen,
    /// The payment that it is about.
    pub payment_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::year;

    #[test]
    fn a_program_has_what_the_accounts_of_its_years_hold_and_all_payees_have() {
        let mut money = ProgramMoney::default();
        for (kind, fen) in [
            (AccountKind::Budget, -100),
            (AccountKind::Free, 70),
            (AccountKind::Committed, 20),
            (AccountKind::Granted, 10),
            (AccountKind::Subsidy, -10),
        ] {
            money.add_account(year(2025), kind, Fen::new(fen));
        }
        let [budget, free, committed, granted] = [100, 70, 20, 10].map(Fen::new);
        let expected = YearMoney {
            budget,
            free,
            committed,
            granted,
        };
        assert_eq!(money.years, BTreeMap::from([(year(2025), expected)]));

        let [payable, in_payment, paid, receivable] = [1, 2, 3, 4].map(Fen::new);
        let balance = Balance {
            payable,
            in_payment,
            paid,
            receivable,
        };
        money.add_payee(&balance);
        money.add_payee(&balance);
        let doubled = Balance {
            payable: Fen::new(2),
            in_payment: Fen::new(4),
            paid: Fen::new(6),
            receivable: Fen::new(8),
        };
        assert_eq!(money.total, doubled);
    }
}
