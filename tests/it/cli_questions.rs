//! Questions at a terminal, before what cannot be undone, and tables that fit it.

use gazelle_tests::binary::command;
use gazelle_tests::city::City;
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::payments::{Owing, order, payments, prepare, release};
use gazelle_tests::runs::{raise, short_run};
use gazelle_tests::suite::Suite;
use gazelle_tests::terminal::{at_terminal, at_terminal_after};
use serde_json::{Value, json};
use tokio::process::Command;

const QUESTION: &str = "Go ahead? [y/N]";

/// Whoever does not say yes: by a word, by return alone, by the end of input.
const NOES: [&str; 5] = ["n\n", "\n", "\u{4}", "yep, but\n", "N\n"];

/// A month that its platform reported; returns the platform and the digest of what is held.
async fn reported(desk: &Desk) -> (String, String) {
    let platform = City::on(Suite::shared()).known_platform().await;
    let content = format!("{USAGE_HEADER}r1,shop,COMMISSION,2017-01-05,100,\n");
    let file = desk.write("usage.csv", content);
    let report = format!("usage report --platform {platform} --period 2017-01 {file}");
    let reported = desk.json(&format!("platform:{platform}"), &report).await;
    let digest = reported["receipt"]["digest"].as_str().unwrap().to_owned();
    (platform, digest)
}

async fn asked(profile: &str, arguments: &str, answer: &str) -> (i32, String) {
    let command = command(Suite::shared().home.folder(), profile, arguments);
    at_terminal(120, &command, answer).await
}

/// The same where stderr goes to nobody.
async fn asked_apart_from_stderr(profile: &str, arguments: &str, answer: &str) -> (i32, String) {
    let command = command(Suite::shared().home.folder(), profile, arguments);
    let command = command.as_std();
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 2>/dev/null"]);
    shell.arg(command.get_program()).args(command.get_args());
    at_terminal(120, &shell, answer).await
}

async fn state(desk: &Desk, platform: &str) -> Value {
    let periods = format!("usage periods --platform {platform}");
    let listed = desk.json("auditor", &periods).await;
    let period = &listed["periods"][0];
    json!([period["state"], period["received_record_count"]])
}

#[tokio::test]
async fn a_month_is_withdrawn_only_by_who_says_yes_after_seeing_its_digest() {
    let desk = Desk::new();
    let (platform, digest) = reported(&desk).await;
    let its = format!("platform:{platform}");
    let withdraw = format!("usage withdraw --platform {platform} --period 2017-01");
    for no in NOES {
        let (code, shown) = asked(&its, &withdraw, no).await;
        assert_eq!(code, 1, "{no:?}: {shown}");
        let question = shown.find(QUESTION).expect("a question");
        assert!(shown[..question].contains(&digest), "{no:?}: {shown}");
        assert!(shown.contains("error: NOT_CONFIRMED: "), "{no:?}: {shown}");
        assert_eq!(state(&desk, &platform).await, json!(["OPEN", 1]), "{no:?}");
    }
    let (code, shown) = asked_apart_from_stderr(&its, &withdraw, "n\n").await;
    assert_eq!(code, 1, "{shown}");
    assert!(
        shown.contains(QUESTION) && shown.contains(&digest),
        "{shown}"
    );
    let (code, shown) = asked(&its, &withdraw, "y\n").await;
    assert_eq!(code, 0, "{shown}");
    assert_eq!(state(&desk, &platform).await, json!(["OPEN", 0]));
}

#[tokio::test]
async fn a_month_is_sealed_only_by_who_says_yes_or_said_so_beforehand() {
    let desk = Desk::new();
    let (platform, _) = reported(&desk).await;
    let whose = format!("--platform {platform} --period 2017-01");
    let stated = format!("usage state {whose} --record-count 1 --total-fen 100");
    let _ = desk.json(&format!("platform:{platform}"), &stated).await;
    let seal = format!("usage seal {whose}");
    for no in NOES {
        let (code, shown) = asked("officer", &seal, no).await;
        assert_eq!(code, 1, "{no:?}: {shown}");
        assert!(
            shown.contains(QUESTION) && shown.contains("1.00 yuan"),
            "{shown}"
        );
        assert_eq!(state(&desk, &platform).await, json!(["OPEN", 1]), "{no:?}");
    }
    let (code, shown) = asked("officer", &format!("--yes {seal}"), "").await;
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains(QUESTION), "{shown}");
    assert_eq!(state(&desk, &platform).await, json!(["SEALED", 1]));
}

#[tokio::test]
async fn a_month_is_not_sealed_with_what_came_while_it_was_asked() {
    let desk = Desk::new();
    let (platform, _) = reported(&desk).await;
    let own = format!("platform:{platform}");
    let whose = format!("--platform {platform} --period 2017-01");
    let content = format!("{USAGE_HEADER}r2,shop,COMMISSION,2017-01-06,200,\n");
    let report = format!("usage report {whose} {}", desk.write("more.csv", content));
    let stated = format!("usage state {whose} --record-count 2 --total-fen 300");
    let seal = command(
        Suite::shared().home.folder(),
        "officer",
        &format!("usage seal {whose}"),
    );
    let more = async {
        let _ = desk.json(&own, &report).await;
        let _ = desk.json(&own, &stated).await;
    };
    let (code, shown) = at_terminal_after(&seal, QUESTION, more, "y\n").await;
    assert_eq!(code, 1, "{shown}");
    let error = shown.find("error: RECEIPT_MISMATCH: ").expect("an error");
    assert!(shown[..error].contains("1.00 yuan"), "{shown}");
    assert!(shown[error..].contains("3.00 yuan"), "{shown}");
    assert_eq!(state(&desk, &platform).await, json!(["OPEN", 2]));
}

#[tokio::test]
async fn an_objection_is_decided_only_by_who_says_yes_to_what_that_does() {
    let city = City::on(Suite::shared());
    let (_, _, [one, other], run) = short_run(&city).await;
    let run = city.publish(&run).await.unwrap();
    for (uscc, decision, told) in [
        (one, "--uphold", "gets nothing in this run"),
        (other, "--dismiss", "its grant stands"),
    ] {
        raise(&city.officer, &run, &uscc).await.unwrap();
        let run_id = &run.run_id;
        let decide = format!("settlement decide {run_id} {uscc} {decision} --decision checked");
        let (code, shown) = asked("officer", &decide, "n\n").await;
        assert_eq!(code, 1, "{shown}");
        let question = shown.find(QUESTION).expect("a question");
        assert!(shown[..question].contains(told), "{shown}");
        // It is open still, or this would be refused.
        let (code, shown) = asked("officer", &decide, "y\n").await;
        assert_eq!(code, 0, "{shown}");
    }
}

#[tokio::test]
async fn an_answer_is_booked_only_by_who_says_yes_to_what_it_says() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let owing = Owing::found(&city, 2).await;
    let paid = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &paid).await.unwrap();
    let made = payments(&city, &paid).await;
    let (order_id, one, other) = (&paid.order_id, &made[0].payment_id, &made[1].payment_id);
    let list = format!("批次号,支付单号,结果\n{order_id},{one},成功\n{order_id},{other},退回\n");
    let file = desk.write("answer.csv", list);
    let answer = format!("payment answer {file}");
    for no in NOES {
        let (code, shown) = asked("officer", &answer, no).await;
        assert_eq!(code, 1, "{no:?}: {shown}");
        let question = shown.find(QUESTION).expect("a question");
        let summary = &shown[..question];
        assert!(summary.contains("1 settled, 5.00 yuan"), "{no:?}: {shown}");
        assert!(
            summary.contains("1 returned, 10.00 yuan"),
            "{no:?}: {shown}"
        );
        let counts = order(&city, order_id).await;
        assert_eq!((counts.settled_count, counts.returned_count), (0, 0));
    }
    let (code, shown) = asked("officer", &answer, "y\n").await;
    assert_eq!(code, 0, "{shown}");
    let (code, shown) = asked("officer", &answer, "").await;
    assert_eq!(code, 0, "the same again changes nothing: {shown}");
    assert!(!shown.contains(QUESTION), "{shown}");
}

#[tokio::test]
async fn a_table_fits_a_narrow_terminal_and_breaks_no_figure() {
    let desk = Desk::new();
    let (platform, _) = reported(&desk).await;
    let periods = format!("usage periods --platform {platform}");
    let command = command(Suite::shared().home.folder(), "auditor", &periods);
    let (code, shown) = at_terminal(40, &command, "").await;
    assert_eq!(code, 0, "{shown}");
    let widest = shown.lines().map(|line| line.trim_end().chars().count());
    assert!(widest.max() <= Some(40), "{shown}");
    assert!(
        shown.contains("2017-01") && shown.contains("1.00"),
        "{shown}"
    );
}
