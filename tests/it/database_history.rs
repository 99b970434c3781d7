//! What was decided stays as it was, whoever writes: a service, or a superuser.

use gazelle_proto::registry::v1::{Platform, PutPlatformsRequest};
use gazelle_tests::city::City;
use gazelle_tests::fresh;
use gazelle_tests::refusal::by_database;
use gazelle_tests::runs::run_of_400;
use gazelle_tests::suite::Suite;

/// Sees that each statement is refused, to the service by rights or by rule, to a superuser by
/// rule.
async fn refused_to_all(service: &str, statements: &[&'static str], parameter: &str) {
    let suite = Suite::shared();
    let writer = match service {
        "usage" => "gazelle_usage_writer".to_owned(),
        _ => format!("gazelle_{service}"),
    };
    for role in [writer, "postgres".to_owned()] {
        let mut session = suite.database(service, &role).await;
        for &statement in statements {
            let result = sqlx::query(statement)
                .bind(parameter)
                .execute(&mut session)
                .await;
            let (code, _) = by_database(&result.expect_err(statement));
            let by_rule = code == "23001";
            assert!(
                by_rule || (code == "42501" && role != "postgres"),
                "{role}: {statement}: {code}"
            );
        }
    }
}

#[tokio::test]
async fn what_was_approved_never_changes() {
    let city = City::on(Suite::shared());
    let (run, _, _) = run_of_400(&city).await;
    let approved = city.approve(&run).await.unwrap();
    let statements = [
        "update run set decided_by = 'person:other' where run_id = $1::uuid",
        "update run set state = 'published', decided_by = null, decided_at = null where run_id = $1::uuid",
        "delete from run where run_id = $1::uuid",
        "update run_enterprise set granted_fen = 1 where run_id = $1::uuid",
        "delete from run_enterprise where run_id = $1::uuid",
        "insert into run_enterprise select run_id, '91330106MA0000000', 1, 1, 0, 1, 1, 0 from run where run_id = $1::uuid",
        "update run_line set government_fen = 1 where run_id = $1::uuid",
        "delete from run_line where run_id = $1::uuid",
        "insert into run_line select run_id, 'x', 'x', 'x', 1, 1, 0, 0 from run where run_id = $1::uuid",
        "update run_exclusion set fee_fen = 0 where run_id = $1::uuid",
        "delete from run_exclusion where run_id = $1::uuid",
        "update run_seal set digest = digest where run_id = $1::uuid",
        "delete from run_seal where run_id = $1::uuid",
        "delete from run_input where run_id = $1::uuid",
        "update input set content = 'x' where digest in (select digest from run_input where run_id = $1::uuid)",
        "update ledger_entry set posting_count = 1 where cause_id = $1",
        "delete from ledger_entry where cause_id = $1",
        "update event set actor = 'person:other' where subject = $1",
        "delete from event where subject = $1",
        "update program_year set pinned_version = 1 where program_id = (select program_id from run where run_id = $1::uuid)",
        "delete from program_version where program_id = (select program_id from run where run_id = $1::uuid)",
    ];
    refused_to_all("settlement", &statements, &run.run_id).await;
    assert_eq!(city.run(&run.run_id).await, approved);
    assert_eq!(city.enterprises(&run).await.len(), 1);
}

#[tokio::test]
async fn what_was_sealed_never_changes() {
    let city = City::on(Suite::shared());
    let (_, _, platform) = run_of_400(&city).await;
    let statements = [
        "update period set total_fen = total_fen + 1 where platform = (select platform from platform where platform_id = $1)",
        "update period set sealed_by = 'person:other' where platform = (select platform from platform where platform_id = $1)",
        "update period set sealed_at = null, sealed_by = null, seal_digest = null where platform = (select platform from platform where platform_id = $1)",
        "delete from period where platform = (select platform from platform where platform_id = $1)",
        "update record set amount_fen = 1 where platform = (select platform from platform where platform_id = $1)",
        "delete from record where platform = (select platform from platform where platform_id = $1)",
        "update sealed_total set fees_fen = '{1}' where platform = (select platform from platform where platform_id = $1)",
        "delete from sealed_total where platform = (select platform from platform where platform_id = $1)",
        "insert into sealed_total select platform, period, 'other', fee_kinds, fee_dates, fees_fen, record_counts from sealed_total where merchant_id = 'shop' and platform = (select platform from platform where platform_id = $1)",
        "update sealed_key set keys = '' where platform = (select platform from platform where platform_id = $1)",
        "delete from sealed_key where platform = (select platform from platform where platform_id = $1)",
        "insert into sealed_key select platform, part + 1, period, keys from sealed_key where platform = (select platform from platform where platform_id = $1) limit 1",
        "update withdrawal set record_count = 0 where platform = (select platform from platform where platform_id = $1)",
        "delete from withdrawal where platform = (select platform from platform where platform_id = $1)",
        "update withdrawn_record set amount_fen = 1 where platform = (select platform from platform where platform_id = $1)",
        "delete from withdrawn_record where platform = (select platform from platform where platform_id = $1)",
        "update event set actor = 'person:other' where subject like $1 || '%'",
        "delete from event where subject like $1 || '%'",
    ];
    refused_to_all("usage", &statements, &platform).await;
}

#[tokio::test]
async fn what_was_registered_is_replaced_and_never_rewritten() {
    let suite = Suite::shared();
    let city = City::on(suite);
    let platform = fresh::platform("mall");
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    let named = Platform {
        platform_id: platform.clone(),
        name: "商城".to_owned(),
        ..Platform::default()
    };
    let request = PutPlatformsRequest {
        platforms: vec![named],
    };
    city.registrar
        .registry
        .clone()
        .put_platforms(request)
        .await
        .unwrap();
    let of_enterprise = [
        "update enterprise set name = 'x' where uscc = $1",
        "delete from enterprise where uscc = $1",
        "update filing set headcount = 1 where uscc = $1",
        "delete from filing where uscc = $1",
        "update merchant_binding set uscc = 'x' where uscc = $1",
        "delete from merchant_binding where uscc = $1",
        "update event set actor = 'person:other' where content like '%' || $1 || '%'",
        "delete from event where content like '%' || $1 || '%'",
    ];
    refused_to_all("registry", &of_enterprise, &uscc).await;
    // Neither does a version that has ended begin again.
    let of_platform = [
        "update platform set until_revision = null where platform_id = $1 and until_revision is not null",
        "update platform set until_revision = until_revision + 1 where platform_id = $1 and until_revision is not null",
        "delete from platform where platform_id = $1",
    ];
    refused_to_all("registry", &of_platform, &platform).await;
}
