//! Payment orders: who is paid, who is held, and who may release it (`PAYMENT.md`, Orders).

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

use gazelle_kernel::{Actor, Fen, Instant, PayeeId, ProgramId, Year};
use sha2::{Digest, Sha256};

use super::{
    account::PayeeAccount,
    file::{
        order::{FileAccount, FileOrder},
        pain001::AMOUNT_MAX,
        treasury::XLSX_PAYMENTS_MAX,
    },
};

/// Payments of a program that are made together, without them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub order_id: String,
    pub program_id: ProgramId,
    /// Which of the program's orders, from 1.
    pub number: i32,
    /// Whether the least payment was not asked for.
    pub is_final: bool,
    pub state: OrderState,
    /// SHA-256 over what is to be paid.
    pub digest: [u8; 32],
    pub payment_count: i32,
    /// How many payees are held.
    pub held_count: i32,
    /// What the payments add up to.
    pub total: Fen,
    /// What the program is called in files.
    pub program_name: String,
    pub payer: FileAccount,
    /// Who proposed the accounts.
    pub proposed_by: BTreeSet<Actor>,
    pub prepared_by: Actor,
    pub prepared_at: Instant,
    /// Who released or cancelled it, and when.
    pub decided: Option<(Actor, Instant)>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// It can be released or cancelled.
    Prepared,
    /// It can be exported, and waits for answers.
    Released,
    /// Every payment is settled or came back.
    Answered,
    /// It was dropped.
    Cancelled,
}

impl OrderState {
    /// Its name in the tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Released => "released",
            Self::Answered => "answered",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Prepared,
            Self::Released,
            Self::Answered,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }
}

/// One payee's money in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id, unique for ever.
    pub payment_id: String,
    pub payee_id: PayeeId,
    pub amount: Fen,
    pub account: PayeeAccount,
    /// What it is made of, by run.
    pub parts: Vec<Remittance>,
}

/// A part of a payment that one run gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remittance {
    /// Which of the program's runs.
    pub run_number: i32,
    /// The run's budget year.
    pub year: Year,
    pub amount: Fen,
}

/// A payee that is not paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub payee_id: PayeeId,
    pub payable: Fen,
    pub reason: HeldReason,
}

/// Why a payee is not paid, in the order in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldReason {
    /// It is less than the least payment.
    BelowMinimum,
    /// The payee has no confirmed account.
    AccountMissing,
    /// A payment came back since its account was confirmed.
    AccountReturned,
}

impl HeldReason {
    /// Its name, as tables have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BelowMinimum => "BELOW_MINIMUM",
            Self::AccountMissing => "ACCOUNT_MISSING",
            Self::AccountReturned => "ACCOUNT_RETURNED",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::BelowMinimum,
            Self::AccountMissing,
            Self::AccountReturned,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

/// Why an order does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Nobody can be paid.
    #[error("there is nobody who could be paid; payees that are held: {}", held_for(.held))]
    NothingToPay {
        /// How many are held, for each reason.
        held: BTreeMap<HeldReason, usize>,
    },
    /// It was released or cancelled.
    #[error("the order is {}: it can be neither released nor cancelled any more", .0.as_str())]
    NotPrepared(OrderState),
    /// It was not released.
    #[error("the order is {}, and only a released one is exported", .0.as_str())]
    NotReleased(OrderState),
    /// Whoever prepared it, or proposed one of its accounts, would release it.
    #[error(
        "{0} prepared the order or proposed an account that it pays to: somebody else releases it"
    )]
    SelfApproval(Actor),
    /// What is to be paid is something else than what was looked at.
    #[error("the digest is not that of what is to be paid: look at the order again")]
    DigestMismatch,
    /// An account is not what it was.
    #[error("accounts that it pays to changed: cancel it and prepare another")]
    AccountChanged(Vec<PayeeId>),
    /// It has more payments than a workbook's sheet has rows.
    #[error(
        "the order has {0} payments and a sheet holds {XLSX_PAYMENTS_MAX}: export it as CSV or \
         pain.001, which hold any number"
    )]
    TooLargeForSheet(i32),
    /// It comes to more than the payment file holds.
    #[error("the payments come to more than 18 digits of fen")]
    Overflow,
}

/// How many payees are held, in words: `ACCOUNT_MISSING 3`.
#[must_use]
pub fn held_for(held: &BTreeMap<HeldReason, usize>) -> String {
    if held.is_empty() {
        return "none".to_owned();
    }
    let each = |(reason, count): (&HeldReason, &usize)| format!("{} {count}", reason.as_str());
    held.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// Who is paid what, and who is held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Payees to pay, with what is payable and their account.
    pub paid: Vec<(PayeeId, Fen, PayeeAccount)>,
    pub held: Vec<Held>,
    /// What the payments add up to.
    pub total: Fen,
}

/// Decides who is paid: whoever has something payable, at least `least`, and a confirmed account
/// that nothing came back from since.
pub fn plan(
    payable: impl IntoIterator<Item = (PayeeId, Fen)>,
    accounts: &BTreeMap<PayeeId, PayeeAccount>,
    least: Fen,
) -> Result<Plan, OrderError> {
    let mut plan = Plan::default();
    let mut total: i128 = 0;
    for (payee_id, amount) in payable
        .into_iter()
        .filter(|(_, amount)| *amount > Fen::ZERO)
    {
        let reason = match accounts.get(&payee_id) {
            _ if amount < least => HeldReason::BelowMinimum,
            None => HeldReason::AccountMissing,
            Some(account) if account.payment_returned => HeldReason::AccountReturned,
            Some(account) => {
                total += i128::from(amount.get());
                plan.paid.push((payee_id, amount, account.clone()));
                continue;
            }
        };
        plan.held.push(Held {
            payee_id,
            payable: amount,
            reason,
        });
    }
    if plan.paid.is_empty() {
        let mut held = BTreeMap::new();
        for payee in &plan.held {
            *held.entry(payee.reason).or_default() += 1;
        }
        return Err(OrderError::NothingToPay { held });
    }
    let most = i128::from(AMOUNT_MAX.get());
    plan.total = match i64::try_from(total) {
        Ok(fen) if total <= most => Fen::new(fen),
        Ok(_) | Err(_) => return Err(OrderError::Overflow),
    };
    Ok(plan)
}

impl Order {
    /// Whether it may be released by `caller` on the digest of what it looked at, with the accounts
    /// as they are; `stored` is that of the payments as they are.
    pub fn check_release(
        &self,
        caller: &Actor,
        digest: &[u8; 32],
        stored: &[u8; 32],
        changed: Vec<PayeeId>,
    ) -> Result<(), OrderError> {
        self.check_prepared()?;
        let mut makers = iter::once(&self.prepared_by).chain(&self.proposed_by);
        if makers.any(|maker| maker.may_be(caller)) {
            return Err(OrderError::SelfApproval(caller.clone()));
        }
        if !changed.is_empty() {
            return Err(OrderError::AccountChanged(changed));
        }
        if self.digest != *digest {
            return Err(OrderError::DigestMismatch);
        }
        self.check_payments(stored)
    }

    /// Whether its payments, of which `stored` is the digest, are those that were prepared.
    pub fn check_payments(&self, stored: &[u8; 32]) -> Result<(), OrderError> {
        if self.digest != *stored {
            return Err(OrderError::DigestMismatch);
        }
        Ok(())
    }

    /// Whether it can still be released or cancelled.
    pub fn check_prepared(&self) -> Result<(), OrderError> {
        match self.state {
            OrderState::Prepared => Ok(()),
            state => Err(OrderError::NotPrepared(state)),
        }
    }

    /// Whether a workbook holds its payments.
    pub fn check_sheet(&self) -> Result<(), OrderError> {
        if self.payment_count > XLSX_PAYMENTS_MAX {
            return Err(OrderError::TooLargeForSheet(self.payment_count));
        }
        Ok(())
    }

    /// The order as files show it, once it is released.
    pub fn file(&self) -> Result<FileOrder, OrderError> {
        let released = match (self.state, &self.decided) {
            (OrderState::Released | OrderState::Answered, Some((_, at))) => *at,
            (state, _) => return Err(OrderError::NotReleased(state)),
        };
        Ok(FileOrder {
            order_id: self.order_id.clone(),
            released_at: released,
            program_id: self.program_id.clone(),
            program_name: self.program_name.clone(),
            payer: self.payer.clone(),
            payment_count: self.payment_count.unsigned_abs().into(),
            total: self.total,
        })
    }
}

/// The digest of what is to be paid, payment by payment, by payee.
///
/// SHA-256 over `gazelle.order.v1`, the order, program and payer, and each payment with its
/// account, every text after its length in bytes and every number as 8 bytes, big endian.
#[derive(Debug)]
pub struct OrderHash(Sha256);

impl OrderHash {
    /// The hash of an order before its payments.
    #[must_use]
    pub fn new(order_id: &str, program_id: &ProgramId, payer: &FileAccount) -> Self {
        let mut hash = Self(Sha256::new());
        hash.0.update(b"gazelle.order.v1");
        hash.texts(&[order_id, program_id.as_str()]);
        hash.texts(&payer.texts());
        hash
    }

    /// Takes in the next payment, its account by name, number, bank code and bank name.
    pub fn payment(&mut self, payment_id: &str, payee_id: &str, amount: Fen, account: [&str; 4]) {
        self.texts(&[payment_id, payee_id, &amount.to_string()]);
        self.texts(&account);
    }

    /// The digest of all that was taken in.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn texts(&mut self, texts: &[&str]) {
        for text in texts {
            self.0.update((text.len() as u64).to_be_bytes());
            self.0.update(text);
        }
    }
}

/// The digest of an order with these payments.
#[must_use]
pub fn digest(
    order_id: &str,
    program_id: &ProgramId,
    payer: &FileAccount,
    payments: &[Payment],
) -> [u8; 32] {
    let mut hash = OrderHash::new(order_id, program_id, payer);
    for Payment {
        payment_id,
        payee_id,
        amount,
        account,
        ..
    } in payments
    {
        hash.payment(payment_id, payee_id.as_str(), *amount, account.texts());
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_can_be_paid_it_is_told_how_many_are_held_and_why() {
        let payee = |id: &str| PayeeId::parse(id).unwrap();
        let returned = PayeeAccount {
            payee_id: payee("alpha-mall"),
            version: 1,
            name: "甲".to_owned(),
            number: "6222000000000001".to_owned(),
            bank_code: "102331000014".to_owned(),
            bank_name: "银行".to_owned(),
            proposed_by: Actor::parse("person:zhao").unwrap(),
            payment_returned: true,
        };
        let accounts = [(payee("alpha-mall"), returned)].into();
        let payable = [("alpha-mall", 500), ("beta-mall", 500), ("gamma-mall", 99)];
        let payable = payable.map(|(id, fen)| (payee(id), Fen::new(fen)));
        let refused = plan(payable, &accounts, Fen::new(100)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "there is nobody who could be paid; payees that are held: BELOW_MINIMUM 1, \
             ACCOUNT_MISSING 1, ACCOUNT_RETURNED 1"
        );
        let none = plan([], &accounts, Fen::ZERO).unwrap_err();
        assert!(none.to_string().ends_with("held: none"), "{none}");
    }
}
