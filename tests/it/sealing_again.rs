//! Ids that an earlier sealed month holds.

use gazelle_client::Client;
use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::{ListRefusedRecordsRequest, PeriodState};
use gazelle_tests::forgetful::Forgetful;
use gazelle_tests::fresh;
use gazelle_tests::held::{get_period, list_records, list_refused, list_refused_as};
use gazelle_tests::receipt::{receipt, seal_digest};
use gazelle_tests::refusal::{fields_refused, metadata, refused};
use gazelle_tests::report::{
    counts, report, report_all, reversal, seal, seal_seen, some_fee, state,
};
use gazelle_tests::suite::Suite;
use tonic::Code;

/// Reason and id of each refused record, sorted.
async fn refusals(client: &Client, platform: &str, period: &str) -> Vec<(String, String)> {
    let listed = list_refused(client, platform, period).await.into_iter();
    let mut refusals: Vec<_> = listed
        .map(|refused| (refused.reason, refused.record.unwrap().record_id))
        .collect();
    refusals.sort();
    refusals
}

/// The ids of records that were accepted and fell when a month was sealed, sorted.
async fn fallen(client: &Client, platform: &str, period: &str) -> Vec<String> {
    let by_seal = ListRefusedRecordsRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
        refused_by_seal: true,
        ..ListRefusedRecordsRequest::default()
    };
    let listed = list_refused_as(client, by_seal).await.into_iter();
    let mut ids: Vec<String> = listed.map(|one| one.record.unwrap().record_id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_id_of_an_earlier_sealed_month_is_refused_at_sealing_and_then_the_corrected_statement_seals()
 {
    let suite = Forgetful::start().await;
    let (platform, officer) = (fresh::platform("mall"), suite.officer());
    let client = suite.platform(&platform);
    let march = [some_fee("same", 100), some_fee("other", 200)];
    report_all(&client, &platform, "2017-03", &march).await;
    // April repeats one record as it was and one with another amount, and takes the latter back.
    let changed = some_fee("other", 900);
    let april = [
        some_fee("same", 100),
        changed.clone(),
        some_fee("april", 7),
        reversal("back", &changed, 150),
    ];
    report_all(&client, &platform, "2017-04", &april).await;
    state(&client, &platform, "2017-03", 2, 300).await.unwrap();
    seal(&officer, &platform, "2017-03").await.unwrap();

    // As the platform counts, without knowing better.
    state(&client, &platform, "2017-04", 4, 857).await.unwrap();
    let status = refused(
        seal(&officer, &platform, "2017-04").await,
        Code::FailedPrecondition,
        "STATEMENT_MISMATCH",
    );

    // `back` named `other`, of which March's stands: it takes that one back, and stays.
    let figures = [
        "received_record_count",
        "received_total_fen",
        "refused_count",
    ];
    assert_eq!(
        figures.map(|figure| metadata(&status, figure)),
        ["2", "-143", "2"].map(str::to_owned)
    );
    let gone = |id: &str| ("RECORD_IN_SEALED_PERIOD".to_owned(), id.to_owned());
    assert_eq!(
        refusals(&client, &platform, "2017-04").await,
        [gone("other"), gone("same")]
    );
    let kept = [april[2].clone(), april[3].clone()];
    let held = get_period(&client, &platform, "2017-04").await.unwrap();
    assert_eq!((held.refused_count, held.refused_by_seal_count), (2, 2));
    // Of the two, March's has the very content of one: nothing is left to do about it.
    assert_eq!(held.resolved_count, 1);
    assert_eq!(held.received, Some(receipt(&platform, "2017-04", &kept)));

    let bad = report(&client, &platform, "2017-04", &[some_fee("bad", 0)]).await;
    assert_eq!(counts(&bad.unwrap()), (0, 0, 1));
    let ids = fallen(&client, &platform, "2017-04").await;
    assert_eq!(ids, ["other", "same"]);
    state(&client, &platform, "2017-04", 2, -143).await.unwrap();
    let sealed = seal(&officer, &platform, "2017-04").await.unwrap();
    assert_eq!(
        sealed.seal.unwrap().digest,
        seal_digest(&platform, "2017-04", &kept)
    );
}

#[tokio::test]
async fn what_was_seen_of_a_month_is_sealed_though_records_fall_at_that_and_nothing_else_is() {
    let suite = Forgetful::start().await;
    let (platform, officer) = (fresh::platform("mall"), suite.officer());
    let client = suite.platform(&platform);
    report_all(&client, &platform, "2017-03", &[some_fee("same", 100)]).await;
    let april = [some_fee("same", 100), some_fee("april", 7)];
    report_all(&client, &platform, "2017-04", &april).await;
    state(&client, &platform, "2017-03", 1, 100).await.unwrap();
    seal(&officer, &platform, "2017-03").await.unwrap();
    let seen = receipt(&platform, "2017-04", &april);
    // More came, and was stated, after the officer looked.
    let more = [some_fee("more", 30)];
    report_all(&client, &platform, "2017-04", &more).await;
    state(&client, &platform, "2017-04", 2, 37).await.unwrap();

    let seal_seen = async |seen| seal_seen(&officer, &platform, "2017-04", Some(seen)).await;
    let status = refused(
        seal_seen(seen.clone()).await,
        Code::FailedPrecondition,
        "RECEIPT_MISMATCH",
    );
    let held = get_period(&client, &platform, "2017-04").await.unwrap();
    let held = held.received.unwrap();
    let figures = ["received_record_count", "received_digest"];
    assert_eq!(
        figures.map(|figure| metadata(&status, figure)),
        ["3".to_owned(), held.digest.to_string()]
    );
    let period = get_period(&client, &platform, "2017-04").await.unwrap();
    assert_eq!(
        (period.state(), period.refused_count),
        (PeriodState::Open, 0)
    );
    let no_digest = Receipt {
        digest: "".into(),
        ..held.clone()
    };
    fields_refused(seal_seen(no_digest).await, &[("receipt.digest", "MISSING")]);

    // Of what was seen `same` falls, as the statement says; the rest is sealed, and stays.
    let sealed = seal_seen(held).await.unwrap();
    let kept = [april[1].clone(), more[0].clone()];
    let digest = seal_digest(&platform, "2017-04", &kept);
    assert_eq!(sealed.seal.unwrap().digest, digest);
    assert_eq!(sealed.refused_by_seal_count, 1);
    let again = seal_seen(seen).await.unwrap();
    assert_eq!(again.seal.unwrap().digest, digest);
}

#[tokio::test]
async fn a_reversal_of_a_record_that_sealing_refuses_is_refused_with_it() {
    let suite = Forgetful::start().await;
    let (platform, officer) = (fresh::platform("mall"), suite.officer());
    let client = suite.platform(&platform);
    // April has the record first, and takes it back; then the same id comes for March as well.
    let april = some_fee("r", 900);
    let records = [april.clone(), reversal("v", &april, 500), some_fee("s", 1)];
    report_all(&client, &platform, "2017-04", &records).await;
    report_all(&client, &platform, "2017-03", &[some_fee("r", 100)]).await;
    state(&client, &platform, "2017-03", 1, 100).await.unwrap();
    seal(&officer, &platform, "2017-03").await.unwrap();

    state(&client, &platform, "2017-04", 1, 1).await.unwrap();
    let sealed = seal(&officer, &platform, "2017-04").await.unwrap();

    assert_eq!(
        sealed.received,
        Some(receipt(&platform, "2017-04", &records[2..]))
    );
    assert_eq!(
        refusals(&client, &platform, "2017-04").await,
        [
            ("RECORD_IN_SEALED_PERIOD".to_owned(), "r".to_owned()),
            ("REVERSED_RECORD_REFUSED".to_owned(), "v".to_owned()),
        ]
    );
    assert_eq!(
        list_records(&client, &platform, "2017-04").await,
        records[2..]
    );
    // March's record can still be taken back, whole.
    let whole = report(
        &client,
        &platform,
        "2017-05",
        &[reversal("w", &some_fee("r", 100), 100)],
    )
    .await;
    assert_eq!(counts(&whole.unwrap()), (1, 0, 0));
}

#[tokio::test]
async fn another_platform_s_ids_are_no_reason_to_refuse() {
    let suite = Suite::shared();
    let officer = suite.officer();
    for period in ["2017-03", "2017-04"] {
        let platform = fresh::platform("mall");
        let client = suite.platform(&platform);
        report_all(
            &client,
            &platform,
            period,
            &[some_fee("the same everywhere", 100)],
        )
        .await;
        state(&client, &platform, period, 1, 100).await.unwrap();
        assert_eq!(
            seal(&officer, &platform, period)
                .await
                .unwrap()
                .refused_count,
            0
        );
    }
}
