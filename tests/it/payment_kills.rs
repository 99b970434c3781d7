//! The settlement service is killed in the middle of each step of a payment, at each table that
//! the step writes and at its commit: nothing of the step is left or all of it, and made again it
//! is made once.
//!
//! The service is a process of its own beside the suite, whose database, registry and usage it
//! has. A trigger holds its transaction where it is to be killed.

use std::pin::pin;
use std::time::Duration;

use gazelle_client::Client;
use gazelle_proto::settlement::v1::{
    ListOrdersRequest, PaymentFileFormat, PaymentOrder, PaymentOrderState as OrderState,
};
use gazelle_runtime::auth::Role;
use gazelle_runtime::clock::Clock;
use gazelle_tests::WAIT;
use gazelle_tests::beside::Beside;
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    Owing, answer_list, cancel, confirm_account, export, order, payments, prepare, release,
    take_answer, verify,
};
use gazelle_tests::refusal::reason;
use gazelle_tests::suite::Suite;
use gazelle_tests::written::{self, Written};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status};

/// Each table, and the commit.
fn points(step: &[Written]) -> Vec<&'static str> {
    let tables = step.iter().map(|(_, table)| *table);
    tables.chain(["commit"]).collect()
}

/// Whoever goes past it waits while a session has the lock.
const HOLD: &str = "create function hold() returns trigger language plpgsql as $$
                    begin perform pg_advisory_xact_lock_shared(9); return null; end $$;
                    grant execute on function hold to gazelle_settlement";

/// A settlement service that is killed.
struct Victim<'a> {
    beside: Beside<'a>,
    superuser: PgConnection,
    kills: usize,
}

impl<'a> Victim<'a> {
    async fn new(suite: &'a Suite) -> Self {
        let mut superuser = suite.database("settlement", "postgres").await;
        superuser.execute(HOLD).await.unwrap();
        Self {
            beside: Beside::new(suite),
            superuser,
            kills: 0,
        }
    }

    /// Makes a step of which the service is killed at `point`: when a table is written, or at the
    /// commit. Then sees that the books are whole, and makes the step again, by another.
    async fn killed_at<T>(
        &mut self,
        city: &City<'_>,
        (point, role): (&str, Role),
        step: impl AsyncFn(&Client) -> Result<T, Status>,
    ) -> Result<T, Status> {
        let (when, table) = match point {
            "commit" => ("constraint trigger hold after insert", "event"),
            table => ("trigger hold after insert or update or delete", table),
        };
        let each = match point {
            "commit" => "deferrable initially deferred for each row",
            _ => "for each statement",
        };
        let held = format!(
            "create {when} on {table} {each} execute function hold(); select pg_advisory_lock(9)"
        );
        self.superuser.execute(AssertSqlSafe(held)).await.unwrap();
        let running = self.beside.start().await;
        let client = self.beside.person(role);
        let mut cut = pin!(step(&client));
        tokio::select! {
            early = &mut cut => panic!("{point} was never reached: {:?}", early.err()),
            () = self.wait_for_hold(point) => running.kill().await,
        }
        let status = cut.await.err().expect("an answer that nobody sent");
        assert!(
            matches!(
                status.code(),
                Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled
            ),
            "{point}: {status}"
        );
        self.kills += 1;
        self.let_go(table).await;
        verify(city, None).await.unwrap();

        let again = self.beside.start().await;
        let made = step(&self.beside.person(role)).await;
        again.kill().await;
        made
    }

    async fn wait_for_hold(&self, point: &str) {
        let mut session = self.beside.suite.database("settlement", "postgres").await;
        let waits =
            "select exists (select from pg_locks where locktype = 'advisory' and not granted)";
        let held = async {
            while !sqlx::query_scalar::<_, bool>(waits)
                .fetch_one(&mut session)
                .await
                .unwrap()
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let held = timeout(WAIT, held).await;
        held.unwrap_or_else(|_| panic!("{point} was never reached"));
    }

    /// Lets the dead service's transaction go on to its end, and waits for that.
    async fn let_go(&mut self, table: &str) {
        let unlock = "select pg_advisory_unlock(9)";
        self.superuser.execute(unlock).await.unwrap();
        let lift = format!("drop trigger hold on {table}");
        // Waits for the transaction, which has the table.
        self.superuser.execute(AssertSqlSafe(lift)).await.unwrap();
    }
}

/// The order of a program that is prepared.
async fn prepared(city: &City<'_>, program_id: &str) -> PaymentOrder {
    let request = ListOrdersRequest {
        program_id: program_id.to_owned(),
        ..ListOrdersRequest::default()
    };
    let listed = city.auditor.payments.clone().list_orders(request).await;
    let orders = listed.unwrap().into_inner().orders;
    let mut open = orders
        .into_iter()
        .filter(|order| order.state() == OrderState::Prepared);
    let order = open.next().unwrap();
    assert_eq!(open.next(), None);
    order
}

/// What was made by the second time, or was made by the first: then the second was told so.
async fn made_once(
    city: &City<'_>,
    point: &str,
    order_id: &str,
    again: Result<PaymentOrder, Status>,
) -> PaymentOrder {
    if let Err(status) = &again {
        let told = (point, reason(status));
        assert_eq!(told, ("commit", "ORDER_NOT_PREPARED".to_owned()));
    }
    order(city, order_id).await
}

/// Prepares an order, and is killed at it.
async fn prepare_killed(
    victim: &mut Victim<'_>,
    city: &City<'_>,
    owing: &Owing,
    point: &str,
) -> PaymentOrder {
    let step = async |officer: &Client| prepare(officer, &owing.program_id).await;
    let again = victim.killed_at(city, (point, Role::Officer), step).await;
    match again {
        Ok(_) => {}
        Err(status) => {
            let told = (point, reason(&status));
            assert_eq!(told, ("commit", "ORDER_OPEN".to_owned()));
        }
    }
    prepared(city, &owing.program_id).await
}

/// Enters an answer that says so of all payments, and is killed at it.
async fn answer_killed(
    victim: &mut Victim<'_>,
    city: &City<'_>,
    order: &PaymentOrder,
    (point, result): (&str, &str),
) {
    let made = payments(city, order).await;
    let rows: Vec<_> = made.iter().map(|it| (&*it.payment_id, result)).collect();
    let list = answer_list(order, &rows);
    let step = async |officer: &Client| take_answer(officer, &list).await;
    let taken = victim.killed_at(city, (point, Role::Officer), step).await;
    assert_eq!(taken.unwrap().repeated, point == "commit");
}

#[tokio::test]
async fn a_service_killed_at_any_point_leaves_nothing_half_done_and_money_moves_once() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 2).await;
    let mut victim = Victim::new(&suite).await;
    let (release_points, export_points) = (points(&written::release()), points(&written::TRAIL));
    let answer_points = points(&written::answer());
    let mut release_points = release_points.iter().cycle();
    let mut export_points = export_points.iter().cycle();
    let mut answer_points = answer_points.iter().cycle();
    for point in points(&written::prepare()) {
        let order = prepare_killed(&mut victim, &city, &owing, point).await;
        let point = *release_points.next().unwrap();
        let step = async |approver: &Client| release(approver, &order).await;
        let again = victim.killed_at(&city, (point, Role::Approver), step).await;
        let released = made_once(&city, point, &order.order_id, again).await;
        assert_eq!(released.state(), OrderState::Released);

        let point = *export_points.next().unwrap();
        let step = async |officer: &Client| {
            export(officer, &order.order_id, PaymentFileFormat::Pain001).await
        };
        let again = victim.killed_at(&city, (point, Role::Officer), step).await;
        assert_eq!(
            again.unwrap(),
            export(&city.officer, &order.order_id, PaymentFileFormat::Pain001)
                .await
                .unwrap()
        );

        let point = *answer_points.next().unwrap();
        answer_killed(&mut victim, &city, &order, (point, "退回")).await;
        for uscc in &owing.payees {
            confirm_account(&city, uscc, &order.number.to_string()).await;
        }
    }
    for point in points(&written::cancel()) {
        let order = prepare(&city.officer, &owing.program_id).await.unwrap();
        let step = async |officer: &Client| cancel(officer, &order).await;
        let again = victim.killed_at(&city, (point, Role::Officer), step).await;
        let cancelled = made_once(&city, point, &order.order_id, again).await;
        assert_eq!(cancelled.state(), OrderState::Cancelled);
    }
    paid_once(&mut victim, &city, &owing).await;
    suite.stop().await;
}

/// Pays all of it at last: each payee got once what the run gave it.
async fn paid_once(victim: &mut Victim<'_>, city: &City<'_>, owing: &Owing) {
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &order).await.unwrap();
    answer_killed(victim, city, &order, ("commit", "成功")).await;
    let paid = owing.balances(city).await;
    let paid = paid
        .iter()
        .map(|it| (it.given_fen, it.paid_fen, it.payable_fen));
    assert_eq!(paid.collect::<Vec<_>>(), [(500, 500, 0), (1_000, 1_000, 0)]);
    verify(city, None).await.unwrap();
    // Of each of 11 orders prepare, release, export and answer; 10 cancelled; and the last answer.
    assert_eq!(victim.kills, 4 * 11 + 10 + 1);
}
