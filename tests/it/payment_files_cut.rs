//! The service, or its database, is killed amid the bytes of a payment file or a treasury list:
//! whoever fetches it is told that it is not whole where it is not, gets the same bytes the next
//! time, and money moves once.
//!
//! The client takes little at a time, so that most of the file is still to be sent when it has the
//! first of it.

use gazelle_client::Bearer;
use gazelle_proto::settlement::v1::payment_service_client::PaymentServiceClient;
use gazelle_proto::settlement::v1::{
    ExportOrderRequest, ExportOrderResponse, PaymentFileFormat, PaymentOrder,
};
use gazelle_runtime::auth::Role;
use gazelle_runtime::clock::Clock;
use gazelle_tests::beside::Beside;
use gazelle_tests::bulk::{Makers, program_id};
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    all_payments, answer_list, export, prepare, release, take_answer, verify,
};
use gazelle_tests::running::Running;
use gazelle_tests::suite::Suite;
use sqlx::Executor as _;
use tonic::Streaming;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};

/// Payees of the order: more than what lies in buffers between the service and its client.
const PAYEES: usize = 6_000;

/// What the client lets come before it has read what came: the least of HTTP/2.
const WINDOW_BYTES: u32 = 65_535;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Killed {
    Service,
    Database,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_comes_again_with_the_same_bytes_and_money_moves_once() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let order = released(&city).await;
    let beside = Beside::new(&suite);
    for format in [
        PaymentFileFormat::Pain001,
        PaymentFileFormat::TreasuryCsv,
        PaymentFileFormat::TreasuryXlsx,
    ] {
        let whole = export(&city.officer, &order.order_id, format).await;
        let whole = whole.unwrap();
        for victim in [Killed::Service, Killed::Database] {
            let running = beside.start().await;
            let (came, ended_well) = cut(&beside, running, (&order, format), victim).await;
            assert!(whole.starts_with(&came), "{format:?} {victim:?}");
            let is_whole = came.len() == whole.len();
            let what = format!("{format:?} {victim:?}: {}", came.len());
            assert_eq!(is_whole, ended_well, "{what}");
            match victim {
                Killed::Service => assert!(!ended_well, "{what}"),
                // A workbook is made before its first byte is sent, and needs no database then.
                Killed::Database if format == PaymentFileFormat::TreasuryXlsx => {
                    assert!(ended_well, "{what}");
                }
                // Between two pages of payments the next waits until the database is back.
                Killed::Database => {}
            }

            let running = beside.start().await;
            let officer = beside.person(Role::Officer);
            let again = export(&officer, &order.order_id, format).await;
            assert!(again.unwrap() == whole, "{format:?} {victim:?}");
            running.kill().await;
        }
    }
    paid_once(&city, &order).await;
    suite.stop().await;
}

/// An order of very many payments, released.
async fn released(city: &City<'_>) -> PaymentOrder {
    let suite = city.suite;
    let makers = Makers {
        registrar: suite.registrar(),
        approver: suite.approver(),
        platform: suite.platform("mall"),
        sealer: suite.officer(),
        officer: suite.officer(),
    };
    makers.make("mall", &["COMMISSION"], PAYEES).await;
    let program_id = program_id("COMMISSION");
    city.settle(&program_id, 2017, "2017-01").await;
    let order = prepare(&city.officer, &program_id).await.unwrap();
    release(&city.approver, &order).await.unwrap()
}

/// Begins to fetch a file, and kills the service or its database once the first of it is there.
/// What came, and whether it ended well.
async fn cut(
    beside: &Beside<'_>,
    running: Running,
    (order, format): (&PaymentOrder, PaymentFileFormat),
    victim: Killed,
) -> (Vec<u8>, bool) {
    let request = ExportOrderRequest {
        order_id: order.order_id.clone(),
        format: format.into(),
    };
    let pieces = slow_client(beside).await.export_order(request).await;
    let mut pieces = pieces.unwrap().into_inner();
    let mut came = pieces.message().await.unwrap().unwrap().content;
    match victim {
        Killed::Service => {
            running.kill().await;
            let ended_well = rest(&mut pieces, &mut came).await;
            (came, ended_well)
        }
        Killed::Database => {
            crash(beside.suite).await;
            let ended_well = rest(&mut pieces, &mut came).await;
            running.readyz(200).await;
            running.kill().await;
            (came, ended_well)
        }
    }
}

/// An officer's client that takes little at a time.
async fn slow_client(
    beside: &Beside<'_>,
) -> PaymentServiceClient<InterceptedService<Channel, Bearer>> {
    let endpoint = Endpoint::from_shared(beside.url()).unwrap();
    let endpoint = endpoint
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES);
    let channel = endpoint.connect().await.unwrap();
    PaymentServiceClient::with_interceptor(channel, beside.bearer(Role::Officer))
}

/// What else comes, and whether it ends well.
async fn rest(pieces: &mut Streaming<ExportOrderResponse>, came: &mut Vec<u8>) -> bool {
    loop {
        match pieces.message().await {
            Ok(Some(piece)) => came.extend(piece.content),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Ends a process of the database with signal 9, upon which all of it starts anew.
async fn crash(suite: &Suite) {
    let mut session = suite.database("settlement", "postgres").await;
    let fault = "do $$ begin
                     execute format('copy (select 1) to program %L',
                         format('cat > /dev/null; kill -9 %s', pg_backend_pid()));
                 end $$";
    session.execute(fault).await.unwrap_err();
}

/// The bank paid what the file says: each payee got once what the run gave it, and each file that
/// was begun stands in the trail.
async fn paid_once(city: &City<'_>, order: &PaymentOrder) {
    let made = all_payments(&city.officer, order).await.unwrap();
    let rows: Vec<_> = made.iter().map(|it| (&*it.payment_id, "成功")).collect();
    let list = answer_list(order, &rows);
    let taken = take_answer(&city.officer, &list).await.unwrap();
    assert_eq!(taken.answer.unwrap().settled_count, order.payment_count);
    verify(city, None).await.unwrap();
    let mut session = city.suite.database("settlement", "postgres").await;
    let sums = "select (select sum(granted_fen)::bigint from run where state = 'approved'),
                       (select sum(amount_fen)::bigint from payment where state = 'SETTLED'),
                       (select count(distinct payee_id) from payment),
                       (select count(*) from open_item),
                       (select count(*) from event where action = 'order.export')";
    let sums: (i64, i64, i64, i64, i64) =
        sqlx::query_as(sums).fetch_one(&mut session).await.unwrap();
    let payees = i64::try_from(PAYEES).unwrap();
    // Of each of three forms the whole file, and twice one that was cut and one after it.
    assert_eq!(sums, (order.total_fen, order.total_fen, payees, 0, 15));
}
