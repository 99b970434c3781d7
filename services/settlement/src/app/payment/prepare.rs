//! Preparing an order.

use std::collections::BTreeMap;

use gazelle_kernel::{PayeeId, ProgramId, Year};
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{StoreError, begin, event::Doing, snapshot},
};
use serde_json::json;
use sqlx::PgConnection;

use super::{Gifts, detail, items_fingerprint, order_fingerprint};
use crate::{
    app::{
        App,
        attempt::until_unchanged,
        error::{AppError, NotFound, PaymentRefused},
        ledger::book,
    },
    domain::{
        ledger::CauseKind,
        payment::{
            account::PayeeAccount,
            file::order::FileAccount,
            id,
            order::{self, Order, OrderState, Payment, Plan, Remittance},
            shown::OrderDetail,
        },
        program::Version,
    },
    store,
};

/// Accounts, and how many payments had come back when they were read.
struct Accounts {
    asked: Vec<PayeeId>,
    in_force: BTreeMap<PayeeId, PayeeAccount>,
    returned: i64,
}

impl App {
    /// Prepares an order of all that a program can pay.
    pub async fn prepare_order(
        &self,
        caller: &Principal,
        program_id: ProgramId,
        is_final: bool,
    ) -> Result<OrderDetail, AppError> {
        self.tell_returns_or_leave().await;
        let _turn = self.payment_turns.take().await?;
        until_unchanged(|| async {
            let accounts = self.accounts_to_pay(&program_id).await?;
            let (app, by, program_id) = (self.clone(), caller.actor(), program_id.clone());
            let prepared = detached(async move {
                let mut tx = begin(&app.pool).await?;
                let at = store::clock::now(&mut tx).await?;
                let doing = Doing { by: &by, at };
                let Some(order) = app
                    .prepare(&mut tx, &doing, program_id, is_final, accounts)
                    .await?
                else {
                    return Ok(None);
                };
                let order = detail(&mut tx, order).await?;
                tx.commit().await?;
                Ok::<_, AppError>(Some(order))
            });
            prepared.await
        })
        .await
    }

    /// The accounts of whoever is owed anything, before a transaction.
    async fn accounts_to_pay(&self, program_id: &ProgramId) -> Result<Accounts, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        latest(&mut tx, program_id).await?;
        refuse_second(&mut tx, program_id).await?;
        let returned = store::payment::returned_count(&mut tx).await?;
        let payable = store::payment::payable(&mut tx, program_id).await?;
        let asked: Vec<PayeeId> = payable.into_keys().collect();
        let untold = store::payment::untold_payees(&mut tx, &asked).await?;
        drop(tx);
        let in_force = self.accounts_in_force(&asked, &untold).await?;
        Ok(Accounts {
            asked,
            in_force,
            returned,
        })
    }

    /// `None`: something came back or became payable since the accounts were read.
    async fn prepare(
        &self,
        tx: &mut PgConnection,
        doing: &Doing<'_>,
        program_id: ProgramId,
        is_final: bool,
        known: Accounts,
    ) -> Result<Option<Order>, AppError> {
        store::program::lock(&mut *tx, &program_id).await?;
        let program = latest(&mut *tx, &program_id).await?;
        refuse_second(&mut *tx, &program_id).await?;
        let payable = store::payment::payable(&mut *tx, &program_id).await?;
        let unasked = payable
            .keys()
            .any(|payee| known.asked.binary_search(payee).is_err());
        if unasked || store::payment::returned_count(&mut *tx).await? != known.returned {
            return Ok(None);
        }
        let least = if is_final {
            gazelle_kernel::Fen::ZERO
        } else {
            program.program.terms().payment_min_fen
        };
        let plan = order::plan(payable, &known.in_force, least).map_err(PaymentRefused::from)?;
        let payer = self.payer_of(&program);
        let payer = payer.ok_or_else(|| PaymentRefused::PayerMissing(program_id.clone()))?;

        let items_before = items_fingerprint(&mut *tx, &program_id).await?;
        let order_id = id::order_id(self.clock.id().as_u128());
        let (gifts, payments) = pay(&mut *tx, &program_id, &order_id, &plan).await?;
        let order = Order {
            number: store::payment::last_number(&mut *tx, &program_id).await? + 1,
            is_final,
            state: OrderState::Prepared,
            digest: order::digest(&order_id, &program_id, &payer, &payments),
            payment_count: count(payments.len())?,
            held_count: count(plan.held.len())?,
            total: plan.total,
            program_name: name(&program),
            payer,
            proposed_by: payments
                .iter()
                .map(|paid| paid.account.proposed_by.clone())
                .collect(),
            prepared_by: doing.by.clone(),
            prepared_at: doing.at,
            decided: None,
            order_id,
            program_id,
        };
        store::payment::insert_order(&mut *tx, &order).await?;
        store::payment::insert_payments(&mut *tx, &order.order_id, &payments).await?;
        store::payment::insert_held(&mut *tx, &order.order_id, &plan.held).await?;
        let postings = gifts.save(&mut *tx).await?;
        let cause = (CauseKind::OrderPrepared, order.order_id.clone());
        book(&mut *tx, doing, cause, &order.program_id, postings).await?;
        record(tx, doing, &order, items_before).await?;
        Ok(Some(order))
    }

    /// Whose account pays: the program's, else the installation's.
    fn payer_of(&self, program: &Version) -> Option<FileAccount> {
        let payer = program.program.terms().payer.as_ref();
        let payer = payer.map(|payer| FileAccount {
            name: payer.account_name.clone(),
            number: payer.account_number.clone(),
            bank_code: payer.bank_code.clone(),
            bank_name: payer.bank_name.clone(),
        });
        payer.or_else(|| self.payer.clone())
    }
}

async fn record(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    order: &Order,
    items_before: String,
) -> Result<(), StoreError> {
    let content = json!({
        "program_id": order.program_id,
        "digest": hex::encode(order.digest),
        "payment_count": order.payment_count,
        "total_fen": order.total,
        "open_items_before": items_before,
        "order": order_fingerprint(&mut *tx, &order.order_id).await?,
        "open_items": items_fingerprint(&mut *tx, &order.program_id).await?,
    });
    doing
        .record(tx, "order.prepare", &order.order_id, &content)
        .await
}

/// Takes what is payable into payments.
async fn pay(
    tx: &mut PgConnection,
    program_id: &ProgramId,
    order_id: &str,
    plan: &Plan,
) -> Result<(Gifts, Vec<Payment>), AppError> {
    let payees: Vec<PayeeId> = plan.paid.iter().map(|(payee, ..)| payee.clone()).collect();
    let years = store::payment::run_years(&mut *tx, program_id).await?;
    let mut gifts = Gifts::load(tx, program_id, &payees).await?;
    let mut payments = Vec::with_capacity(plan.paid.len());
    for (number, (payee_id, amount, account)) in (1..).zip(&plan.paid) {
        let payment_id = id::payment_id(order_id, number);
        let taken = gifts.pay(payee_id, &payment_id)?;
        let part = |(run_number, amount): (i32, gazelle_kernel::Fen)| {
            let year: Option<&Year> = years.get(&run_number);
            let year = *year.ok_or_else(|| {
                StoreError::corrupt("open_item.run_number", run_number.to_string())
            })?;
            Ok::<_, StoreError>(Remittance {
                run_number,
                year,
                amount,
            })
        };
        payments.push(Payment {
            parts: taken.into_iter().map(part).collect::<Result<_, _>>()?,
            payment_id,
            payee_id: payee_id.clone(),
            amount: *amount,
            account: account.clone(),
        });
    }
    Ok((gifts, payments))
}

async fn latest(tx: &mut PgConnection, program_id: &ProgramId) -> Result<Version, AppError> {
    let latest = store::program::latest(tx, program_id).await?;
    latest.ok_or_else(|| NotFound::Program(program_id.clone()).into())
}

async fn refuse_second(tx: &mut PgConnection, program_id: &ProgramId) -> Result<(), AppError> {
    match store::payment::open_order(&mut *tx, program_id).await? {
        // One that is open is the last.
        Some(order_id) => Err(PaymentRefused::OrderOpen {
            order_id,
            program_id: program_id.clone(),
            number: store::payment::last_number(tx, program_id).await?,
        }
        .into()),
        None => Ok(()),
    }
}

/// What the program is called where it is paid: in Chinese, else in English, else its id.
fn name(program: &Version) -> String {
    let terms = program.program.terms();
    let name = terms.name_zh.as_ref().or(terms.name.as_ref());
    name.map_or_else(|| terms.program_id.to_string(), ToString::to_string)
}

fn count(count: usize) -> Result<i32, StoreError> {
    i32::try_from(count).map_err(|error| StoreError::corrupt("payment_order.payment_count", error))
}
