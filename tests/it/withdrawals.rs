//! Taking everything back that an open month holds.

use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::{ListPeriodsRequest, ListRefusedRecordsRequest};
use gazelle_tests::fresh;
use gazelle_tests::held::{
    get_period, list_records, list_refused, list_refused_as, list_withdrawn, totals,
};
use gazelle_tests::receipt::receipt;
use gazelle_tests::refusal::{fields_refused, metadata, refused};
use gazelle_tests::report::{
    counts, fate, report, report_all, reversal, seal, some_fee, state, withdraw,
};
use gazelle_tests::suite::Suite;
use tonic::Code;

const PERIOD: &str = "2017-03";
const NEXT: &str = "2017-04";

#[tokio::test]
async fn what_is_withdrawn_leaves_nothing_but_evidence_and_its_ids_are_free() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    // Another platform's file: its true one has other content under the same ids.
    let wrong = [some_fee("r", 100), some_fee("s", 7)];
    report_all(&client, &platform, PERIOD, &wrong).await;
    let bad = report(&client, &platform, PERIOD, &[some_fee("bad", 0)]).await;
    assert_eq!(counts(&bad.unwrap()), (0, 0, 1));
    state(&client, &platform, PERIOD, 2, 107).await.unwrap();
    let own = receipt(&platform, PERIOD, &wrong);

    let withdrawal = withdraw(&client, &platform, PERIOD, Some(own.clone()))
        .await
        .unwrap();

    assert_eq!((withdrawal.number, withdrawal.refused_count), (1, 1));
    assert_eq!(withdrawal.withdrawn, Some(own.clone()));
    assert_eq!(withdrawal.withdrawn_by, format!("platform:{platform}"));
    assert_eq!(withdrawal.statement.as_ref().unwrap().total_fen, 107);
    let period = get_period(&client, &platform, PERIOD).await.unwrap();
    assert_eq!(period.received, Some(receipt(&platform, PERIOD, [])));
    assert_eq!((period.refused_count, &period.statement), (0, &None));
    assert_eq!(period.last_withdrawal, Some(withdrawal));
    assert_eq!(list_records(&client, &platform, PERIOD).await, []);
    assert_eq!(list_refused(&client, &platform, PERIOD).await, []);
    let auditor = suite.auditor();
    let told = totals(&auditor, &[&platform], "2017-01", "2017-12").await;
    assert_eq!(told, [""; 0], "the platform has reported nothing");
    // Nothing is left to withdraw.
    let again = withdraw(&client, &platform, PERIOD, Some(own)).await;
    refused(again, Code::NotFound, "PERIOD_NOT_FOUND");

    let mut evidence = list_withdrawn(&auditor, &platform, PERIOD, 1).await;
    evidence.sort_by_key(|record| record.record_id.clone());
    assert_eq!(evidence, wrong);
    let with_it = ListRefusedRecordsRequest {
        platform_id: platform.clone(),
        period: PERIOD.to_owned(),
        withdrawal_number: 1,
        ..ListRefusedRecordsRequest::default()
    };
    assert_eq!(list_refused_as(&auditor, with_it).await.len(), 1);
    let right = [some_fee("r", 90), some_fee("bad", 1)];
    report_all(&client, &platform, PERIOD, &right).await;
    report_all(&client, &platform, NEXT, &[some_fee("s", 8)]).await;
    state(&client, &platform, PERIOD, 2, 91).await.unwrap();
    let sealed = seal(&suite.officer(), &platform, PERIOD).await.unwrap();
    assert_eq!(sealed.received, Some(receipt(&platform, PERIOD, &right)));
}

#[tokio::test]
async fn lists_of_months_have_the_last_withdrawal_of_each() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let mut last = Vec::new();
    for (period, times) in [(PERIOD, 2), (NEXT, 1), ("2017-05", 0)] {
        let mut withdrawal = None;
        for number in 1..=times {
            let wrong = [some_fee(&format!("{period}-{number}"), 100)];
            report_all(&client, &platform, period, &wrong).await;
            let held = Some(receipt(&platform, period, &wrong));
            let withdrawn = withdraw(&client, &platform, period, held).await.unwrap();
            assert_eq!(withdrawn.number, number);
            withdrawal = Some(withdrawn);
        }
        last.push((period.to_owned(), withdrawal));
    }
    // One month holds records again, one nothing, and of one nothing was withdrawn.
    report_all(&client, &platform, PERIOD, &[some_fee("right", 1)]).await;
    report_all(&client, &platform, "2017-05", &[some_fee("may", 1)]).await;

    for reader in [&client, &suite.auditor()] {
        let request = ListPeriodsRequest {
            platform_id: platform.clone(),
            ..ListPeriodsRequest::default()
        };
        let listed = reader.usage.clone().list_periods(request).await;
        let listed = listed.unwrap().into_inner().periods.into_iter();
        let told: Vec<_> = listed.map(|it| (it.period, it.last_withdrawal)).collect();
        assert_eq!(told, last);
    }
}

#[tokio::test]
async fn only_what_the_receipt_says_is_withdrawn_and_nothing_that_is_sealed() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let nothing = receipt(&platform, PERIOD, []);
    let unknown = withdraw(&client, &platform, PERIOD, Some(nothing)).await;
    refused(unknown, Code::NotFound, "PERIOD_NOT_FOUND");
    let seen = [some_fee("r", 100)];
    report_all(&client, &platform, PERIOD, &seen).await;
    let meant = receipt(&platform, PERIOD, &seen);
    // More came since it was looked at.
    report_all(&client, &platform, PERIOD, &[some_fee("s", 7)]).await;

    let stale = withdraw(&client, &platform, PERIOD, Some(meant.clone())).await;
    let status = refused(stale, Code::FailedPrecondition, "RECEIPT_MISMATCH");
    let held = get_period(&client, &platform, PERIOD)
        .await
        .unwrap()
        .received
        .unwrap();
    let keys = [
        "received_record_count",
        "received_total_fen",
        "received_digest",
    ];
    let told = keys.map(|key| metadata(&status, key));
    assert_eq!(
        told,
        ["2".to_owned(), "107".to_owned(), held.digest.to_string()]
    );

    let missing = withdraw(&client, &platform, PERIOD, None).await;
    fields_refused(missing, &[("receipt", "MISSING")]);
    let count = ("receipt.record_count", "COUNT_NEGATIVE");
    for (record_count, digest, expected) in [
        (2, "", &[("receipt.digest", "MISSING")][..]),
        (2, "0", &[("receipt.digest", "DIGEST_INVALID")]),
        (-1, &held.digest, &[count]),
        (-1, "", &[count, ("receipt.digest", "MISSING")]),
    ] {
        let receipt = Receipt {
            record_count,
            digest: digest.into(),
            ..meant.clone()
        };
        let bad = withdraw(&client, &platform, PERIOD, Some(receipt)).await;
        fields_refused(bad, expected);
    }

    state(&client, &platform, PERIOD, 2, 107).await.unwrap();
    seal(&suite.officer(), &platform, PERIOD).await.unwrap();
    let sealed = withdraw(&client, &platform, PERIOD, Some(held)).await;
    refused(sealed, Code::FailedPrecondition, "PERIOD_SEALED");
    assert_eq!(list_records(&client, &platform, PERIOD).await.len(), 2);
}

#[tokio::test]
async fn a_month_whose_records_are_taken_back_elsewhere_is_withdrawn_after_those_that_do() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let (one, other) = (some_fee("r", 100), some_fee("s", 50));
    let march = [one.clone(), other.clone(), reversal("own", &one, 30)];
    report_all(&client, &platform, PERIOD, &march).await;
    let april = [reversal("v", &one, 70), some_fee("april", 1)];
    report_all(&client, &platform, NEXT, &april).await;
    let march_receipt = receipt(&platform, PERIOD, &march);

    let named = withdraw(&client, &platform, PERIOD, Some(march_receipt.clone())).await;
    let status = refused(named, Code::FailedPrecondition, "PERIOD_REVERSED");
    assert_eq!(metadata(&status, "periods"), NEXT);

    let april_receipt = receipt(&platform, NEXT, &april);
    withdraw(&client, &platform, NEXT, Some(april_receipt))
        .await
        .unwrap();
    // What April had taken back is there again, and no more than that.
    for (fen, expected) in [(71, "REVERSAL_EXCEEDS_RECORD"), (70, "ACCEPTED")] {
        let back = [reversal("w", &one, fen)];
        let answer = report(&client, &platform, "2017-05", &back).await.unwrap();
        assert_eq!(fate(&answer, 0), expected);
    }
    let may = receipt(&platform, "2017-05", &[reversal("w", &one, 70)]);
    withdraw(&client, &platform, "2017-05", Some(may))
        .await
        .unwrap();
    withdraw(&client, &platform, PERIOD, Some(march_receipt))
        .await
        .unwrap();
    let gone = report(&client, &platform, NEXT, &[reversal("x", &other, 1)]).await;
    assert_eq!(fate(&gone.unwrap(), 0), "REVERSED_RECORD_NOT_FOUND");
}

#[tokio::test]
async fn a_withdrawal_stands_in_the_chain_of_events_with_its_digest() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let wrong = [some_fee("r", 100)];
    report_all(&client, &platform, PERIOD, &wrong).await;
    let own = receipt(&platform, PERIOD, &wrong);
    withdraw(&client, &platform, PERIOD, Some(own.clone()))
        .await
        .unwrap();

    let mut session = suite.database("usage", "gazelle_usage_staff").await;
    let query =
        "select actor, content from event where action = 'period.withdraw' and subject = $1";
    let (actor, content): (String, String) = sqlx::query_as(query)
        .bind(format!("{platform} {PERIOD}"))
        .fetch_one(&mut session)
        .await
        .unwrap();

    assert_eq!(actor, format!("platform:{platform}"));
    assert!(content.contains(&*own.digest), "{content}");
}
