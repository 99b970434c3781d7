//! Whether the books say what runs, orders, answers and open items say, as one sum of either side:
//! amounts under keys, which are what a run gave whom, what a payment moved, what stands on an
//! account ([`weighed`](super::weighed)).

use gazelle_kernel::Fen;

use super::{
    AccountKind, CauseKind, Named,
    stored::StoredPosting,
    weighed::{WeighedSum, Weights},
};
use crate::domain::{program::Payee, rules::result::Settlement, run::Run};

/// What an amount is of.
#[derive(Debug, Hash)]
enum Key<'a> {
    /// What an approved run gave a payee.
    Given {
        run_id: &'a str,
        program_id: &'a str,
        payee_id: &'a str,
    },
    /// What a run moved on an account of its year.
    Moved {
        run_id: &'a str,
        program_id: &'a str,
        year: &'a str,
        kind: AccountKind,
    },
    /// That a payment was prepared with an amount.
    Prepared {
        payment_id: &'a str,
        payee_id: &'a str,
        program_id: &'a str,
        order_id: &'a str,
        fen: i128,
    },
    /// What a payment moved after that.
    Paid {
        way: Way,
        payment_id: &'a str,
        payee_id: &'a str,
        program_id: &'a str,
    },
    /// What stands on an account of a payee.
    Standing {
        kind: AccountKind,
        program_id: &'a str,
        payee_id: &'a str,
    },
    /// Postings that no rule makes, and payments in no state that there is.
    Unruly,
}

/// What becomes of a payment.
#[derive(Debug, Clone, Copy, Hash)]
enum Way {
    /// It is paid, less what of that came back.
    Settled,
    /// It came back, settled before or not.
    Returned,
    /// It went back with its order.
    Cancelled,
}

/// A published or approved run, as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct CausedRun<'a> {
    pub run_id: &'a str,
    pub program_id: &'a str,
    pub year: i32,
    /// Whether it is approved; else it is on notice.
    pub is_approved: bool,
    /// What it grants, above 0, and takes back, 0 or less.
    pub granted: Fen,
    pub clawed_back: Fen,
}

/// A payment, as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct CausedPayment<'a> {
    pub payment_id: &'a str,
    pub payee_id: &'a str,
    pub program_id: &'a str,
    pub order_id: &'a str,
    pub amount: Fen,
    /// The name of its state in the tables.
    pub state: &'a str,
}

/// What a side comes to so far.
#[derive(Debug, Clone)]
pub struct Recount(WeighedSum);

impl Recount {
    /// Nothing yet.
    #[must_use]
    pub fn new(weights: Weights) -> Self {
        Self(WeighedSum::new(weights))
    }

    /// Nothing yet, with the same weights.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::new(self.0.weights().clone())
    }

    /// Whether both sides say the same.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.0.agrees(&other.0)
    }

    fn add(&mut self, key: &Key<'_>, fen: i128) {
        self.0.add(key, fen);
    }

    /// Takes in a posting of an entry with these texts: its cause, the cause's id, the program, and
    /// who recorded it.
    pub fn posting(
        &mut self,
        [cause, cause_id, program_id, _]: [&str; 4],
        posting: &StoredPosting,
        debit: Named<'_>,
        credit: Named<'_>,
    ) {
        let sides = [debit, credit];
        let is_own = sides.iter().all(|side| side.program_id == program_id);
        let cause = CauseKind::parse(cause).filter(|_| is_own);
        let fen = i128::from(posting.amount.get());
        let payment_id = posting.payment_id.as_deref();
        let is_ruled = match (cause, payment_id) {
            (
                Some(
                    CauseKind::RunPublished
                    | CauseKind::RunCancelled
                    | CauseKind::RunApproved
                    | CauseKind::ObjectionUpheld,
                ),
                None,
            ) => self.run(cause_id, [(debit, fen), (credit, -fen)]),
            (Some(CauseKind::BudgetSet), None) => sides
                .iter()
                .all(|side| matches!(side.kind, AccountKind::Budget | AccountKind::Free)),
            (
                Some(
                    cause @ (CauseKind::OrderPrepared
                    | CauseKind::OrderCancelled
                    | CauseKind::AnswerTaken),
                ),
                Some(payment_id),
            ) => self.payment((cause, cause_id), payment_id, sides, fen),
            _ => false,
        };
        if !is_ruled {
            self.add(&Key::Unruly, 1);
        }
    }

    /// Takes in what a run moves; or says that none moves this.
    fn run(&mut self, cause_id: &str, sides: [(Named<'_>, i128); 2]) -> bool {
        // Of an objection it has the enterprise behind it.
        let run_id = cause_id.split(' ').next().unwrap_or_default();
        for (account, fen) in sides {
            let Named {
                kind,
                program_id,
                whose,
            } = account;
            match kind {
                AccountKind::Committed | AccountKind::Granted | AccountKind::Subsidy => {
                    let key = Key::Moved {
                        run_id,
                        program_id,
                        year: whose,
                        kind,
                    };
                    self.add(&key, fen);
                }
                AccountKind::Payable | AccountKind::Receivable => {
                    self.add_given((run_id, program_id), whose, -fen);
                }
                AccountKind::Free => {}
                AccountKind::Budget | AccountKind::InPayment | AccountKind::Treasury => {
                    return false;
                }
            }
        }
        true
    }

    fn add_given(&mut self, (run_id, program_id): (&str, &str), payee_id: &str, fen: i128) {
        let key = Key::Given {
            run_id,
            program_id,
            payee_id,
        };
        self.add(&key, fen);
    }

    /// Takes in what a payment moves; or says that none moves this.
    fn payment(
        &mut self,
        (cause, cause_id): (CauseKind, &str),
        payment_id: &str,
        [debit, credit]: [Named<'_>; 2],
        fen: i128,
    ) -> bool {
        let (payee_id, program_id) = (debit.whose, debit.program_id);
        let is_owed = matches!(credit.kind, AccountKind::Payable | AccountKind::Receivable);
        let mut add = |way, fen| {
            let key = Key::Paid {
                way,
                payment_id,
                payee_id,
                program_id,
            };
            self.add(&key, fen);
        };
        match (cause, debit.kind, credit.kind) {
            _ if credit.whose != payee_id => return false,
            (CauseKind::OrderPrepared, AccountKind::Payable, AccountKind::InPayment) => {
                let key = Key::Prepared {
                    payment_id,
                    payee_id,
                    program_id,
                    order_id: cause_id,
                    fen,
                };
                self.add(&key, 1);
            }
            (CauseKind::AnswerTaken, AccountKind::InPayment, AccountKind::Treasury) => {
                add(Way::Settled, fen);
            }
            (CauseKind::AnswerTaken, AccountKind::InPayment, _) if is_owed => {
                add(Way::Returned, fen);
            }
            (CauseKind::AnswerTaken, AccountKind::Treasury, _) if is_owed => {
                add(Way::Returned, fen);
                add(Way::Settled, -fen);
            }
            (CauseKind::OrderCancelled, AccountKind::InPayment, _) if is_owed => {
                add(Way::Cancelled, fen);
            }
            _ => return false,
        }
        true
    }

    /// Takes in what an account of the books comes to at their end.
    pub fn balance(&mut self, account: Named<'_>, balance: Fen) {
        if account.kind.is_of_payee() {
            let owner = (account.program_id, account.whose);
            self.standing(account.kind, owner, balance.get().into());
        }
    }

    fn standing(&mut self, kind: AccountKind, (program_id, payee_id): (&str, &str), fen: i128) {
        let key = Key::Standing {
            kind,
            program_id,
            payee_id,
        };
        self.add(&key, fen);
    }

    /// Takes in a run: what it committed, or granted and gave, in its year.
    pub fn caused_run(&mut self, run: &CausedRun<'_>) {
        let granted = i128::from(run.granted.get());
        let net = granted + i128::from(run.clawed_back.get());
        let moved: &[_] = if run.is_approved {
            &[(AccountKind::Granted, net), (AccountKind::Subsidy, net)]
        } else {
            &[(AccountKind::Committed, granted)]
        };
        for &(kind, fen) in moved {
            let key = Key::Moved {
                run_id: run.run_id,
                program_id: run.program_id,
                year: &run.year.to_string(),
                kind,
            };
            self.add(&key, fen);
        }
    }

    /// Takes in what an approved run gives: to enterprises, or by line to platforms.
    pub fn caused_gifts(&mut self, run: &Run, payee: Payee, rows: &Settlement) {
        let run_id = run.run_id.to_string();
        let by = (&*run_id, run.program_id.as_str());
        match payee {
            Payee::Enterprise => {
                for row in &rows.enterprises {
                    self.add_given(by, row.uscc.as_str(), row.granted_fen.get().into());
                }
            }
            Payee::Platform => {
                for line in &rows.lines {
                    let payee_id = line.platform_id.as_str();
                    self.add_given(by, payee_id, line.government_fen.get().into());
                }
            }
        }
    }

    /// Takes in a payment.
    pub fn caused_payment(&mut self, payment: &CausedPayment<'_>) {
        let fen = i128::from(payment.amount.get());
        let CausedPayment {
            payment_id,
            payee_id,
            program_id,
            order_id,
            ..
        } = *payment;
        let key = Key::Prepared {
            payment_id,
            payee_id,
            program_id,
            order_id,
            fen,
        };
        self.add(&key, 1);
        let owner = (program_id, payee_id);
        let way = match payment.state {
            "PENDING" => return self.standing(AccountKind::InPayment, owner, -fen),
            "SETTLED" => {
                self.standing(AccountKind::Treasury, owner, -fen);
                Way::Settled
            }
            "RETURNED" => Way::Returned,
            "CANCELLED" => Way::Cancelled,
            // Below 0, since postings count above: they must not make up for each other.
            _ => return self.add(&Key::Unruly, -1),
        };
        let key = Key::Paid {
            way,
            payment_id,
            payee_id,
            program_id,
        };
        self.add(&key, fen);
    }

    /// Takes in what the open items of a payee come to: owed to it, or below 0 by it. So nobody is
    /// owed something and owes something at once.
    pub fn caused_open(&mut self, program_id: &str, payee_id: &str, fen: i128) {
        let kind = if fen < 0 {
            AccountKind::Receivable
        } else {
            AccountKind::Payable
        };
        self.standing(kind, (program_id, payee_id), -fen);
    }
}

#[cfg(test)]
#[path = "recount_tests.rs"]
mod tests;
