//! How a check that compares what is stored is asked for, and what it says.

use gazelle_proto::audit::v1::{VerifyChainRequest, VerifyChainResponse};
use gazelle_runtime::clock::Clock;
use gazelle_tests::binary::{Ran, command, run};
use gazelle_tests::city::{City, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::{registry_is_sound, trail, verify, verify_all};
use serde_json::Value;
use sqlx::Executor as _;

async fn gazelle(suite: &Suite, arguments: &str) -> Ran {
    run(command(suite.home.folder(), "auditor", arguments)).await
}

#[tokio::test]
async fn the_command_line_compares_unless_it_is_told_not_to_and_says_whose_row_it_is() {
    let suite = Suite::start(Clock::system()).await;
    let code = fresh::uscc();
    City::on(&suite).register(vec![shopkeeper(&code)]).await;
    let right = gazelle(&suite, "--output json audit verify").await.done();
    let compared = |ran: &Ran, at: usize| -> Value {
        let trail = &ran.json()["trails"][at];
        trail["state_compared"].clone()
    };
    assert_eq!(compared(&right, 0), Value::Bool(true));
    // What settlement stores, `ledger verify` compares.
    assert_eq!(compared(&right, 2), Value::Bool(false));

    let mut intruder = suite.database("registry", "postgres").await;
    let edit = "set session_replication_role = replica;
                update enterprise set district_code = '330108'";
    intruder.execute(edit).await.unwrap();

    let found = gazelle(&suite, "audit verify --service registry").await;
    found.refused("CHAIN_BROKEN");
    for part in ["STATE_DISAGREES", "entry 1,", &code] {
        assert!(found.stderr.contains(part), "{found:?}");
    }
    let chain = "--output json audit verify --service registry --chain-only";
    let chain = gazelle(&suite, chain).await.done();
    assert_eq!(compared(&chain, 0), Value::Bool(false));
    suite.stop().await;
}

#[tokio::test]
async fn who_does_not_ask_for_it_is_told_that_nothing_was_compared() {
    let suite = Suite::shared();
    let registry = trail(&suite.auditor(), "registry");
    let right = verify(&registry, VerifyChainRequest::default()).await;
    assert!(!right.unwrap().state_compared);
    registry_is_sound(suite).await;
}

#[tokio::test]
async fn a_comparison_that_takes_long_says_now_and_then_that_it_goes_on() {
    let suite = Suite::start(Clock::system()).await;
    City::on(&suite).micro_enterprise().await;
    let mut superuser = suite.database("registry", "postgres").await;
    let slow = "alter table filing rename to quick;
                create view filing as select quick.* from quick, (select pg_sleep(15)) slow;
                grant select on filing to gazelle_registry";
    superuser.execute(slow).await.unwrap();
    let request = VerifyChainRequest {
        with_state: true,
        ..VerifyChainRequest::default()
    };
    let mut registry = trail(&suite.auditor(), "registry");
    let steps = registry.verify_chain(request).await;
    let mut steps = steps.unwrap().into_inner();
    let mut said: Vec<VerifyChainResponse> = Vec::new();
    while let Some(step) = steps.message().await.unwrap() {
        said.push(step);
    }
    let last = said.pop().unwrap();
    assert!(last.state_compared && last.checkpoint.is_some(), "{last:?}");
    assert!(!said.is_empty(), "nothing was said meanwhile");
    for step in said {
        assert_eq!(step.verified_count, step.entry_count);
        assert_eq!((step.checkpoint, step.state_compared), (None, false));
    }
    superuser
        .execute("drop view filing; alter table quick rename to filing")
        .await
        .unwrap();
    assert!(verify_all(&suite, "registry").await.is_ok());
    suite.stop().await;
}
