//! Whoever tampers with what a run was decided from, or came to, past all rules of the database, is
//! found out when the run is verified.

use gazelle_tests::city::City;
use gazelle_tests::runs::run_of_400;
use gazelle_tests::suite::Suite;
use sqlx::{Executor as _, PgConnection};

/// A superuser for whom no trigger fires.
async fn intruder(service: &str) -> PgConnection {
    let mut session = Suite::shared().database(service, "postgres").await;
    session
        .execute("set session_replication_role = replica")
        .await
        .unwrap();
    session
}

#[tokio::test]
async fn a_run_whose_tables_were_tampered_with_does_not_agree() {
    let city = City::on(Suite::shared());
    let (run, _, _) = run_of_400(&city).await;
    city.approve(&run).await.unwrap();
    assert!(city.verify(&run).await.agrees);
    let mut intruder = intruder("settlement").await;
    let cases = [
        (
            "update run_line set government_fen = government_fen - 1, enterprise_fen = enterprise_fen + 1 where run_id = $1::uuid",
            "update run_line set government_fen = government_fen + 1, enterprise_fen = enterprise_fen - 1 where run_id = $1::uuid",
        ),
        (
            "update run_exclusion set fee_fen = fee_fen + 1 where run_id = $1::uuid",
            "update run_exclusion set fee_fen = fee_fen - 1 where run_id = $1::uuid",
        ),
        (
            "update run_enterprise set entitled_fen = entitled_fen + 1 where run_id = $1::uuid",
            "update run_enterprise set entitled_fen = entitled_fen - 1 where run_id = $1::uuid",
        ),
    ];
    for (tamper, undo) in cases {
        let changed = sqlx::query(tamper)
            .bind(&run.run_id)
            .execute(&mut intruder)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1, "{tamper}");
        assert!(!city.verify(&run).await.agrees, "{tamper}");
        sqlx::query(undo)
            .bind(&run.run_id)
            .execute(&mut intruder)
            .await
            .unwrap();
        assert!(city.verify(&run).await.agrees, "{undo}");
    }
}

#[tokio::test]
async fn a_run_whose_sealed_totals_were_tampered_with_does_not_agree() {
    let city = City::on(Suite::shared());
    let (run, _, platform) = run_of_400(&city).await;
    assert!(city.verify(&run).await.agrees);
    let mut intruder = intruder("usage").await;
    let tamper = "update sealed_total set fees_fen[1] = fees_fen[1] + 1 where merchant_id = 'shop' \
                  and platform = (select platform from platform where platform_id = $1)";
    let changed = sqlx::query(tamper)
        .bind(&platform)
        .execute(&mut intruder)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);

    let verified = city.verify(&run).await;

    assert!(!verified.agrees);
    assert_eq!(verified.stored_digest, run.digest);
}
