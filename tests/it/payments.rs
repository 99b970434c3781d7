//! Orders from prepared to paid: who may, what an answer does, and what never goes twice.

use gazelle_proto::settlement::v1::{
    CancelOrderRequest, ExportOrderRequest, GetOrderRequest, ListAnswersRequest,
    ListHeldPayeesRequest, ListPaymentsRequest, ListRemittancesRequest, PaymentBreakKind,
    PaymentFileFormat, PaymentOrderState as OrderState, PaymentState, ReleaseOrderRequest,
};
use gazelle_runtime::auth::Role;
use gazelle_tests::city::City;
use gazelle_tests::fresh;
use gazelle_tests::payments::{
    Owing, answer_list, cancel, confirm_account, given_fen, order, payments, prepare, release,
    take_answer, take_message, verify,
};
use gazelle_tests::refusal::{fields_refused, refused};
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tonic::{Code, Status};

#[tokio::test]
async fn an_order_is_released_by_somebody_else_on_what_they_were_shown() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let both = [Role::Officer, Role::Approver];
    let alone = city.suite.person(&fresh::person("alone"), &both);

    let prepared = prepare(&alone, &owing.program_id).await.unwrap();

    assert_eq!(prepared.state(), OrderState::Prepared);
    assert_eq!((prepared.payment_count, prepared.total_fen), (2, 1_500));
    let again = prepare(&city.officer, &owing.program_id).await;
    refused(again, Code::FailedPrecondition, "ORDER_OPEN");
    let own = release(&alone, &prepared).await;
    refused(own, Code::PermissionDenied, "SELF_APPROVAL");
    let mut other = prepared.clone();
    other.digest = "00".repeat(32);
    let unseen = release(&city.approver, &other).await;
    refused(unseen, Code::FailedPrecondition, "DIGEST_MISMATCH");
    let early = take_answer(&city.officer, &answer_list(&prepared, &[("x", "成功")])).await;
    refused(early, Code::FailedPrecondition, "ANSWER_MISMATCH");

    // The account is another now than the one that was prepared and shown.
    confirm_account(&city, &owing.payees[0], "777").await;
    let changed = release(&city.approver, &prepared).await;
    refused(changed, Code::FailedPrecondition, "ACCOUNT_CHANGED");
    let cancelled = cancel(&city.officer, &prepared).await.unwrap();
    assert_eq!(cancelled.state(), OrderState::Cancelled);
    let next = prepare(&city.officer, &owing.program_id).await.unwrap();
    let released = release(&city.approver, &next).await.unwrap();
    assert_eq!(released.state(), OrderState::Released);
    let late = cancel(&city.officer, &next).await;
    refused(late, Code::FailedPrecondition, "ORDER_NOT_PREPARED");
    for payment in payments(&city, &prepared).await {
        assert_eq!(payment.state(), PaymentState::Cancelled);
    }
}

/// What the RPCs that name an order by its id alone say to one.
async fn asked_of(city: &City<'_>, id: &str) -> [Result<(), Status>; 5] {
    let order_id = || id.to_owned();
    let [mut officer, mut auditor] =
        [&city.officer, &city.auditor].map(|client| client.payments.clone());
    let cancel = CancelOrderRequest {
        order_id: order_id(),
    };
    let get = GetOrderRequest {
        order_id: order_id(),
    };
    let payments = ListPaymentsRequest {
        order_id: order_id(),
        ..ListPaymentsRequest::default()
    };
    let held = ListHeldPayeesRequest {
        order_id: order_id(),
        ..ListHeldPayeesRequest::default()
    };
    let remittances = ListRemittancesRequest {
        order_id: order_id(),
        ..ListRemittancesRequest::default()
    };
    [
        officer.cancel_order(cancel).await.map(drop),
        auditor.get_order(get).await.map(drop),
        auditor.list_payments(payments).await.map(drop),
        auditor.list_held_payees(held).await.map(drop),
        auditor.list_remittances(remittances).await.map(drop),
    ]
}

#[tokio::test]
async fn what_can_be_no_id_of_an_order_is_refused_as_such_and_case_does_not_matter() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 1).await;
    let prepared = prepare(&city.officer, &owing.program_id).await.unwrap();
    for id in ["", "\0", "an order", &prepared.order_id[1..]] {
        for answer in asked_of(&city, id).await {
            fields_refused(answer, &[("order_id", "ID_INVALID")]);
        }
    }
    for answer in asked_of(&city, &"0".repeat(26)).await {
        refused(answer, Code::NotFound, "ORDER_NOT_FOUND");
    }

    let nul = || "\0".to_owned();
    let release = ReleaseOrderRequest {
        order_id: nul(),
        digest: prepared.digest.clone(),
    };
    let export = ExportOrderRequest {
        order_id: nul(),
        format: PaymentFileFormat::Pain001.into(),
    };
    let answers = ListAnswersRequest {
        order_id: nul(),
        ..ListAnswersRequest::default()
    };
    let [mut officer, mut approver, mut auditor] =
        [&city.officer, &city.approver, &city.auditor].map(|client| client.payments.clone());
    for answer in [
        approver.release_order(release).await.map(drop),
        officer.export_order(export).await.map(drop),
        auditor.list_answers(answers).await.map(drop),
    ] {
        fields_refused(answer, &[("order_id", "ID_INVALID")]);
    }

    let shown = order(&city, &prepared.order_id.to_uppercase()).await;
    assert_eq!(shown, prepared);
}

#[tokio::test]
async fn what_came_back_is_paid_again_once_its_account_was_confirmed_anew() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 3).await;
    let first = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &first).await.unwrap();
    let made = payments(&city, &first).await;
    let ids: Vec<&str> = made.iter().map(|it| it.payment_id.as_str()).collect();

    let rows = [(ids[0], "成功"), (ids[1], "退回"), (ids[2], "处理中")];
    let list = answer_list(&first, &rows);
    let taken = take_answer(&city.officer, &list).await.unwrap();

    let answer = taken.answer.unwrap();
    let counts = (
        answer.settled_count,
        answer.returned_count,
        answer.noted_count,
    );
    assert_eq!((counts, taken.repeated), ((1, 1, 1), false));
    assert_eq!(taken.order.unwrap().state(), OrderState::Released);
    let balances = owing.balances(&city).await;
    let stands = balances
        .iter()
        .map(|it| (it.paid_fen, it.payable_fen, it.in_payment_fen));
    assert_eq!(
        stands.collect::<Vec<_>>(),
        [(500, 0, 0), (0, 1_000, 0), (0, 0, 1_500)]
    );
    let held = prepare(&city.officer, &owing.program_id).await;
    refused(held, Code::FailedPrecondition, "NOTHING_TO_PAY");

    confirm_account(&city, &owing.payees[1], "888").await;
    let second = prepare(&city.officer, &owing.program_id).await.unwrap();
    assert_eq!((second.payment_count, second.total_fen), (1, 1_000));
    assert!(!ids.contains(&payments(&city, &second).await[0].payment_id.as_str()));
    release(&city.approver, &second).await.unwrap();

    let rest = answer_list(&first, &[(ids[2], "成功")]);
    let taken = take_answer(&city.officer, &rest).await.unwrap();
    assert_eq!(taken.order.unwrap().state(), OrderState::Answered);
    let again = take_answer(&city.officer, &rest).await.unwrap();
    assert!(again.repeated);
    let after = order(&city, &first.order_id).await;
    let counts = (after.settled_count, after.settled_fen, after.returned_fen);
    assert_eq!(counts, (2, 2_000, 1_000));
    verify(&city, None).await.unwrap();
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn an_order_and_its_payments_are_known_by_their_ids_in_capitals() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    let order = release(&city.approver, &order).await.unwrap();
    let made = payments(&city, &order).await;
    let ids: Vec<String> = made.iter().map(|it| it.payment_id.to_uppercase()).collect();
    let mut capitals = order.clone();
    capitals.order_id = order.order_id.to_uppercase();
    assert_ne!(capitals.order_id, order.order_id);

    let bad = answer_list(&capitals, &[(&ids[0], "成功"), ("NO-1", "成功")]);
    let refusal = take_answer(&city.officer, &bad).await;
    refused(refusal, Code::FailedPrecondition, "ANSWER_MISMATCH");
    let list = answer_list(&capitals, &[(&ids[0], "成功"), (&ids[1], "退回")]);
    let taken = take_answer(&city.officer, &list).await.unwrap();

    let taken = taken.order.unwrap();
    assert_eq!(
        (&taken.order_id, taken.settled_count, taken.returned_count),
        (&order.order_id, 1, 1)
    );
    let request = ListAnswersRequest {
        order_id: order.order_id.clone(),
        ..ListAnswersRequest::default()
    };
    let kept = city.auditor.payments.clone().list_answers(request).await;
    let kept = kept.unwrap().into_inner().answers;
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[1].breaks[0].payment_id, "NO-1");
    verify(&city, None).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_does_not_fit_changes_nothing_and_is_kept_to_be_shown() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let paid = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &paid).await.unwrap();
    let made = payments(&city, &paid).await;
    let ids: Vec<&str> = made.iter().map(|it| it.payment_id.as_str()).collect();

    // One row fits, the other names a payment of nobody's.
    let list = answer_list(&paid, &[(ids[0], "成功"), ("nobody-1", "成功")]);
    let status = take_answer(&city.officer, &list).await;
    refused(status, Code::FailedPrecondition, "ANSWER_MISMATCH");
    let other = format!(
        "批次号,支付单号,结果,金额(元)\n{},{},成功,5.01\n",
        paid.order_id, ids[0]
    );
    let status = take_answer(&city.officer, &other).await;
    refused(status, Code::FailedPrecondition, "ANSWER_MISMATCH");
    assert_eq!(order(&city, &paid.order_id).await.settled_count, 0);

    let back = answer_list(&paid, &[(ids[0], "退回"), (ids[1], "成功")]);
    take_answer(&city.officer, &back).await.unwrap();
    let there = answer_list(&paid, &[(ids[0], "成功")]);
    let status = take_answer(&city.officer, &there).await;
    refused(status, Code::FailedPrecondition, "PAYMENT_CLOSED");

    let request = ListAnswersRequest {
        order_id: paid.order_id.clone(),
        ..ListAnswersRequest::default()
    };
    let listed = city.auditor.payments.clone().list_answers(request).await;
    let listed = listed.unwrap().into_inner().answers;
    let reasons = listed
        .iter()
        .map(|it| (it.refusal_reason.as_str(), it.break_count));
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            ("PAYMENT_CLOSED", 1),
            ("", 0),
            ("ANSWER_MISMATCH", 1),
            ("ANSWER_MISMATCH", 1)
        ]
    );
    // Money that was there may come back, even later.
    let late = answer_list(&paid, &[(ids[1], "退回")]);
    let taken = take_answer(&city.officer, &late).await.unwrap();
    assert_eq!(taken.answer.unwrap().returned_count, 1);
    let payable = owing.balances(&city).await;
    let payable = payable.iter().map(|it| it.payable_fen);
    assert_eq!(payable.collect::<Vec<_>>(), [given_fen(0), given_fen(1)]);
}

#[tokio::test]
async fn a_message_about_two_orders_or_against_itself_returns_nothing_and_is_kept_with_its_order() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let paid = prepare(&city.officer, &owing.program_id).await.unwrap();
    let paid = release(&city.approver, &paid).await.unwrap();
    let message = |group: &str, part_id: &str, part: &str| {
        format!(
            "<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{}</OrgnlMsgId>\
             <GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>\
             <OrgnlPmtInfId>{part_id}</OrgnlPmtInfId><PmtInfSts>{part}</PmtInfSts>\
             </OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
            paid.order_id.to_uppercase()
        )
    };
    let own = paid.order_id.as_str();
    for text in [
        message("RJCT", "other", "RJCT"),
        message("RJCT", own, "ACSP"),
    ] {
        let status = take_message(&city.officer, &text).await;
        refused(status, Code::FailedPrecondition, "ANSWER_MISMATCH");
    }
    assert_eq!(order(&city, own).await.returned_count, 0);
    let request = ListAnswersRequest {
        order_id: paid.order_id.clone(),
        ..ListAnswersRequest::default()
    };
    let kept = city.auditor.payments.clone().list_answers(request).await;
    let kept = kept.unwrap().into_inner().answers;
    let kinds: Vec<_> = kept.iter().map(|it| it.breaks[0].kind()).collect();
    assert_eq!(
        kinds,
        [
            PaymentBreakKind::Contradiction,
            PaymentBreakKind::OrderUnknown
        ]
    );

    let refused_whole = message("RJCT", own, "RJCT");
    let taken = take_message(&city.officer, &refused_whole).await.unwrap();
    assert_eq!(taken.order.unwrap().returned_count, 2);
}

#[tokio::test]
async fn a_payee_whose_money_came_back_is_held_and_the_others_are_paid() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let paid = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &paid).await.unwrap();
    let made = payments(&city, &paid).await;
    let back: Vec<_> = made
        .iter()
        .map(|it| (it.payment_id.as_str(), "退回"))
        .collect();
    take_answer(&city.officer, &answer_list(&paid, &back))
        .await
        .unwrap();
    confirm_account(&city, &owing.payees[0], "999").await;

    let next = prepare(&city.officer, &owing.program_id).await.unwrap();

    assert_eq!((next.payment_count, next.held_count), (1, 1));
    let request = ListHeldPayeesRequest {
        order_id: next.order_id,
        ..ListHeldPayeesRequest::default()
    };
    let held = city
        .auditor
        .payments
        .clone()
        .list_held_payees(request)
        .await;
    let held = &held.unwrap().into_inner().payees[0];
    assert_eq!(
        (
            held.payee_id.as_str(),
            held.payable_fen,
            held.reason.as_str()
        ),
        (owing.payees[1].as_str(), 1_000, "ACCOUNT_RETURNED")
    );
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn whoever_was_handed_a_payment_file_stands_in_the_trail() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 1).await;
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    let export = async |format: PaymentFileFormat| {
        let request = ExportOrderRequest {
            order_id: order.order_id.clone(),
            format: format.into(),
        };
        city.officer.payments.clone().export_order(request).await
    };
    let early = export(PaymentFileFormat::Pain001).await;
    refused(early, Code::FailedPrecondition, "ORDER_NOT_RELEASED");
    release(&city.approver, &order).await.unwrap();

    for format in [PaymentFileFormat::Pain001, PaymentFileFormat::TreasuryXlsx] {
        export(format).await.unwrap();
    }

    let mut service = city
        .suite
        .database("settlement", "gazelle_settlement")
        .await;
    let trail = "select actor, content::json ->> 'format', content::json ->> 'digest' from event
                 where action = 'order.export' and subject = $1 order by number";
    let trail: Vec<(String, String, String)> = sqlx::query_as(trail)
        .bind(&order.order_id)
        .fetch_all(&mut service)
        .await
        .unwrap();
    let formats = ["pain.001.001.09", "treasury.xlsx"];
    let expected = formats.map(|format| {
        let officer = "person:officer".to_owned();
        (officer, format.to_owned(), order.digest.clone())
    });
    assert_eq!(trail, expected);
}

#[tokio::test]
async fn the_database_lets_nobody_add_a_payment_that_was_not_shown() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let order = prepare(&city.officer, &owing.program_id).await.unwrap();
    let mut service = city
        .suite
        .database("settlement", "gazelle_settlement")
        .await;
    let add = format!(
        "insert into payment select order_id || '-99', order_id, 'mallory', 1, account_version,
                account_name, account_number, bank_code, bank_name, state, return_reason
         from payment where order_id = '{}' limit 1",
        order.order_id
    );
    let release = format!(
        "update payment_order set state = 'released', decided_by = 'person:x', decided_at = now()
         where order_id = '{}'",
        order.order_id
    );

    let mut attempt = service.begin().await.unwrap();
    attempt.execute(AssertSqlSafe(add.clone())).await.unwrap();
    let error = attempt.execute(AssertSqlSafe(release)).await.unwrap_err();
    assert_eq!(constraint(&error), Some("payment_order_whole"));
    attempt.rollback().await.unwrap();

    let released = self::release(&city.approver, &order).await.unwrap();
    assert_eq!(released.state(), OrderState::Released);
    let error = service.execute(AssertSqlSafe(add)).await.unwrap_err();
    assert_eq!(constraint(&error), Some("payment_order_closed"));
}

fn constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(|it| it.constraint())
}
