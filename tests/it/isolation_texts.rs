//! No answer and no text of a refusal tells a platform what is another's: neither names, codes and
//! accounts of who sells there, nor its ids, amounts and records.

use std::fmt::Debug;

use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_proto::access::RULES;
use gazelle_proto::registry::v1::{GetPlatformRequest, Platform, PutPlatformsRequest};
use gazelle_proto::settlement::v1::ListAccountStatementRequest;
use gazelle_proto::usage::v1::{
    GetPeriodRequest, ListPeriodsRequest, ListRecordsRequest, ListRefusedRecordsRequest,
    WithdrawPeriodRequest,
};
use gazelle_runtime::auth::Principal;
use gazelle_tests::city::{City, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::payments::confirm_account;
use gazelle_tests::raw::Raw;
use gazelle_tests::report::{fate, fee, report, reversal, seal, state};
use gazelle_tests::suite::Suite;
use tonic::Status;

const PERIOD: &str = "2017-03";
const DAY: &str = "2017-03-05";

/// What nobody but their platform, and staff, may read anywhere.
const SHOP: &str = "planted-shop";
const AMOUNT_FEN: i64 = 976_543_211;
const REFUSED_FEN: i64 = -976_543_212;
const NUMBER: &str = "6222976543213976543";
const MALL: &str = "Planted Mall";

/// Another platform, known by name, with records that stand and one that was refused, of an
/// enterprise with an account.
async fn planted(city: &City<'_>) -> (String, String) {
    let platform = fresh::platform("mall");
    let known = Platform {
        platform_id: platform.clone(),
        name: MALL.to_owned(),
        ..Platform::default()
    };
    let request = PutPlatformsRequest {
        platforms: vec![known],
    };
    let put = city.registrar.registry.clone().put_platforms(request).await;
    assert_eq!(put.unwrap().into_inner().result.unwrap().rejections, []);
    let code = city.micro_enterprise().await;
    city.bind(&platform, SHOP, &code).await;
    confirm_account(city, &code, NUMBER).await;
    let client = city.suite.platform(&platform);
    let right = fee("theirs", SHOP, "COMMISSION", DAY, AMOUNT_FEN);
    let wrong = fee("wrong", SHOP, "COMMISSION", DAY, REFUSED_FEN);
    let answer = report(&client, &platform, PERIOD, &[right, wrong]).await;
    assert_eq!(answer.unwrap().accepted_count, 1);
    state(&client, &platform, PERIOD, 1, AMOUNT_FEN)
        .await
        .unwrap();
    (platform, code)
}

/// All that a refusal tells a program or a person.
fn told(status: &Status) -> String {
    let details = String::from_utf8_lossy(status.details());
    format!("{} {details} {:?}", status.message(), status.metadata())
}

/// All that an answer tells.
fn said<T: Debug>(result: Result<T, Status>) -> String {
    match result {
        Ok(answer) => format!("{answer:?}"),
        Err(status) => told(&status),
    }
}

/// What a platform is told that asks after another's month, and writes into it.
async fn ask(client: &Client, platform_id: String, code: String) -> Vec<String> {
    let period = PERIOD.to_owned();
    let mut usage = client.usage.clone();
    let records = ListRecordsRequest {
        platform_id: platform_id.clone(),
        period: period.clone(),
        ..ListRecordsRequest::default()
    };
    let refused = ListRefusedRecordsRequest {
        platform_id: platform_id.clone(),
        period: period.clone(),
        ..ListRefusedRecordsRequest::default()
    };
    let get = GetPeriodRequest {
        platform_id: platform_id.clone(),
        period: period.clone(),
    };
    let list = ListPeriodsRequest {
        platform_id: platform_id.clone(),
        ..ListPeriodsRequest::default()
    };
    let withdraw = WithdrawPeriodRequest {
        platform_id: platform_id.clone(),
        period,
        ..WithdrawPeriodRequest::default()
    };
    let known = GetPlatformRequest {
        platform_id: platform_id.clone(),
    };
    let statement = |payee_id: &str| ListAccountStatementRequest {
        payee_id: payee_id.to_owned(),
        ..ListAccountStatementRequest::default()
    };
    let mut payments = client.payments.clone();
    let one = fee("theirs", "shop", "COMMISSION", DAY, 1);
    vec![
        said(usage.list_records(records).await),
        said(usage.list_refused_records(refused).await),
        said(usage.get_period(get).await),
        said(usage.list_periods(list).await),
        said(usage.withdraw_period(withdraw).await),
        said(state(client, &platform_id, PERIOD, 7, 7).await),
        said(seal(client, &platform_id, PERIOD).await),
        said(report(client, &platform_id, PERIOD, &[one]).await),
        said(client.registry.clone().get_platform(known).await),
        said(
            payments
                .list_account_statement(statement(&platform_id))
                .await,
        ),
        said(payments.list_account_statement(statement(&code)).await),
    ]
}

#[tokio::test]
async fn no_answer_tells_a_platform_anything_that_is_anothers() {
    let suite = Suite::shared();
    let city = City::on(suite);
    let (theirs, code) = planted(&city).await;
    let ours = fresh::platform("mall");
    let client = suite.platform(&ours);

    let mut texts = ask(&client, theirs.clone(), code.clone()).await;
    // Under ids that another platform has too.
    let own = fee("theirs", "shop", "COMMISSION", DAY, 5);
    let back = reversal("back", &fee("wrong", "shop", "COMMISSION", DAY, 5), 5);
    let answer = report(&client, &ours, PERIOD, &[own.clone(), back]).await;
    assert_eq!(fate(answer.as_ref().unwrap(), 0), "ACCEPTED");
    assert_ne!(fate(answer.as_ref().unwrap(), 1), "ACCEPTED");
    texts.push(said(answer));
    let other = fee("theirs", "shop", "COMMISSION", DAY, 6);
    texts.push(said(report(&client, &ours, PERIOD, &[other]).await));
    texts.push(said(state(&client, &ours, PERIOD, 9, 9).await));
    // And whatever else there is, with nothing in it.
    let raw = Raw::new(&suite.endpoints);
    let principal = Principal::Platform(PlatformId::parse(&ours).unwrap());
    let token = suite.authorization(&principal);
    for rule in RULES {
        texts.push(said(raw.call(rule.path, Some(&token)).await));
    }

    let name = shopkeeper(&code).name;
    let amounts = [AMOUNT_FEN, REFUSED_FEN.abs()].map(|fen| fen.to_string());
    let planted = [&name, NUMBER, MALL, SHOP, &amounts[0], &amounts[1]];
    for text in &texts {
        for value in planted {
            assert!(!text.contains(value), "{value}: {text}");
        }
    }
    // Their code stands in no answer but that to who named it.
    let with_code = texts.iter().filter(|text| text.contains(&code)).count();
    assert!(with_code <= 1, "{texts:?}");
}
