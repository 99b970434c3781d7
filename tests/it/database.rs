//! What the databases refuse by themselves, whoever writes: past the services, as their own
//! roles.

use gazelle_tests::city::City;
use gazelle_tests::refusal::by_database;
use gazelle_tests::runs::run_of_400;
use gazelle_tests::suite::Suite;
use uuid::Uuid;

#[tokio::test]
async fn a_run_is_not_approved_by_who_computed_published_or_changed_it_nor_before_its_time() {
    let suite = Suite::shared();
    let city = City::on(suite);
    let (run, _, _) = run_of_400(&city).await;
    let id: Uuid = run.run_id.parse().unwrap();
    let mut session = suite.database("settlement", "gazelle_settlement").await;
    let approve =
        "update run set state = 'approved', decided_by = $2, decided_at = now() where run_id = $1";

    let refused = sqlx::query(approve)
        .bind(id)
        .bind("person:officer")
        .execute(&mut session)
        .await
        .unwrap_err();
    assert_eq!(
        by_database(&refused),
        ("23514".into(), "run_not_self_approved".into())
    );

    sqlx::query("update run set changed_by = '{person:judge}' where run_id = $1")
        .bind(id)
        .execute(&mut session)
        .await
        .unwrap();
    let refused = sqlx::query(approve)
        .bind(id)
        .bind("person:judge")
        .execute(&mut session)
        .await
        .unwrap_err();
    assert_eq!(
        by_database(&refused),
        ("23514".into(), "run_not_self_approved".into())
    );
    for forget in [
        "update run set changed_by = '{}' where run_id = $1",
        "update run set published_by = 'person:other' where run_id = $1",
        "update run set notice_ends_at = published_at - interval '1 day' where run_id = $1",
    ] {
        let refused = sqlx::query(forget)
            .bind(id)
            .execute(&mut session)
            .await
            .unwrap_err();
        assert_eq!(
            by_database(&refused),
            ("23001".into(), "run_history".into()),
            "{forget}"
        );
    }
    let early = "update run set state = 'approved', decided_by = 'person:approver', decided_at = clock_timestamp() - interval '1 h' where run_id = $1";
    let refused = sqlx::query(early)
        .bind(id)
        .execute(&mut session)
        .await
        .unwrap_err();
    assert_eq!(by_database(&refused), ("23514".into(), "run_clock".into()));
    // The result cannot be told otherwise either.
    let more = sqlx::query("update run set granted_fen = granted_fen + 1 where run_id = $1")
        .bind(id)
        .execute(&mut session)
        .await;
    assert_eq!(
        by_database(&more.unwrap_err()),
        ("23514".into(), "run_grants_its_lines".into())
    );
    assert_eq!(
        city.approve(&run).await.unwrap().decided_by,
        "person:approver"
    );
}

#[tokio::test]
async fn a_service_reaches_no_database_but_its_own() {
    let suite = Suite::shared();
    for (service, database) in [
        ("registry", "usage"),
        ("registry", "settlement"),
        ("usage", "registry"),
        ("usage", "settlement"),
        ("settlement", "registry"),
        ("settlement", "usage"),
    ] {
        for role in [
            format!("gazelle_{service}"),
            format!("gazelle_{service}_owner"),
        ] {
            let error = suite.try_database(database, &role).await.expect_err(&role);
            assert_eq!(by_database(&error).0, "42501", "{role} in {database}");
        }
    }
}
