//! What the registry keeps of its past: revisions, dated changes, and the chain of who did what.

use gazelle_client::Client;
use gazelle_proto::registry::v1::{
    Change, ChangeEnterpriseCodeRequest, ChangeEnterpriseCodeResponse, CodeChange, CodeKind,
    Enterprise, EnterpriseFacts, GetEnterpriseRequest, ListChangesRequest, MerchantBinding,
    Platform, PutEnterprisesRequest, ReadFactsRequest, ReadFactsResponse,
};
use gazelle_runtime::auth::Role;
use gazelle_tests::city::{City, micro, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::listing::whole;
use gazelle_tests::refusal::{fields_refused, refused};
use gazelle_tests::registry::put_platforms;
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use tonic::{Code, Status};

/// All facts as of a revision, with the revision that the stream is of, in one message.
async fn read_facts(client: &Client, revision: i64) -> Result<ReadFactsResponse, Status> {
    let mut registry = client.registry.clone();
    let mut stream = registry
        .read_facts(ReadFactsRequest { revision })
        .await?
        .into_inner();
    let mut all = stream.message().await?.unwrap();
    assert!(all.platforms.is_empty() && all.enterprises.is_empty() && all.bindings.is_empty());
    while let Some(part) = stream.message().await? {
        let earlier = part.platforms.is_empty() || all.enterprises.is_empty();
        assert!(
            earlier && (part.enterprises.is_empty() || all.bindings.is_empty()),
            "in order"
        );
        all.platforms.extend(part.platforms);
        all.enterprises.extend(part.enterprises);
        all.bindings.extend(part.bindings);
    }
    Ok(all)
}

async fn facts_of(client: &Client, revision: i64, uscc: &str) -> Option<EnterpriseFacts> {
    let facts = read_facts(client, revision).await.unwrap();
    assert_eq!(facts.revision, revision);
    let uscc_of = |facts: &EnterpriseFacts| facts.enterprise.as_ref().unwrap().uscc.clone();
    facts
        .enterprises
        .into_iter()
        .find(|facts| uscc_of(facts) == uscc)
}

#[tokio::test]
async fn a_filing_that_was_replaced_is_still_read_at_its_revision() {
    let city = City::on(Suite::shared());
    let uscc = fresh::uscc();
    city.register(vec![shopkeeper(&uscc)]).await;
    let first = micro(&uscc, 2016);
    let mut second = first.clone();
    second.headcount = 42;

    let then = city.file(vec![first.clone()]).await;
    let now = city.file(vec![second.clone()]).await;

    assert_eq!((then.created_count, now.changed_count), (1, 1));
    assert!(now.revision > then.revision);
    let headcount = async |revision| {
        let facts = facts_of(&city.auditor, revision, &uscc).await.unwrap();
        facts
            .filings
            .iter()
            .map(|filing| filing.headcount)
            .collect::<Vec<_>>()
    };
    assert_eq!(headcount(then.revision).await, [first.headcount]);
    assert_eq!(headcount(now.revision).await, [second.headcount]);
    assert_eq!(headcount(then.revision).await, [first.headcount]);
}

#[tokio::test]
async fn an_enterprise_is_not_among_the_facts_before_it_was_registered() {
    let city = City::on(Suite::shared());
    let (earlier, later) = (fresh::uscc(), fresh::uscc());
    city.register(vec![shopkeeper(&earlier)]).await;
    let then = city.file(vec![micro(&earlier, 2016)]).await.revision;
    city.register(vec![shopkeeper(&later)]).await;
    let platform = fresh::platform("mall");
    city.bind(&platform, "shop", &later).await;

    assert_eq!(facts_of(&city.auditor, then, &later).await, None);
    let facts = read_facts(&city.auditor, 0).await.unwrap();
    let (enterprises, bindings) = (facts.enterprises, facts.bindings);
    let usccs: Vec<_> = enterprises
        .iter()
        .map(|f| &f.enterprise.as_ref().unwrap().uscc)
        .collect();
    assert!(usccs.is_sorted() && usccs.contains(&&later));
    let key = |b: &MerchantBinding| {
        (
            b.platform_id.clone(),
            b.merchant_id.clone(),
            b.bound_from.clone(),
        )
    };
    assert!(bindings.is_sorted_by_key(key) && bindings.iter().any(|b| b.platform_id == platform));
}

#[tokio::test]
async fn the_months_that_a_platform_owed_are_read_at_their_revision() {
    let city = City::on(Suite::shared());
    let mut platform = Platform {
        platform_id: fresh::platform("mall"),
        reports_from: "2017-01".to_owned(),
        ..Platform::default()
    };
    let then = put_platforms(&city, vec![platform.clone()]).await.unwrap();
    let first = platform.clone();
    platform.reports_to = "2018-01".to_owned();
    let now = put_platforms(&city, vec![platform.clone()]).await.unwrap();
    for (revision, expected) in [(then.revision, &first), (now.revision, &platform)] {
        let facts = read_facts(&city.auditor, revision).await.unwrap();
        assert!(
            facts
                .platforms
                .is_sorted_by_key(|found| found.platform_id.clone())
        );
        let mut found = facts.platforms.iter();
        let found = found.find(|found| found.platform_id == platform.platform_id);
        assert_eq!(found, Some(expected), "{revision}");
    }
}

#[tokio::test]
async fn a_revision_that_has_not_happened_is_refused() {
    let auditor = Suite::shared().auditor();
    let ahead = read_facts(&auditor, i64::MAX).await;
    refused(ahead, Code::OutOfRange, "REVISION_AHEAD");
    fields_refused(
        read_facts(&auditor, -1).await,
        &[("revision", "REVISION_INVALID")],
    );
}

/// Changes a code of an enterprise from a day on.
async fn change_code(
    registrar: &Client,
    uscc: &str,
    (kind, from, code): (CodeKind, &str, &str),
) -> Result<ChangeEnterpriseCodeResponse, Status> {
    let change = CodeChange {
        kind: kind.into(),
        effective_from: from.to_owned(),
        code: code.to_owned(),
    };
    let request = ChangeEnterpriseCodeRequest {
        uscc: uscc.to_owned(),
        change: Some(change),
    };
    let mut registry = registrar.registry.clone();
    let changed = registry.change_enterprise_code(request).await?;
    Ok(changed.into_inner())
}

#[tokio::test]
async fn a_code_changes_on_a_day_and_the_same_day_again_replaces_the_change() {
    let city = City::on(Suite::shared());
    let uscc = fresh::uscc();
    city.register(vec![shopkeeper(&uscc)]).await;
    let change = async |uscc: &str, kind, from: &str, code: &str| {
        change_code(&city.registrar, uscc, (kind, from, code)).await
    };
    let moved = change(&uscc, CodeKind::District, "2017-07-01", "330108")
        .await
        .unwrap();
    change(&uscc, CodeKind::Industry, "2017-03-01", "6210")
        .await
        .unwrap();
    let corrected = change(&uscc, CodeKind::District, "2017-07-01", "330110")
        .await
        .unwrap();
    assert!(corrected.revision > moved.revision);

    let request = GetEnterpriseRequest { uscc: uscc.clone() };
    let now = city
        .auditor
        .registry
        .clone()
        .get_enterprise(request)
        .await
        .unwrap()
        .into_inner();
    let now: Enterprise = now.enterprise.unwrap();
    assert_eq!(corrected.enterprise.as_ref(), Some(&now));
    let changes = now
        .code_changes
        .iter()
        .map(|c| (c.effective_from.as_str(), c.code.as_str()));
    assert_eq!(
        changes.collect::<Vec<_>>(),
        [("2017-03-01", "6210"), ("2017-07-01", "330110")]
    );
    assert_eq!(
        (now.district_code, now.industry_code),
        ("330106".into(), "5294".into())
    );
    let then = facts_of(&city.auditor, moved.revision, &uscc)
        .await
        .unwrap();
    assert_eq!(then.enterprise.unwrap().code_changes[0].code, "330108");

    let unknown = change(&fresh::uscc(), CodeKind::District, "2017-07-01", "330108").await;
    refused(unknown, Code::NotFound, "ENTERPRISE_NOT_FOUND");
    let bad = change(&uscc, CodeKind::Industry, "2017-07-01", "330108").await;
    fields_refused(bad, &[("change.code", "CODE_INVALID")]);
    let bad = change(&uscc, CodeKind::District, "2017-06-31", "330108").await;
    fields_refused(bad, &[("change.effective_from", "DATE_INVALID")]);
    registry_is_sound(Suite::shared()).await;
}

async fn changes(auditor: &Client) -> Vec<Change> {
    let fetch = async |page_token| {
        let request = ListChangesRequest {
            page_size: 7,
            page_token,
        };
        let page = auditor.registry.clone().list_changes(request).await?;
        let page = page.into_inner();
        Ok((page.changes, page.next_page_token))
    };
    whole(fetch).await.unwrap()
}

#[tokio::test]
async fn every_change_is_kept_once_with_who_made_it() {
    let suite = Suite::shared();
    let subject = fresh::person("registrar");
    let registrar = suite.person(&subject, &[Role::Registrar]);
    let put = async |enterprise: &Enterprise| {
        let request = PutEnterprisesRequest {
            enterprises: vec![enterprise.clone()],
        };
        let put = registrar
            .registry
            .clone()
            .put_enterprises(request)
            .await
            .unwrap();
        put.into_inner().result.unwrap()
    };
    let mut enterprise = shopkeeper(&fresh::uscc());
    let created = put(&enterprise).await.revision;
    put(&enterprise).await;
    assert_eq!(put(&shopkeeper("1")).await.rejections.len(), 1);
    enterprise.name = "新名".to_owned();
    let renamed = put(&enterprise).await.revision;

    let changes = changes(&suite.auditor()).await;

    // Neither what was there already nor what was refused is a change.
    let actor = format!("person:{subject}");
    let mut ours = changes.iter().filter(|change| change.actor == actor);
    assert_eq!(
        ours.clone().map(|c| c.revision).collect::<Vec<_>>(),
        [created, renamed]
    );
    assert!(ours.next_back().unwrap().content_json.contains("新名"));
    assert!(
        changes
            .iter()
            .map(|change| change.revision)
            .eq(1..=i64::try_from(changes.len()).unwrap())
    );
    registry_is_sound(Suite::shared()).await;
}
