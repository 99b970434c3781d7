//! What very many payments take of the service's memory.

use gazelle_proto::settlement::v1::PaymentFileFormat;
use gazelle_runtime::auth::Role;
use gazelle_runtime::clock::Clock;
use gazelle_tests::beside::Beside;
use gazelle_tests::bulk::{Makers, program_id};
use gazelle_tests::city::{self, City};
use gazelle_tests::memory::Grown;
use gazelle_tests::payments::{
    all_payments, answer_list, export, prepare, release, take_answer, verified,
};
use gazelle_tests::suite::Suite;
use tonic::Status;

/// Payees of an order.
const PAYEES: usize = 20_000;

/// What a step may add to the service's memory, whatever its size.
const STEP_MIB: f64 = 24.0;

/// What it may add a payment, beside: some KiB, as long as the step takes.
const PAYMENT_MIB: f64 = 4.0 / 1024.0;

/// Makes a step, and sees how much it adds to the memory of a process.
async fn within<T>(pid: u32, most_mib: f64, step: impl Future<Output = Result<T, Status>>) -> T {
    let grown = Grown::since_now(pid);
    let made = step.await.unwrap();
    let mib = grown.mib();
    assert!(mib <= most_mib, "{mib} of {most_mib} MiB");
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_payments_take_some_kib_each_and_a_file_of_them_takes_nothing_more() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let makers = Makers {
        registrar: suite.registrar(),
        approver: suite.approver(),
        platform: suite.platform("mall"),
        sealer: suite.officer(),
        officer: suite.officer(),
    };
    makers.make("mall", &["COMMISSION"], PAYEES).await;
    let program_id = program_id("COMMISSION");
    let run = city.compute(&program_id, 2017, "2017-01").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    let beside = Beside::new(&suite);
    let service = beside.start().await;
    let [officer, approver, auditor] =
        [Role::Officer, Role::Approver, Role::Auditor].map(|role| beside.person(role));
    let payments = f64::from(u32::try_from(PAYEES).unwrap()) * PAYMENT_MIB;
    let (pid, most) = (service.pid(), STEP_MIB + payments);

    within(pid, most, city::approve(&approver, &run)).await;
    let order = within(pid, most, prepare(&officer, &program_id)).await;
    assert_eq!(usize::try_from(order.payment_count).unwrap(), PAYEES);
    release(&approver, &order).await.unwrap();
    for format in [PaymentFileFormat::Pain001, PaymentFileFormat::TreasuryCsv] {
        within(pid, STEP_MIB, export(&officer, &order.order_id, format)).await;
    }
    let workbook = PaymentFileFormat::TreasuryXlsx;
    within(pid, most, export(&officer, &order.order_id, workbook)).await;
    let made = all_payments(&auditor, &order).await.unwrap();
    let rows: Vec<_> = made.iter().map(|it| (&*it.payment_id, "成功")).collect();
    let list = answer_list(&order, &rows);
    within(pid, most, take_answer(&officer, &list)).await;
    within(pid, most, verified(&auditor, None)).await;
    service.kill().await;
    suite.stop().await;
}
