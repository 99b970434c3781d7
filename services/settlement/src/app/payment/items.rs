//! What is booked for payees, together with the open items that it changes: both are of the same
//! money, so they are never written apart.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, PayeeId, ProgramId, Year};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::{
    app::error::AppError,
    domain::{
        ledger::{
            Posting,
            book::{self, Balance},
        },
        payment::items::OpenItems,
    },
    store,
};

/// Payees of a program as a transaction finds and leaves them.
pub(in crate::app) struct Gifts {
    program_id: ProgramId,
    balances: BTreeMap<PayeeId, Balance>,
    items: BTreeMap<PayeeId, OpenItems>,
    postings: Vec<Posting>,
}

impl Gifts {
    /// These payees of a program, as they stand.
    pub async fn load(
        tx: &mut PgConnection,
        program_id: &ProgramId,
        payees: &[PayeeId],
    ) -> Result<Self, StoreError> {
        Ok(Self {
            program_id: program_id.clone(),
            balances: store::ledger::balances(&mut *tx, program_id, Some(payees)).await?,
            items: store::payment::open(tx, program_id, payees).await?,
            postings: Vec::new(),
        })
    }

    /// An approved run gives an amount, or takes it back.
    pub fn give(
        &mut self,
        (year, run): (Year, i32),
        payee_id: &PayeeId,
        amount: Fen,
    ) -> Result<(), AppError> {
        let balance = self.balances.entry(payee_id.clone()).or_default();
        let postings = book::given(&self.program_id, year, payee_id, amount, balance)?;
        self.postings.extend(postings);
        self.items
            .entry(payee_id.clone())
            .or_default()
            .post(run, amount);
        Ok(())
    }

    /// Puts all that is payable to a payee into a payment; says what it is made of.
    pub fn pay(
        &mut self,
        payee_id: &PayeeId,
        payment_id: &str,
    ) -> Result<Vec<(i32, Fen)>, AppError> {
        let balance = self.balances.entry(payee_id.clone()).or_default();
        let items = self.items.entry(payee_id.clone()).or_default().take();
        // Nothing goes out that the books do not owe.
        add_up("open_item.amount_fen", &items, balance.payable)?;
        let posting = book::in_payment(&self.program_id, payee_id, payment_id, balance)?;
        self.postings.extend(posting);
        Ok(items)
    }

    /// A payment is settled.
    pub fn settle(
        &mut self,
        payee_id: &PayeeId,
        payment_id: &str,
        amount: Fen,
    ) -> Result<(), AppError> {
        let balance = self.balances.entry(payee_id.clone()).or_default();
        let posting = book::settled(&self.program_id, payee_id, payment_id, amount, balance)?;
        self.postings.extend(posting);
        Ok(())
    }

    /// A payment comes back, or its order is cancelled; `parts` is what it was made of.
    pub fn give_back(
        &mut self,
        payee_id: &PayeeId,
        (payment_id, amount): (&str, Fen),
        parts: &[(i32, Fen)],
        was_settled: bool,
    ) -> Result<(), AppError> {
        add_up("remittance.amount_fen", parts, amount)?;
        let balance = self.balances.entry(payee_id.clone()).or_default();
        let (program, id) = (&self.program_id, payment_id);
        let postings = book::given_back(program, payee_id, id, amount, was_settled, balance)?;
        self.postings.extend(postings);
        let items = self.items.entry(payee_id.clone()).or_default();
        for (run, part) in parts {
            items.post(*run, *part);
        }
        Ok(())
    }

    /// Writes the open items, and hands over what is to be booked.
    pub async fn save(self, tx: &mut PgConnection) -> Result<Vec<Posting>, StoreError> {
        store::payment::save(tx, &self.program_id, &self.items).await?;
        Ok(self.postings)
    }
}

/// What is kept by run is the money that it is kept of.
fn add_up(column: &'static str, parts: &[(i32, Fen)], amount: Fen) -> Result<(), StoreError> {
    let sum: i128 = parts.iter().map(|(_, part)| i128::from(part.get())).sum();
    if sum == i128::from(amount.get()) {
        return Ok(());
    }
    Err(StoreError::corrupt(column, format!("{sum}, not {amount}")))
}

impl From<book::BooksOverflow> for AppError {
    fn from(_: book::BooksOverflow) -> Self {
        crate::app::error::PaymentRefused::BooksOverflow.into()
    }
}
