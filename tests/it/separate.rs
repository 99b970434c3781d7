//! The three services as processes of their own, configured by the samples in `deploy/config`.

use gazelle_proto::settlement::v1::{ApplyProgramRequest, ComputeRunRequest};
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::city::program;
use gazelle_tests::report::{counts, fee, report, seal, state};

#[tokio::test]
async fn three_processes_settle_together_and_end_when_told() {
    let mut apart = Apart::new().await;
    let mut running = Vec::new();
    for service in SERVICES {
        running.push(apart.serve(service, &[]).await);
    }

    let mall = apart.platform("mall");
    let officer = apart.officer();
    let fee = fee("r-1", "shop", "COMMISSION", "2017-01-05", 1_000);
    let answer = report(&mall, "mall", "2017-01", &[fee]).await.unwrap();
    assert_eq!(counts(&answer), (1, 0, 0));
    state(&mall, "mall", "2017-01", 1, 1_000).await.unwrap();
    seal(&officer, "mall", "2017-01").await.unwrap();
    let apply = ApplyProgramRequest {
        program: Some(program("apart", &[])),
    };
    officer.programs.clone().apply_program(apply).await.unwrap();
    let compute = ComputeRunRequest {
        program_id: "apart".to_owned(),
        through_period: "2017-01".to_owned(),
        ..ComputeRunRequest::default()
    };
    let answer = officer.runs.clone().compute_run(compute).await.unwrap();
    let totals = answer.into_inner().run.unwrap().totals.unwrap();
    assert_eq!((totals.in_scope_fen, totals.excluded_fen), (1_000, 1_000));

    for service in running {
        service.ends_well().await;
    }
    apart.stop_database().await;
}
