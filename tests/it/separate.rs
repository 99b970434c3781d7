//! The three services as processes of their own, configured by the samples in `deploy/config`.

use std::time::Duration;

use gazelle_client::Client;
use gazelle_proto::settlement::v1::{ApplyProgramRequest, ComputeRunRequest, GetReadinessRequest};
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::city::program;
use gazelle_tests::refusal::{metadata, reason};
use gazelle_tests::report::{counts, fee, report, seal, state};
use tokio::time::timeout;
use tonic::{Code, Status};

/// A peer that hangs is noticed long before this, as the keepalive to peers has it; nobody who
/// waits for their answer alone, or for a connection that nobody closes, hears of it by then.
const NOTICED: Duration = Duration::from_secs(25);

async fn apply(officer: &Client) {
    let apply = ApplyProgramRequest {
        program: Some(program("apart", &[])),
    };
    officer.programs.clone().apply_program(apply).await.unwrap();
}

/// Asks settlement for what the registry and usage know.
async fn ready(officer: &Client) -> Result<(), Status> {
    let request = GetReadinessRequest {
        program_id: "apart".to_owned(),
        through_period: "2017-01".to_owned(),
        year: 0,
    };
    officer.runs.clone().get_readiness(request).await.map(drop)
}

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
    apply(&officer).await;
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

#[tokio::test]
async fn a_peer_that_hangs_is_noticed_and_needed_again_once_it_goes_on() {
    let apart = Apart::new().await;
    let mut running = Vec::new();
    for service in SERVICES {
        running.push(apart.serve(service, &[]).await);
    }
    let officer = apart.officer();
    apply(&officer).await;
    ready(&officer).await.unwrap();

    // The registry and usage.
    for peer in &running[..2] {
        peer.hang();
        let called = timeout(NOTICED, ready(&officer)).await;
        peer.go_on();
        let status = called.expect("noticed in time").unwrap_err();
        let said = (status.code(), reason(&status));
        let expected = (Code::Unavailable, "DEPENDENCY_UNAVAILABLE".to_owned());
        assert_eq!(said, expected, "{status:?}");
        assert_eq!(metadata(&status, "dependency"), "service");
        let again = async { while ready(&officer).await.is_err() {} };
        timeout(NOTICED, again).await.expect("it is asked again");
    }
    for service in running {
        service.ends_well().await;
    }
}
