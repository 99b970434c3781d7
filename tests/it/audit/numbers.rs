//! What the registry's trail has of those who are shown the full numbers of accounts.

use gazelle_client::{Client, Patient};
use gazelle_proto::audit::v1::{
    Entry, ListEntriesRequest, audit_service_client::AuditServiceClient,
};
use gazelle_proto::registry::v1::{
    ConfirmPaymentAccountsRequest, GetPaymentAccountRequest, PutPaymentAccountsRequest,
    ReadPaymentAccountsRequest,
};
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_tests::bulk;
use gazelle_tests::city::{City, shopkeeper};
use gazelle_tests::desk::Desk;
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::Executor as _;
use tonic::Code;

/// So many enterprises whose accounts are in force, by code.
async fn payees(suite: &Suite, count: usize) -> Vec<String> {
    let city = City::on(suite);
    let codes: Vec<String> = (0..count).map(|_| fresh::uscc()).collect();
    for codes in codes.chunks(1_000) {
        city.register(codes.iter().map(|code| shopkeeper(code)).collect())
            .await;
        let accounts = codes.iter().map(|code| bulk::account(code)).collect();
        let request = PutPaymentAccountsRequest { accounts };
        let put = city
            .registrar
            .registry
            .clone()
            .put_payment_accounts(request)
            .await;
        assert_eq!(put.unwrap().into_inner().result.unwrap().rejections, []);
        let request = ConfirmPaymentAccountsRequest {
            payee_ids: codes.to_vec(),
            ..ConfirmPaymentAccountsRequest::default()
        };
        let confirmed = city
            .approver
            .registry
            .clone()
            .confirm_payment_accounts(request)
            .await;
        confirmed.unwrap();
    }
    codes
}

/// What an actor was shown, by number.
async fn shown(suite: &Suite, actor: &str) -> Vec<Entry> {
    let mut trail: AuditServiceClient<Patient> = suite.auditor().trails.registry;
    let request = ListEntriesRequest {
        actor: actor.to_owned(),
        action: "read".to_owned(),
        ..ListEntriesRequest::default()
    };
    let page = trail.list_entries(request).await;
    page.unwrap().into_inner().entries
}

/// Reads accounts in force as a service; how many, and where the trail of its readings stood
/// when the first came.
async fn read(suite: &Suite, service: &str, payee_ids: Vec<String>) -> (usize, usize) {
    let client = suite.client(Principal::Service(service.to_owned()));
    let request = ReadPaymentAccountsRequest { payee_ids };
    let stream = client.registry.clone().read_payment_accounts(request).await;
    let mut stream = stream.unwrap().into_inner();
    let (mut count, mut entries) = (0, 0);
    while let Some(part) = stream.message().await.unwrap() {
        if count == 0 && !part.accounts.is_empty() {
            entries = shown(suite, &format!("service:{service}")).await.len();
        }
        count += part.accounts.len();
    }
    (count, entries)
}

/// As `sha256sum` makes it of a line for each payee, whose first version it is.
fn digest(codes: &[String]) -> String {
    let lines: Vec<String> = codes.iter().map(|code| format!("{code} 1\n")).collect();
    let digest = Sha256::digest(lines.concat());
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

async fn get(client: &Client, payee: &str) -> Result<usize, tonic::Status> {
    let request = GetPaymentAccountRequest {
        payee_id: payee.to_owned(),
    };
    let shown = client.registry.clone().get_payment_account(request).await?;
    Ok(shown.into_inner().accounts.len())
}

#[tokio::test]
async fn who_looks_at_an_account_is_written_down_each_time_and_who_finds_none_is_not() {
    let suite = Suite::shared();
    let code = payees(suite, 1).await.remove(0);
    let subject = fresh::person("auditor");
    let auditor = suite.person(&subject, &[Role::Auditor]);

    assert_eq!(get(&auditor, &code).await.unwrap(), 1);
    assert_eq!(get(&auditor, &code).await.unwrap(), 1);
    let none = get(&auditor, &fresh::uscc()).await;
    refused(none, Code::NotFound, "ACCOUNT_NOT_FOUND");

    let entries = shown(suite, &format!("person:{subject}")).await;
    assert_eq!(entries.len(), 2, "{entries:?}");
    for entry in entries {
        assert_eq!(entry.subject, code);
        let content: Value = serde_json::from_str(&entry.content).unwrap();
        let mut expected = json!({
            "list": "account_numbers",
            "row_count": 1,
            "versions_sha256": digest(std::slice::from_ref(&code)),
        });
        expected["revision"] = content["revision"].clone();
        assert_eq!(content, expected);
        assert!(content["revision"].as_i64() > Some(0));
    }
}

#[tokio::test]
async fn a_services_reading_of_very_many_accounts_is_one_entry_that_is_there_before_the_first() {
    let suite = Suite::start(Clock::system()).await;
    let codes = payees(&suite, 3_000).await;
    let (count, entries_at_first) = read(&suite, "settlement", Vec::new()).await;
    assert_eq!((count, entries_at_first), (3_000, 1));
    let some = codes[..2_000].to_vec();
    assert_eq!(read(&suite, "settlement", some.clone()).await, (2_000, 2));
    assert_eq!(
        read(&suite, "settlement", vec![fresh::uscc()]).await,
        (0, 0)
    );

    let entries = shown(&suite, "service:settlement").await;

    let told = |entry: &Entry| -> (String, Value) {
        let content: Value = serde_json::from_str(&entry.content).unwrap();
        (entry.subject.clone(), content)
    };
    let [all, named] = &entries[..] else {
        panic!("{entries:?}");
    };
    for (entry, codes) in [(all, &codes), (named, &some)] {
        let (subject, content) = told(entry);
        assert_eq!(subject, "*");
        assert_eq!(content["row_count"], codes.len());
        assert_eq!(content["versions_sha256"], digest(codes));
        // The history tells which they were.
        assert_eq!(
            history(&suite, &content["revision"], codes).await,
            digest(codes)
        );
    }
    suite.stop().await;
}

/// The digest of the accounts in force at a revision, of these payees, as an auditor makes it.
async fn history(suite: &Suite, revision: &Value, codes: &[String]) -> String {
    let mut session = suite.database("registry", "gazelle_registry_auditor").await;
    let query = sqlx::query_scalar(
        "select encode(sha256(string_agg(payee_id || ' ' || version || E'\\n', ''
                                         order by payee_id, version)::bytea), 'hex')
         from payment_account_state
         where state = 'confirmed' and payee_id = any($2)
           and since_revision <= $1 and coalesce(until_revision > $1, true)",
    );
    let bound = query.bind(revision.as_i64()).bind(codes);
    bound.fetch_one(&mut session).await.unwrap()
}

#[tokio::test]
async fn nobody_is_shown_a_number_while_the_trail_takes_no_entry() {
    let suite = Suite::start(Clock::system()).await;
    let code = payees(&suite, 1).await.remove(0);
    let auditor = suite.auditor();
    assert_eq!(get(&auditor, &code).await.unwrap(), 1);
    let mut owner = suite.database("registry", "gazelle_registry_owner").await;
    owner
        .execute("revoke insert on event from gazelle_registry")
        .await
        .unwrap();

    let refused = get(&auditor, &code).await.unwrap_err();
    let settlement = suite.client(Principal::Service("settlement".to_owned()));
    let request = ReadPaymentAccountsRequest::default();
    let mut client = settlement.registry.clone();
    let unread = client.read_payment_accounts(request).await.map(|_| ());

    assert_eq!(refused.code(), Code::Internal);
    assert_eq!(unread.unwrap_err().code(), Code::Internal);
    assert_eq!(shown(&suite, "person:auditor").await.len(), 1);
    suite.stop().await;
}

#[tokio::test]
async fn the_command_line_lists_who_was_shown_a_number() {
    let code = payees(Suite::shared(), 1).await.remove(0);
    let (desk, number) = (Desk::new(), bulk::account_number(&code));
    let show = format!("account show {code}");
    assert!(
        desk.gazelle("approver", &show)
            .await
            .done()
            .stdout
            .contains(&number)
    );

    let list = format!("audit list --service registry --action read --subject {code}");
    let listed = desk.json("auditor", &list).await;

    let entries = listed["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{listed}");
    let text = entries[0].to_string();
    assert!(
        text.contains("person:approver") && text.contains("account_numbers"),
        "{text}"
    );
    assert!(!text.contains(&number), "{text}");
}
