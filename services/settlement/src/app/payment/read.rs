//! Looking at orders, balances and money.

use gazelle_kernel::{PayeeId, ProgramId};
use gazelle_runtime::{
    auth::Principal,
    store::{snapshot, snapshot_for},
};

use super::{detail, find_order};
use crate::{
    app::{
        App,
        error::{AppError, NotFound},
    },
    domain::{
        ledger::book::Balance,
        payment::{
            money::{ProgramMoney, StatementLine},
            order::{Held, Remittance},
            shown::{OrderDetail, PaymentRow},
        },
    },
    store,
};

impl App {
    /// An order with the payees that it holds back.
    pub async fn get_order(&self, order_id: &str) -> Result<OrderDetail, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let order = find_order(&mut tx, order_id).await?;
        Ok(detail(&mut tx, order).await?)
    }

    /// Orders after a key, by program and number.
    pub async fn list_orders(
        &self,
        program_id: Option<&ProgramId>,
        after: Option<(&ProgramId, i32)>,
        limit: i64,
    ) -> Result<Vec<OrderDetail>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let orders = store::payment::page(&mut tx, program_id, after, limit).await?;
        let ids: Vec<&str> = orders.iter().map(|order| order.order_id.as_str()).collect();
        let sums = store::payment::sums(&mut tx, &ids).await?;
        let detail = |(order, sums)| OrderDetail { order, sums };
        Ok(orders.into_iter().zip(sums).map(detail).collect())
    }

    /// An order's payments after a payee, by payee.
    pub async fn list_payments(
        &self,
        order_id: &str,
        after: Option<&PayeeId>,
        limit: i64,
    ) -> Result<Vec<PaymentRow>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_order(&mut tx, order_id).await?;
        Ok(store::payment::payments(&mut tx, order_id, after, limit).await?)
    }

    /// The payees that an order held after a payee, by payee.
    pub async fn list_held_payees(
        &self,
        order_id: &str,
        after: Option<&PayeeId>,
        limit: i64,
    ) -> Result<Vec<Held>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_order(&mut tx, order_id).await?;
        Ok(store::payment::held(&mut tx, order_id, after, limit).await?)
    }

    /// What an order's payments are made of after a payee, year and run, by these.
    pub async fn list_remittances(
        &self,
        order_id: &str,
        after: Option<(&PayeeId, i32, i32)>,
        limit: i64,
    ) -> Result<Vec<(PayeeId, Remittance)>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_order(&mut tx, order_id).await?;
        let rows = store::payment::remittances(&mut tx, order_id, after, Some(limit)).await?;
        Ok(rows
            .into_iter()
            .map(|(payee, _, part)| (payee, part))
            .collect())
    }

    /// What payees have with a program after a payee, by payee.
    pub async fn list_balances(
        &self,
        program_id: &ProgramId,
        after: Option<&PayeeId>,
        limit: i64,
    ) -> Result<Vec<(PayeeId, Balance)>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        self.known(&mut tx, program_id).await?;
        let payees = store::payment::payees(&mut tx, program_id, after, limit).await?;
        let balances = store::ledger::balances(&mut tx, program_id, Some(&payees)).await?;
        Ok(balances.into_iter().collect())
    }

    /// A program's money.
    pub async fn get_program_money(
        &self,
        program_id: &ProgramId,
    ) -> Result<ProgramMoney, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        self.known(&mut tx, program_id).await?;
        let mut money = ProgramMoney {
            runs: store::payment::run_money(&mut tx, program_id).await?,
            returned: store::payment::returned(&mut tx, program_id).await?,
            ..ProgramMoney::default()
        };
        for ((year, kind), balance) in store::ledger::budgets(&mut tx, program_id).await? {
            money.add_account(year, kind, balance);
        }
        let balances = store::ledger::balances(&mut tx, program_id, None).await?;
        for balance in balances.values() {
            money.add_payee(balance);
        }
        Ok(money)
    }

    /// What was booked for a payee after a posting, over all programs. For a platform that asks of
    /// another, as for one of which nothing was ever booked.
    pub async fn list_account_statement(
        &self,
        caller: &Principal,
        payee_id: &PayeeId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<StatementLine>, AppError> {
        let mut tx = match caller {
            Principal::Platform(own) if own.as_str() != payee_id.as_str() => return Ok(Vec::new()),
            Principal::Platform(own) => {
                snapshot_for(&self.pool, "gazelle_settlement_platform", own).await?
            }
            Principal::Person { .. } | Principal::Service(_) => snapshot(&self.pool).await?,
        };
        Ok(store::payment::statement(&mut tx, payee_id, after, limit).await?)
    }

    async fn known(
        &self,
        tx: &mut sqlx::PgConnection,
        program_id: &ProgramId,
    ) -> Result<(), AppError> {
        match store::program::latest(tx, program_id).await? {
            Some(_) => Ok(()),
            None => Err(NotFound::Program(program_id.clone()).into()),
        }
    }
}
