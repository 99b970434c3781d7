//! Whether the books say what runs, orders, answers and open items say, as one sum of either side:
//! amounts under keys, which are what a run gave whom, what a payment moved, what stands on an
//! account ([`weighed`](crate::domain::weighed)).

use gazelle_kernel::Fen;
use uuid::Uuid;

use super::{AccountKind, CauseKind, Named, stored::StoredPosting};
use crate::domain::{
    program::Payee,
    rules::result::Settlement,
    weighed::{WeighedSum, Weights},
};

/// What an amount is of.
#[derive(Debug, Hash)]
enum Key<'a> {
    /// What an approved run gave a payee.
    Given { run_id: &'a str, payee_id: &'a str },
    /// What a run moved on an account of its year.
    Moved {
        run_id: &'a str,
        program_id: &'a str,
        year: &'a str,
        kind: AccountKind,
    },
    /// What a payment was prepared with.
    Prepared {
        payment_id: &'a str,
        payee_id: &'a str,
        program_id: &'a str,
        order_id: &'a str,
    },
    /// What of a payment is not answered.
    InPayment(&'a str),
    /// What of a payment is settled.
    Settled(&'a str),
    /// What of a payment went back with its order.
    Cancelled(&'a str),
    /// What stands on an account of a payee.
    Standing {
        kind: AccountKind,
        program_id: &'a str,
        payee_id: &'a str,
    },
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
        let cause = CauseKind::parse(cause);
        let fen = i128::from(posting.amount.get());
        let sides = [(debit, fen), (credit, -fen)];
        match cause {
            Some(
                CauseKind::RunPublished
                | CauseKind::RunCancelled
                | CauseKind::RunApproved
                | CauseKind::ObjectionUpheld,
            ) => {
                self.run(cause_id, program_id, sides);
            }
            Some(CauseKind::OrderPrepared) => {
                self.prepared(posting, credit, program_id, cause_id);
            }
            Some(CauseKind::BudgetSet | CauseKind::OrderCancelled | CauseKind::AnswerTaken)
            | None => {}
        }
        if let Some(payment_id) = &posting.payment_id {
            let is_cancelled = cause == Some(CauseKind::OrderCancelled);
            self.payment(payment_id, sides, is_cancelled.then_some(fen));
        }
    }

    fn run(&mut self, cause_id: &str, program_id: &str, sides: [(Named<'_>, i128); 2]) {
        // Of an objection it has the enterprise behind it.
        let run_id = cause_id.split(' ').next().unwrap_or_default();
        for (account, fen) in sides {
            let kind = account.kind;
            match kind {
                AccountKind::Committed | AccountKind::Granted | AccountKind::Subsidy => {
                    let year = account.whose;
                    let key = Key::Moved {
                        run_id,
                        program_id,
                        year,
                        kind,
                    };
                    self.add(&key, fen);
                }
                AccountKind::Payable | AccountKind::Receivable => {
                    self.add_given(run_id, account.whose, -fen);
                }
                AccountKind::Budget
                | AccountKind::Free
                | AccountKind::InPayment
                | AccountKind::Treasury => {}
            }
        }
    }

    fn add_given(&mut self, run_id: &str, payee_id: &str, fen: i128) {
        self.add(&Key::Given { run_id, payee_id }, fen);
    }

    fn prepared(
        &mut self,
        posting: &StoredPosting,
        credit: Named<'_>,
        program_id: &str,
        order_id: &str,
    ) {
        let key = Key::Prepared {
            payment_id: posting.payment_id.as_deref().unwrap_or_default(),
            payee_id: credit.whose,
            program_id,
            order_id,
        };
        self.add(&key, posting.amount.get().into());
    }

    fn payment(
        &mut self,
        payment_id: &str,
        sides: [(Named<'_>, i128); 2],
        cancelled: Option<i128>,
    ) {
        for (account, fen) in sides {
            match account.kind {
                AccountKind::InPayment => self.add(&Key::InPayment(payment_id), -fen),
                AccountKind::Treasury => self.add(&Key::Settled(payment_id), -fen),
                _ => {}
            }
        }
        if let Some(fen) = cancelled {
            self.add(&Key::Cancelled(payment_id), fen);
        }
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
    pub fn caused_gifts(&mut self, run_id: Uuid, payee: Payee, rows: &Settlement) {
        let run_id = &run_id.to_string();
        match payee {
            Payee::Enterprise => {
                for row in &rows.enterprises {
                    self.add_given(run_id, row.uscc.as_str(), row.granted_fen.get().into());
                }
            }
            Payee::Platform => {
                for line in &rows.lines {
                    let payee_id = line.platform_id.as_str();
                    self.add_given(run_id, payee_id, line.government_fen.get().into());
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
        };
        self.add(&key, fen);
        let owner = (program_id, payee_id);
        match payment.state {
            "PENDING" => {
                self.add(&Key::InPayment(payment_id), fen);
                self.standing(AccountKind::InPayment, owner, -fen);
            }
            "SETTLED" => {
                self.add(&Key::Settled(payment_id), fen);
                self.standing(AccountKind::Treasury, owner, -fen);
            }
            "CANCELLED" => self.add(&Key::Cancelled(payment_id), fen),
            _ => {}
        }
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
