//! Two at once: one winner, and a clear refusal for the other; money moves once.

use std::pin::pin;

use futures::future::{join, join_all};
use gazelle_proto::settlement::v1::{PaymentOrder, PaymentOrderState as OrderState};
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    Owing, answer_list, cancel, confirm_account, order, payments, prepare, release, take_answer,
    verify,
};
use gazelle_tests::refusal::reason;
use gazelle_tests::suite::Suite;
use tonic::Code;

/// How often each race is run.
const ROUNDS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_officers_one_prepares_and_of_release_and_cancel_one_wins() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 3).await;
    let other = city.suite.officer();
    for round in 0..ROUNDS {
        let (one, two) = join(
            prepare(&city.officer, &owing.program_id),
            prepare(&other, &owing.program_id),
        )
        .await;
        let (Ok(order), Err(status)) = (match one {
            Ok(_) => (one, two),
            Err(_) => (two, one),
        }) else {
            panic!("not one of two in round {round}");
        };
        assert_eq!(reason(&status), "ORDER_OPEN");

        let (released, cancelled) =
            join(release(&city.approver, &order), cancel(&other, &order)).await;

        let now = self::order(&city, &order.order_id).await;
        match (released, cancelled) {
            (Ok(_), Err(late)) => {
                assert_eq!(now.state(), OrderState::Released);
                assert_eq!(reason(&late), "ORDER_NOT_PREPARED");
                // So that the next round has something to pay.
                return_all(&city, &order, &owing).await;
            }
            (Err(late), Ok(_)) => {
                assert_eq!(now.state(), OrderState::Cancelled);
                assert_eq!(reason(&late), "ORDER_NOT_PREPARED");
            }
            both => panic!("not one of two in round {round}: {both:?}"),
        }
    }
    let payable = owing.balances(&city).await;
    let payable = payable.iter().map(|it| (it.payable_fen, it.paid_fen));
    assert_eq!(
        payable.collect::<Vec<_>>(),
        [(500, 0), (1_000, 0), (1_500, 0)]
    );
    verify(&city, None).await.unwrap();
}

/// Every payment of an order comes back, and every payee gets a new account.
async fn return_all(city: &City<'_>, order: &PaymentOrder, owing: &Owing) {
    let made = payments(city, order).await;
    let back: Vec<_> = made
        .iter()
        .map(|it| (it.payment_id.as_str(), "退回"))
        .collect();
    let list = answer_list(order, &back);
    take_answer(&city.officer, &list).await.unwrap();
    for uscc in &owing.payees {
        confirm_account(city, uscc, &order.number.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answer_from_many_connections_is_taken_once() {
    let city = City::on(Suite::shared());
    for _ in 0..ROUNDS / 2 {
        let owing = Owing::found(&city, 2).await;
        let order = prepare(&city.officer, &owing.program_id).await.unwrap();
        release(&city.approver, &order).await.unwrap();
        let made = payments(&city, &order).await;
        let rows: Vec<_> = made
            .iter()
            .map(|it| (it.payment_id.as_str(), "成功"))
            .collect();
        let list = answer_list(&order, &rows);
        let officers: Vec<_> = (0..8).map(|_| city.suite.officer()).collect();

        let answers = join_all(officers.iter().map(|it| take_answer(it, &list))).await;

        let first = answers
            .into_iter()
            .filter(|it| !it.as_ref().unwrap().repeated);
        assert_eq!(first.count(), 1);
        let paid = owing.balances(&city).await;
        let paid = paid.iter().map(|it| it.paid_fen);
        assert_eq!(paid.collect::<Vec<_>>(), [500, 1_000]);
    }
    verify(&city, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn books_are_verified_as_of_one_moment_while_they_are_written() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let owing = Owing::found(&city, 3).await;
    let mut writing = pin!(async {
        for _ in 0..10 * ROUNDS {
            // On a busy machine no connection may be free in time.
            if let Ok(order) = prepare(&city.officer, &owing.program_id).await {
                while cancel(&city.officer, &order)
                    .await
                    .is_err_and(|it| it.code() == Code::Unavailable)
                {}
            }
        }
    });
    let mut verified = 0;
    loop {
        tokio::select! {
            () = &mut writing => break,
            checked = verify(&city, None) => match checked {
                Ok(_) => verified += 1,
                // Nor a second one.
                Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status}"),
            }
        }
    }
    assert!(verified > 0);
    suite.stop().await;
}
