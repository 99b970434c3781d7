//! The database is killed in the middle of each step of a payment, at each table that the step
//! writes: nothing of the step is left, and made again it is made once.
//!
//! The points are the database's, not the code's: a trigger, once, ends the process that serves
//! the transaction with signal 9, upon which PostgreSQL throws away all of its memory, as after a
//! crash, and recovers from its log.

use std::time::Duration;

use gazelle_proto::settlement::v1::PaymentOrderState as OrderState;
use gazelle_runtime::clock::Clock;
use gazelle_tests::WAIT;
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    Owing, answer_list, cancel, confirm_account, payments, prepare, release, take_answer, verify,
};
use gazelle_tests::suite::Suite;
use gazelle_tests::written::{self, Written};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::time::{Instant, sleep};
use tonic::{Code, Status};

/// The program that a backend runs: ends the backend if it is the first since `armed` was made.
const FAULT: &str = r"
create function fault() returns trigger language plpgsql security definer as $$
begin
    execute format('copy (select 1) to program %L', format(
        'cat > /dev/null; if rm armed 2> /dev/null; then kill -9 %s; fi', pg_backend_pid()));
    return null;
end $$;
grant execute on function fault to gazelle_settlement";

/// A superuser's session, once the database lets anybody in.
async fn superuser(suite: &Suite) -> PgConnection {
    let began = Instant::now();
    loop {
        match suite.try_database("settlement", "postgres").await {
            Ok(session) => return session,
            Err(error) => assert!(began.elapsed() < WAIT, "{error}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Makes a step, which the database does not survive at `point`, and makes it again until it is
/// made. `point` is an operation and a table, or `commit`.
async fn crashed_at<T>(suite: &Suite, point: &str, step: impl AsyncFn() -> Result<T, Status>) -> T {
    let mut session = superuser(suite).await;
    let trigger = if point == "commit" {
        "create constraint trigger fault after insert on event deferrable initially deferred
         for each row execute function fault()"
            .to_owned()
    } else {
        format!("create trigger fault after {point} for each statement execute function fault()")
    };
    let table = point.rsplit(' ').next().unwrap().replace("commit", "event");
    session.execute(AssertSqlSafe(trigger)).await.unwrap();
    let arm = "copy (select 1) to program 'cat > armed'";
    session.execute(arm).await.unwrap();
    session.close().await.unwrap();

    let began = Instant::now();
    let mut crashes = 0;
    let made = loop {
        match step().await {
            Ok(made) => break made,
            Err(status) => {
                crashes += 1;
                assert_eq!(status.code(), Code::Unavailable, "{point}: {status}");
                assert!(began.elapsed() < WAIT, "{point}: {status}");
            }
        }
        sleep(Duration::from_millis(50)).await;
    };
    assert!(crashes > 0, "{point} was never reached");
    let mut session = superuser(suite).await;
    let disarm = format!("drop trigger fault on {table}");
    session.execute(AssertSqlSafe(disarm)).await.unwrap();
    made
}

/// Each operation on a table, and the commit.
fn points(step: &[Written]) -> Vec<String> {
    let writes = step
        .iter()
        .map(|(operation, table)| format!("{operation} on {table}"));
    writes.chain(["commit".to_owned()]).collect()
}

#[tokio::test]
async fn a_crash_at_any_point_leaves_nothing_of_a_step_and_money_moves_once() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    superuser(&suite).await.execute(FAULT).await.unwrap();
    let owing = Owing::found(&city, 2).await;
    let mut release_points = points(&written::release()).into_iter();
    let mut answer_points = points(&written::answer()).into_iter();
    for point in points(&written::prepare()) {
        let prepare = async || prepare(&city.officer, &owing.program_id).await;
        let order = crashed_at(&suite, &point, prepare).await;
        let release = async || release(&city.approver, &order).await;
        let released = match release_points.next() {
            Some(point) => crashed_at(&suite, &point, release).await,
            None => release().await.unwrap(),
        };
        assert_eq!(released.state(), OrderState::Released);
        // All of it comes back, so that there is something to pay again.
        let made = payments(&city, &order).await;
        let back: Vec<_> = made
            .iter()
            .map(|it| (it.payment_id.as_str(), "退回"))
            .collect();
        let list = answer_list(&order, &back);
        let answer = async || take_answer(&city.officer, &list).await;
        let taken = match answer_points.next() {
            Some(point) => crashed_at(&suite, &point, answer).await,
            None => answer().await.unwrap(),
        };
        assert!(!taken.repeated);
        for uscc in &owing.payees {
            confirm_account(&city, uscc, &order.number.to_string()).await;
        }
    }
    for point in points(&written::cancel()) {
        let order = prepare(&city.officer, &owing.program_id).await.unwrap();
        let cancel = async || cancel(&city.officer, &order).await;
        let cancelled = crashed_at(&suite, &point, cancel).await;
        assert_eq!(cancelled.state(), OrderState::Cancelled);
    }
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &order).await.unwrap();
    let made = payments(&city, &order).await;
    let there: Vec<_> = made
        .iter()
        .map(|it| (it.payment_id.as_str(), "成功"))
        .collect();
    let list = answer_list(&order, &there);
    let answer = async || take_answer(&city.officer, &list).await;
    crashed_at(&suite, "commit", answer).await;

    paid_once(&city, &owing).await;
    suite.stop().await;
}

/// Each payee got once what the run gave it, and the books have each cause once.
async fn paid_once(city: &City<'_>, owing: &Owing) {
    let paid = owing.balances(city).await;
    let paid = paid
        .iter()
        .map(|it| (it.given_fen, it.paid_fen, it.payable_fen));
    assert_eq!(paid.collect::<Vec<_>>(), [(500, 500, 0), (1_000, 1_000, 0)]);
    verify(city, None).await.unwrap();
    let mut session = superuser(city.suite).await;
    let causes = "select count(*) from ledger_entry group by cause order by cause";
    let causes: Vec<i64> = sqlx::query_scalar(causes)
        .fetch_all(&mut session)
        .await
        .unwrap();
    // Of answers, the budget, cancelled and prepared orders, and the run, approved and published.
    assert_eq!(causes, [12, 1, 10, 22, 1, 1]);
}
