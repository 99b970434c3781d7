//! A platform sees its own data only; the answer for "not yours" is the answer for "not there".

use std::fmt::Debug;

use gazelle_client::Client;
use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::{
    ListPeriodsRequest, ListRecordsRequest, ListRefusedRecordsRequest, WithdrawPeriodRequest,
};
use gazelle_tests::fresh;
use gazelle_tests::held::get_period;
use gazelle_tests::refusal::{reason, refused};
use gazelle_tests::report::{fee, report, report_all, seal, state};
use gazelle_tests::suite::Suite;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const PERIOD: &str = "2017-03";

/// A platform with accepted and refused records in a month that was stated.
async fn busy_platform(suite: &Suite) -> String {
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let day = "2017-03-05";
    report_all(
        &client,
        &platform,
        PERIOD,
        &[fee("r", "shop", "COMMISSION", day, 100)],
    )
    .await;
    report(
        &client,
        &platform,
        PERIOD,
        &[fee("s", "shop", "COMMISSION", day, 0)],
    )
    .await
    .unwrap();
    state(&client, &platform, PERIOD, 1, 100).await.unwrap();
    platform
}

/// The details of a refusal, in one order.
fn details(status: &Status) -> Vec<String> {
    let info = status.get_error_details().error_info().cloned().unwrap();
    let metadata = info.metadata.iter();
    let mut details: Vec<String> = metadata
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    details.sort();
    details.push(info.domain);
    details
}

/// All that an answer says, with the platform's name taken out.
fn said<T: Debug>(result: Result<T, Status>, platform: &str) -> String {
    let said = match result {
        Ok(answer) => format!("{answer:?}"),
        Err(status) => format!(
            "{:?} {} {} {:?} {:?}",
            status.code(),
            reason(&status),
            status.message(),
            details(&status),
            status
                .metadata()
                .keys()
                .map(|key| format!("{key:?}"))
                .collect::<Vec<_>>(),
        ),
    };
    said.replace(platform, "PLATFORM")
}

/// Everything that a platform may ask about a platform's month.
async fn ask_all(client: &Client, platform: &str) -> Vec<String> {
    let records = |record_id: &str| ListRecordsRequest {
        platform_id: platform.to_owned(),
        period: PERIOD.to_owned(),
        record_id: record_id.to_owned(),
        ..ListRecordsRequest::default()
    };
    let refused = ListRefusedRecordsRequest {
        platform_id: platform.to_owned(),
        period: PERIOD.to_owned(),
        ..ListRefusedRecordsRequest::default()
    };
    let periods = ListPeriodsRequest {
        platform_id: platform.to_owned(),
        ..ListPeriodsRequest::default()
    };
    let mut usage = client.usage.clone();
    vec![
        said(get_period(client, platform, PERIOD).await, platform),
        said(
            usage
                .list_records(records(""))
                .await
                .map(tonic::Response::into_inner),
            platform,
        ),
        said(
            usage
                .list_records(records("r"))
                .await
                .map(tonic::Response::into_inner),
            platform,
        ),
        said(
            usage
                .list_refused_records(refused)
                .await
                .map(tonic::Response::into_inner),
            platform,
        ),
        said(
            usage
                .list_periods(periods)
                .await
                .map(tonic::Response::into_inner),
            platform,
        ),
    ]
}

#[tokio::test]
async fn what_is_another_platform_s_is_answered_like_what_does_not_exist() {
    let suite = Suite::shared();
    let (ours, theirs) = (busy_platform(suite).await, busy_platform(suite).await);
    let client = suite.platform(&ours);
    let nobody = fresh::platform("mall");

    let not_ours = ask_all(&client, &theirs).await;
    let not_there = ask_all(&client, &nobody).await;

    assert_eq!(not_ours, not_there);
    assert!(not_ours[0].contains("PERIOD_NOT_FOUND") && not_ours[1].contains("PERIOD_NOT_FOUND"));
    let own = ask_all(&client, &ours).await;
    assert!(
        own.iter().zip(&not_ours).all(|(own, theirs)| own != theirs),
        "{own:#?}"
    );
}

#[tokio::test]
async fn a_platform_lists_its_own_periods_and_an_auditor_everybody_s() {
    let suite = Suite::shared();
    let (ours, theirs) = (busy_platform(suite).await, busy_platform(suite).await);
    state(&suite.platform(&ours), &ours, "2017-01", 0, 0)
        .await
        .unwrap();
    seal(&suite.officer(), &ours, "2017-01").await.unwrap();
    let list = async |client: &Client| {
        let (mut listed, mut page_token) = (vec![], String::new());
        loop {
            let request = ListPeriodsRequest {
                page_size: 1,
                page_token,
                ..ListPeriodsRequest::default()
            };
            let page = client
                .usage
                .clone()
                .list_periods(request)
                .await
                .unwrap()
                .into_inner();
            listed.extend(
                page.periods
                    .into_iter()
                    .map(|period| (period.platform_id, period.period)),
            );
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return listed;
            }
        }
    };
    let period = |platform: &str, period: &str| (platform.to_owned(), period.to_owned());

    assert_eq!(
        list(&suite.platform(&ours)).await,
        [period(&ours, "2017-01"), period(&ours, PERIOD)]
    );
    let all = list(&suite.auditor()).await;
    assert!(
        all.is_sorted()
            && all.contains(&period(&ours, PERIOD))
            && all.contains(&period(&theirs, PERIOD))
    );
}

#[tokio::test]
async fn a_platform_states_reports_and_withdraws_for_itself_alone() {
    let suite = Suite::shared();
    let (ours, theirs) = (fresh::platform("mall"), busy_platform(suite).await);
    let client = suite.platform(&ours);
    let before = get_period(&suite.auditor(), &theirs, PERIOD).await.unwrap();
    for platform in [theirs.clone(), fresh::platform("mall")] {
        let stated = state(&client, &platform, PERIOD, 0, 0).await;
        refused(stated, Code::PermissionDenied, "NOT_YOUR_PLATFORM");
        let record = fee("x", "shop", "COMMISSION", "2017-03-05", 100);
        let reported = report(&client, &platform, PERIOD, &[record]).await;
        refused(reported, Code::PermissionDenied, "NOT_YOUR_PLATFORM");
        let withdraw = WithdrawPeriodRequest {
            platform_id: platform,
            period: PERIOD.to_owned(),
            receipt: Some(Receipt {
                digest: "0".repeat(64).into(),
                ..Receipt::default()
            }),
        };
        let withdrawn = client.usage.clone().withdraw_period(withdraw).await;
        refused(withdrawn, Code::PermissionDenied, "NOT_YOUR_PLATFORM");
    }
    assert_eq!(
        get_period(&suite.auditor(), &theirs, PERIOD).await.unwrap(),
        before
    );
}

#[tokio::test]
async fn a_page_token_of_one_platform_leads_into_no_other_s_list() {
    let suite = Suite::shared();
    let (ours, theirs) = (busy_platform(suite).await, busy_platform(suite).await);
    report_all(
        &suite.platform(&theirs),
        &theirs,
        PERIOD,
        &[fee("t", "shop", "COMMISSION", "2017-03-05", 1)],
    )
    .await;
    let request = ListRecordsRequest {
        platform_id: theirs.clone(),
        period: PERIOD.to_owned(),
        page_size: 1,
        ..ListRecordsRequest::default()
    };
    let page = suite
        .platform(&theirs)
        .usage
        .clone()
        .list_records(request.clone())
        .await
        .unwrap();
    let stolen = ListRecordsRequest {
        platform_id: ours.clone(),
        page_token: page.into_inner().next_page_token,
        ..request
    };
    assert_ne!(stolen.page_token, "");
    let answer = suite
        .platform(&ours)
        .usage
        .clone()
        .list_records(stolen)
        .await;
    refused(answer, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
}
