//! What a service says of its configuration and of its tables before it serves.

use gazelle_tests::apart::{Apart, SERVICES};
use sqlx::{Connection as _, Executor as _, PgConnection};

#[tokio::test]
async fn a_check_names_what_is_wrong() {
    let apart = Apart::new().await;
    for service in SERVICES {
        let cases = [
            (("LIMITS__CALLS_PER_CALER", "1"), "calls_per_caler"),
            (("TELEMETRY__OTLP_ENDPOINTS", "http://a"), "otlp_endpoints"),
            (("SERVER__NOT_READY_WAIT_MS", "6000"), "not_ready_wait_ms"),
            (
                ("AUTH__JWKS_FILE", "/nowhere/jwks.json"),
                "/nowhere/jwks.json",
            ),
            (
                ("DATABASE__PASSWORD_FILE", "/nowhere/password"),
                "/nowhere/password",
            ),
        ];
        for (setting, named) in cases {
            let ran = apart.run(service, "check", &[setting]).await;
            assert_eq!(ran.code, 1, "{service} {setting:?}");
            assert!(ran.stderr.contains(named), "{service}: {}", ran.stderr);
        }
    }
}

#[tokio::test]
async fn a_service_refuses_tables_that_it_does_not_know_and_says_what_to_do() {
    let apart = Apart::new().await;
    let refused = async |service: &'static str, says: &str| {
        let ended = apart.spawn(service, &[]).ended().await;
        assert_eq!(ended.code, 1, "{service}");
        let log = apart.log(service);
        let last = log.lines().last().unwrap();
        assert!(last.contains(says), "{last}");
    };
    for service in SERVICES {
        let url = apart.database_url(service, "postgres");
        let mut superuser = PgConnection::connect(&url).await.unwrap();
        // The next release added something: this one still serves, also when it is migrated.
        superuser
            .execute(
                "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (99, 'of the next release', true, '', 0)",
            )
            .await
            .unwrap();
        let migrated = apart.run(service, "migrate", &[]).await;
        assert_eq!(migrated.code, 0, "{migrated:?}");
        if service == "registry" {
            apart.serve(service, &[]).await.ends_well().await;
        }

        // The one after took away what this one uses.
        let taken_away = "update schema_floor set migration = 99";
        superuser.execute(taken_away).await.unwrap();
        refused(service, "serve with a newer version").await;

        let older = "update schema_floor set migration = 1; \
                     delete from _sqlx_migrations where version > 2";
        superuser.execute(older).await.unwrap();
        refused(service, &format!("run `gazelle-{service} migrate`")).await;

        let none = "drop table _sqlx_migrations";
        superuser.execute(none).await.unwrap();
        refused(service, &format!("run `gazelle-{service} migrate`")).await;
    }
}
