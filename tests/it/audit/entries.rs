//! What a trail has of those who were refused a write, and of those who read what is another's.

use std::time::Duration;

use gazelle_client::Patient;
use gazelle_proto::audit::v1::{
    Entry, ListEntriesRequest, audit_service_client::AuditServiceClient,
};
use gazelle_proto::registry::v1::PutEnterprisesRequest;
use gazelle_proto::usage::v1::{ListRecordsRequest, SealPeriodRequest, SubmitStatementRequest};
use gazelle_runtime::auth::Role;
use gazelle_tests::city::{City, approve, publish, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::report::{fees, report_all};
use gazelle_tests::runs::settled_city;
use gazelle_tests::suite::{Suite, person};
use tonic::Code;

/// The entries of an actor with that action, by their number.
async fn entries(trail: &AuditServiceClient<Patient>, actor: &str, action: &str) -> Vec<Entry> {
    let request = ListEntriesRequest {
        actor: actor.to_owned(),
        action: action.to_owned(),
        ..ListEntriesRequest::default()
    };
    let page = trail.clone().list_entries(request).await;
    page.unwrap().into_inner().entries
}

/// The first refused attempt of an actor, which is written a little later.
async fn refused_attempt(trail: &AuditServiceClient<Patient>, actor: &str) -> Entry {
    for _ in 0..200 {
        if let Some(entry) = entries(trail, actor, "refuse").await.into_iter().next() {
            return entry;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no attempt of {actor} is written down");
}

#[tokio::test]
async fn an_attempt_of_one_who_may_not_is_written_down_without_what_was_sent() {
    let suite = Suite::shared();
    let subject = fresh::person("clerk");
    let client = suite.person(&subject, &[Role::Auditor]);
    let uscc = fresh::uscc();
    let request = PutEnterprisesRequest {
        enterprises: vec![shopkeeper(&uscc)],
    };
    let result = client.registry.clone().put_enterprises(request).await;
    refused(result, Code::PermissionDenied, "PERMISSION_DENIED");

    let trail = suite.auditor().trails.registry;
    let entry = refused_attempt(&trail, &format!("person:{subject}")).await;

    assert_eq!(
        entry.subject,
        "gazelle.registry.v1.RegistryService/PutEnterprises"
    );
    let content = r#"{"code":"PERMISSION_DENIED","reason":"PERMISSION_DENIED"}"#;
    assert_eq!(entry.content, content);
}

#[tokio::test]
async fn another_platforms_month_is_written_down_with_the_reason() {
    let suite = Suite::shared();
    let (own, other) = (fresh::platform("own"), fresh::platform("other"));
    let request = SubmitStatementRequest {
        platform_id: other.clone(),
        period: "2017-01".to_owned(),
        ..SubmitStatementRequest::default()
    };
    let result = suite
        .platform(&own)
        .usage
        .clone()
        .submit_statement(request)
        .await;
    refused(result, Code::PermissionDenied, "NOT_YOUR_PLATFORM");

    let trail = suite.auditor().trails.usage;
    let entry = refused_attempt(&trail, &format!("platform:{own}")).await;

    assert_eq!(
        entry.subject,
        "gazelle.usage.v1.UsageService/SubmitStatement"
    );
    assert!(
        entry.content.contains("NOT_YOUR_PLATFORM"),
        "{}",
        entry.content
    );
    assert!(!entry.content.contains(&other), "{}", entry.content);
}

#[tokio::test]
async fn a_self_approval_is_written_down() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;
    let subject = fresh::person("both");
    let both = city
        .suite
        .person(&subject, &[Role::Officer, Role::Approver]);
    let run = city.compute(&id, 2017, "2017-01").await.unwrap();
    let run = publish(&both, &run).await.unwrap();
    refused(
        approve(&both, &run).await,
        Code::PermissionDenied,
        "SELF_APPROVAL",
    );

    let trail = city.auditor.trails.settlement.clone();
    let entry = refused_attempt(&trail, &format!("person:{subject}")).await;

    assert_eq!(entry.subject, "gazelle.settlement.v1.RunService/ApproveRun");
    assert!(entry.content.contains("SELF_APPROVAL"), "{}", entry.content);
}

#[tokio::test]
async fn a_flood_of_attempts_leaves_ten_entries() {
    let suite = Suite::shared();
    let subject = fresh::person("flood");
    let mut usage = suite.person(&subject, &[Role::Auditor]).usage;
    for _ in 0..300 {
        let result = usage.seal_period(SealPeriodRequest::default()).await;
        refused(result, Code::PermissionDenied, "PERMISSION_DENIED");
    }
    let (trail, actor) = (suite.auditor().trails.usage, format!("person:{subject}"));
    let mut written = 0;
    for _ in 0..40 {
        written = entries(&trail, &actor, "refuse").await.len();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A minute may end while it lasts.
    assert!((10..=21).contains(&written), "{written}");
}

#[tokio::test]
async fn what_staff_reads_of_a_platform_is_there_when_it_is_answered() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    report_all(&client, &platform, "2017-01", &fees("r", 5)).await;
    let subject = fresh::person("auditor");
    let auditor = suite.client(person(&subject, &[Role::Auditor]));
    let mut request = ListRecordsRequest {
        platform_id: platform.clone(),
        period: "2017-01".to_owned(),
        page_size: 2,
        ..ListRecordsRequest::default()
    };
    let own = client.usage.clone().list_records(request.clone()).await;
    own.unwrap();
    let (trail, actor) = (suite.auditor().trails.usage, format!("person:{subject}"));
    assert!(entries(&trail, &actor, "read").await.is_empty());

    let page = auditor.usage.clone().list_records(request.clone()).await;
    request.page_token = page.unwrap().into_inner().next_page_token;
    let read = entries(&trail, &actor, "read").await;
    auditor.usage.clone().list_records(request).await.unwrap();

    let [entry] = &read[..] else {
        panic!("{read:?}");
    };
    assert_eq!(entry.subject, platform);
    let content = r#"{"list":"records","period":"2017-01","row_count":2}"#;
    assert_eq!(entry.content, content);
    assert_eq!(entries(&trail, &actor, "read").await.len(), 1);
    assert!(
        entries(&trail, &format!("platform:{platform}"), "read")
            .await
            .is_empty()
    );
}
