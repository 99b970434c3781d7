//! What comes back holds its payee from the moment it is known, whether or not the registry knows
//! of it; and what was never known holds nobody.

use std::time::Duration;

use gazelle_proto::registry::v1::{GetPaymentAccountRequest, PaymentAccountState};
use gazelle_proto::settlement::v1::{
    GetProgramMoneyRequest, ListHeldPayeesRequest, PaymentFileFormat, PaymentOrder,
    PaymentOrderState as OrderState,
};
use gazelle_runtime::clock::Clock;
use gazelle_tests::WAIT;
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    Owing, answer_list, cancel, confirm_account, export, payments, prepare, release, take_answer,
    verify,
};
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::fee;
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::time::{Instant, sleep};
use tonic::Code;

/// Lets nothing into a table.
const SHUT: &str = "create function shut() returns trigger language plpgsql as
                    $$ begin raise exception 'shut'; end $$";

async fn released(city: &City<'_>, owing: &Owing) -> PaymentOrder {
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &order).await.unwrap()
}

/// An answer by which all payments of an order come back.
async fn all_back(city: &City<'_>, order: &PaymentOrder) -> String {
    let made = payments(city, order).await;
    let rows: Vec<_> = made.iter().map(|it| (&*it.payment_id, "退回")).collect();
    answer_list(order, &rows)
}

/// Whether the registry knows of a payment that came back since the payee's account was confirmed.
async fn is_known(city: &City<'_>, payee_id: &str) -> bool {
    let request = GetPaymentAccountRequest {
        payee_id: payee_id.to_owned(),
    };
    let mut registry = city.registrar.registry.clone();
    let shown = registry.get_payment_account(request).await.unwrap();
    let accounts = shown.into_inner().accounts;
    let confirmed = |state| state == PaymentAccountState::Confirmed;
    let in_force = accounts.iter().find(|account| confirmed(account.state()));
    in_force.unwrap().payment_returned_at.is_some()
}

/// Shuts a table of a service to rows that are so, or opens it again.
async fn shut(suite: &Suite, service: &str, table: &str, rows: Option<&str>) {
    let mut superuser = suite.database(service, "postgres").await;
    let text = if let Some(rows) = rows {
        format!(
            "{SHUT}; create trigger shut before insert on {table}
                     for each row when ({rows}) execute function shut()"
        )
    } else {
        format!("drop trigger shut on {table}; drop function shut")
    };
    superuser.execute(AssertSqlSafe(text)).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_lost_holds_nobody() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 1).await;
    let order = released(&city, &owing).await;
    shut(&suite, "settlement", "payment_answer", Some("true")).await;

    let lost = take_answer(&city.officer, &all_back(&city, &order).await).await;

    assert_eq!(lost.unwrap_err().code(), Code::Internal);
    assert!(!is_known(&city, &owing.payees[0]).await);
    shut(&suite, "settlement", "payment_answer", None).await;
    suite.stop().await;
}

#[tokio::test]
async fn a_payee_is_held_before_the_registry_knows_why_and_told_of_later() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 2).await;
    let (first, second) = (&owing.payees[0], &owing.payees[1]);
    let order = released(&city, &owing).await;
    shut(&suite, "registry", "payment_return", Some("true")).await;

    let list = all_back(&city, &order).await;
    let taken = take_answer(&city.officer, &list).await.unwrap();

    assert_eq!(taken.answer.unwrap().returned_count, 2);
    assert!(!is_known(&city, first).await);
    let held = prepare(&city.officer, &owing.program_id).await;
    let status = refused(held, Code::FailedPrecondition, "NOTHING_TO_PAY");
    assert_eq!(metadata(&status, "held"), "ACCOUNT_RETURNED 2");

    shut(&suite, "registry", "payment_return", None).await;
    let began = Instant::now();
    while !(is_known(&city, first).await && is_known(&city, second).await) {
        assert!(began.elapsed() < WAIT, "the registry was never told");
        sleep(Duration::from_millis(100)).await;
    }
    confirm_account(&city, first, "999").await;
    let next = prepare(&city.officer, &owing.program_id).await.unwrap();
    assert_eq!((next.payment_count, next.held_count), (1, 1));
    let request = ListHeldPayeesRequest {
        order_id: next.order_id.clone(),
        ..ListHeldPayeesRequest::default()
    };
    let mut held = city.auditor.payments.clone();
    let held = held.list_held_payees(request).await.unwrap().into_inner();
    let held = (&*held.payees[0].payee_id, &*held.payees[0].reason);
    assert_eq!(held, (&**second, "ACCOUNT_RETURNED"));
    let mut settlement = suite.database("settlement", "gazelle_settlement").await;
    let untold = sqlx::query_scalar::<_, i64>("select count(*) from untold_return");
    assert_eq!(untold.fetch_one(&mut settlement).await.unwrap(), 0);
    registry_is_sound(&suite).await;
    verify(&city, None).await.unwrap();
    suite.stop().await;
}

#[tokio::test]
async fn a_return_that_the_registry_does_not_take_keeps_no_other_from_it() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 2).await;
    let (first, second) = (&owing.payees[0], &owing.payees[1]);
    let order = released(&city, &owing).await;
    let refused = format!("new.payee_id = '{first}'");
    shut(&suite, "registry", "payment_return", Some(&refused)).await;

    let list = all_back(&city, &order).await;
    take_answer(&city.officer, &list).await.unwrap();

    assert!(!is_known(&city, first).await);
    assert!(is_known(&city, second).await);
    confirm_account(&city, second, "999").await;
    let next = prepare(&city.officer, &owing.program_id).await.unwrap();
    assert_eq!((next.payment_count, next.held_count), (1, 1));
    suite.stop().await;
}

#[tokio::test]
async fn an_order_is_not_released_to_an_account_from_which_money_came_back_untold() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 1).await;
    let settled = released(&city, &owing).await;
    let made = payments(&city, &settled).await;
    let list = answer_list(&settled, &[(&made[0].payment_id, "成功")]);
    take_answer(&city.officer, &list).await.unwrap();
    let more = fee("late", "shop-0", "COMMISSION", "2017-02-05", 2_000);
    city.seal_period(&owing.platform_id, "2017-02", &[more])
        .await;
    city.settle(&owing.program_id, 2017, "2017-02").await;
    let prepared = prepare(&city.officer, &owing.program_id).await.unwrap();
    shut(&suite, "registry", "payment_return", Some("true")).await;

    let back = all_back(&city, &settled).await;
    take_answer(&city.officer, &back).await.unwrap();

    let changed = release(&city.approver, &prepared).await;
    refused(changed, Code::FailedPrecondition, "ACCOUNT_CHANGED");
    shut(&suite, "registry", "payment_return", None).await;
    let cancelled = cancel(&city.officer, &prepared).await.unwrap();
    assert_eq!(cancelled.state(), OrderState::Cancelled);
    suite.stop().await;
}

#[tokio::test]
async fn what_came_back_in_all_may_be_more_than_64_bits_hold() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 1).await;
    released(&city, &owing).await;
    let mut superuser = suite.database("settlement", "postgres").await;
    // As if the most that an order holds had come back eleven times.
    let edit = "set session_replication_role = replica;
        insert into payment_order
            select 'x' || n, program_id, number + n, final, 'answered', digest, payment_count,
                   held_count, 999999999999999999, program_name, payer_name, payer_number,
                   payer_bank_code, payer_bank_name, proposed_by, prepared_by, prepared_at,
                   decided_by, decided_at
            from payment_order, generate_series(1, 11) n;
        insert into payment
            select 'x' || n || '-1', 'x' || n, payee_id, 999999999999999999, account_version,
                   account_name, account_number, bank_code, bank_name, 'RETURNED'
            from payment, generate_series(1, 11) n;
        insert into remittance
            select 'x' || n || '-1', run_number, year, 999999999999999999
            from remittance, generate_series(1, 11) n;";
    sqlx::raw_sql(edit).execute(&mut superuser).await.unwrap();

    let request = GetProgramMoneyRequest {
        program_id: owing.program_id.clone(),
    };
    let mut payments = city.auditor.payments.clone();
    let money = payments.get_program_money(request).await.unwrap();

    let money = money.into_inner();
    assert_eq!(money.total.unwrap().returned_fen, i64::MAX);
    assert_eq!(money.runs[0].returned_fen, i64::MAX);
    suite.stop().await;
}

#[tokio::test]
async fn an_order_that_no_sheet_holds_is_refused_as_a_workbook_alone() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 1).await;
    let order = released(&city, &owing).await;
    let mut superuser = suite.database("settlement", "postgres").await;
    let count = |count: i32| {
        AssertSqlSafe(format!(
            "set session_replication_role = replica;
             update payment_order set payment_count = {count}"
        ))
    };
    let workbook = PaymentFileFormat::TreasuryXlsx;

    superuser.execute(count(1_048_576)).await.unwrap();
    let large = export(&city.officer, &order.order_id, workbook).await;

    let status = refused(large, Code::FailedPrecondition, "ORDER_TOO_LARGE");
    assert_eq!(metadata(&status, "payments_max"), "1048575");
    for format in [PaymentFileFormat::Pain001, PaymentFileFormat::TreasuryCsv] {
        let file = export(&city.officer, &order.order_id, format).await;
        assert!(!file.unwrap().is_empty());
    }
    superuser.execute(count(1_048_575)).await.unwrap();
    let most = export(&city.officer, &order.order_id, workbook).await;
    assert!(most.unwrap().starts_with(b"PK"));
    suite.stop().await;
}
