//! Nobody approves, releases or confirms what they had a part in: not in the service, and not in
//! the database, where the service's own role tries.

use gazelle_client::Client;
use gazelle_kernel::Actor;
use gazelle_proto::settlement::v1::{ApplyProgramRequest, Program, Run};
use gazelle_runtime::auth::Role;
use gazelle_tests::city::{City, approve, at_once, program};
use gazelle_tests::fresh;
use gazelle_tests::payments::{Owing, prepare, release};
use gazelle_tests::refusal::{by_database, metadata, refused};
use gazelle_tests::report::fee;
use gazelle_tests::runs::{raise, short_run};
use gazelle_tests::suite::Suite;
use sqlx::Connection as _;
use tonic::Code;
use uuid::Uuid;

const ALL: [Role; 3] = [Role::Registrar, Role::Officer, Role::Approver];

/// A published run of 2017-01: its program was applied by the first, its budget raised by the
/// second after a first run, computed and published by the officer.
struct Made {
    run: Run,
    legislator: String,
    treasurer: String,
}

async fn apply(client: &Client, program: Program) -> Program {
    let request = ApplyProgramRequest {
        program: Some(program),
    };
    let answer = client
        .programs
        .clone()
        .apply_program(request)
        .await
        .unwrap();
    answer.into_inner().program.unwrap()
}

async fn made(city: &City<'_>) -> Made {
    let (legislator, treasurer) = (fresh::person("legislator"), fresh::person("treasurer"));
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let first = program(&id, &[&platform]);
    apply(&city.suite.person(&legislator, &ALL), first.clone()).await;
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    let record = fee("r", "shop", "COMMISSION", "2017-01-05", 1_000);
    city.seal_period(&platform, "2017-01", &[record]).await;
    // From its first approved run on, a year keeps its version; only its budget may rise.
    city.settle(&id, 0, "2017-01").await;
    let more = Program {
        budgets: vec![at_once(2_000_000)],
        ..first
    };
    apply(&city.suite.person(&treasurer, &ALL), more).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    Made {
        run: city.publish(&run).await.unwrap(),
        legislator,
        treasurer,
    }
}

#[tokio::test]
async fn whoever_had_a_part_in_a_run_does_not_approve_it_by_whatever_spelling() {
    let city = City::on(Suite::shared());
    let made = made(&city).await;
    let parts = [
        (made.legislator.as_str(), "program.apply"),
        (&made.treasurer, "program.apply"),
        ("officer", "run.publish"),
    ];
    for (person, step) in parts {
        for spelled in [person.to_owned(), person.to_uppercase(), full_width(person)] {
            let client = city.suite.person(&spelled, &ALL);
            let own = approve(&client, &made.run).await;
            let status = refused(own, Code::PermissionDenied, "SELF_APPROVAL");
            assert_eq!(metadata(&status, "step"), step, "{spelled}");
            assert_eq!(metadata(&status, "actor"), format!("person:{spelled}"));
        }
    }
    let approved = city.approve(&made.run).await.unwrap();
    assert_eq!(approved.decided_by, "person:approver");
}

/// The run of that id, by that person.
const APPROVE: &str =
    "update run set state = 'approved', decided_by = $2, decided_at = now() where run_id = $1";

#[tokio::test]
async fn the_database_refuses_an_approval_by_whoever_had_a_part_in_the_run() {
    let city = City::on(Suite::shared());
    let made = made(&city).await;
    let id: Uuid = made.run.run_id.parse().unwrap();
    let mut session = city
        .suite
        .database("settlement", "gazelle_settlement")
        .await;
    let parts = [made.legislator.as_str(), &made.treasurer, "officer"];
    for person in parts {
        for spelled in [person.to_owned(), person.to_uppercase(), full_width(person)] {
            let approval = sqlx::query(APPROVE).bind(id);
            let done = approval
                .bind(format!("person:{spelled}"))
                .execute(&mut session);
            assert_eq!(
                by_database(&done.await.unwrap_err()),
                ("23514".into(), "run_not_self_approved".into()),
                "{spelled}"
            );
        }
    }
}

#[tokio::test]
async fn the_database_knows_who_decided_an_objection_though_the_run_does_not_say_so() {
    let city = City::on(Suite::shared());
    let (_, _, [one, _], run) = short_run(&city).await;
    let run = city.publish(&run).await.unwrap();
    raise(&city.officer, &run, &one).await.unwrap();
    let id: Uuid = run.run_id.parse().unwrap();
    let judge = format!("person:{}", fresh::person("judge"));
    let suite = city.suite;
    let mut session = suite.database("settlement", "gazelle_settlement").await;
    let decide = "update objection set state = 'dismissed', decided_by = $2, decided_at = now(),
                  decision = 'no' where run_id = $1";
    for (person, is_taken) in [(judge.to_uppercase(), false), ("person:other".into(), true)] {
        // The trail knows nothing of it, so it is not to stay.
        let mut tx = session.begin().await.unwrap();
        let decided = sqlx::query(decide).bind(id).bind(&judge);
        decided.execute(&mut *tx).await.unwrap();
        let approval = sqlx::query(APPROVE).bind(id).bind(&person);
        let refused = approval.execute(&mut *tx).await.err();
        let refused = refused.map(|error| by_database(&error));
        let own = ("23514".into(), "run_not_self_approved".into());
        assert_eq!(refused, (!is_taken).then_some(own), "{person}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn an_order_is_not_released_by_its_maker_by_whatever_spelling() {
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let maker = fresh::person("maker");
    let order = prepare(&city.suite.person(&maker, &ALL), &owing.program_id)
        .await
        .unwrap();
    let mut session = city
        .suite
        .database("settlement", "gazelle_settlement")
        .await;
    // Who proposed the accounts is as close to the money as who prepared the order.
    for person in [maker.as_str(), "registrar"] {
        for spelled in [person.to_owned(), person.to_uppercase(), full_width(person)] {
            let own = release(&city.suite.person(&spelled, &ALL), &order).await;
            refused(own, Code::PermissionDenied, "SELF_APPROVAL");
            let statement = "update payment_order set state = 'released', decided_by = $2,
                             decided_at = now() where order_id = $1";
            let release = sqlx::query(statement).bind(&order.order_id);
            let done = release
                .bind(format!("person:{spelled}"))
                .execute(&mut session);
            assert_eq!(
                by_database(&done.await.unwrap_err()),
                ("23514".into(), "payment_order_not_self_released".into()),
                "{spelled}"
            );
        }
    }
    release(&city.approver, &order).await.unwrap();
}

#[tokio::test]
async fn whom_the_database_takes_for_one_the_service_does_too_and_more() {
    let suite = Suite::shared();
    let mut session = suite.database("settlement", "gazelle_settlement").await;
    // Names of one person, and whether the database sees it: of A to Z, in any width and form.
    for (one, other, by_database) in [
        ("alice", "ＡＬＩＣＥ", true),
        ("kim", "\u{212a}IM", true),
        ("suse", "SU\u{17f}E", true),
        ("fiona", "ﬁona", true),
        ("e\u{301}mile", "\u{e9}MILE", true),
        ("\u{e9}mile", "\u{c9}mile", false),
        ("strasse", "stra\u{df}e", false),
        ("οδος", "ΟΔΟΣ", false),
        ("ilker", "\u{130}lker", false),
        ("ilker", "\u{131}lker", false),
    ] {
        let [one, other] = [one, other].map(|name| format!("person:{name}"));
        let same =
            sqlx::query_scalar(r#"select may_be_any($1 collate "C", array[$2 collate "C"])"#);
        let same: bool = same
            .bind(&one)
            .bind(&other)
            .fetch_one(&mut session)
            .await
            .unwrap();
        assert_eq!(same, by_database, "{one} {other}");
        assert!(Actor::new(one).may_be(&Actor::new(other)));
    }
}

/// The same in full-width letters, as an input method writes them.
fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        other => other,
    };
    text.chars().map(wide).collect()
}
