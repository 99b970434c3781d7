//! The command line where standard input, output or error is closed or full.

use std::fmt::Write as _;

use gazelle_tests::binary::{Ran, command, run};
use gazelle_tests::city::City;
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};
use tokio::process::Command;

/// The same command, with a redirection as a shell writes it. What goes to its standard input is
/// a pipe that nobody reads.
fn redirected(arguments: &str, profile: &str, redirection: &str) -> Command {
    let plain = command(Suite::shared().home.folder(), profile, arguments);
    let plain = plain.as_std();
    let (_, unread) = std::io::pipe().unwrap();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("exec \"$0\" \"$@\" {redirection}"))
        .arg(plain.get_program())
        .args(plain.get_args())
        .stdin(unread)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

const REDIRECTIONS: [&str; 9] = [
    "2>&-",
    ">&-",
    ">&- 2>&-",
    "<&- 2>&-",
    "2>/dev/full",
    ">/dev/full",
    ">&0",
    "2>&0",
    ">&0 2>&0",
];

/// Reports a file of January for a new platform; returns also how many of its records are held.
async fn reported(file: &str, format: &str, redirection: &str) -> (Ran, Value) {
    let city = City::on(Suite::shared());
    let platform = fresh::platform("mall");
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    let its = format!("platform:{platform}");
    let report =
        format!("usage report --output {format} --platform {platform} --period 2017-01 {file}");
    let ran = run(redirected(&report, &its, redirection)).await;
    assert!(!ran.stderr.contains("panicked"), "{redirection}: {ran:?}");
    let held = Desk::new()
        .json(&its, &format!("usage periods --platform {platform}"))
        .await;
    let count = held["periods"][0]["received_record_count"].clone();
    (ran, count)
}

#[tokio::test]
async fn a_report_goes_on_and_ends_by_what_became_of_it_whatever_stream_is_closed_or_full() {
    let desk = Desk::new();
    let mut content = USAGE_HEADER.to_owned();
    // More than are sent at once: what is told of them is lost before the last one is read.
    for at in 0..1_100 {
        writeln!(content, "bad-{at},shop,COMMISSION,2017-01-05,much,").unwrap();
    }
    content += "good,shop,COMMISSION,2017-01-05,7,\n";
    let file = desk.write("usage.csv", content);
    for redirection in REDIRECTIONS {
        for format in ["csv", "json", "table"] {
            let (ran, held) = reported(&file, format, redirection).await;
            assert_eq!(ran.code, 1, "{redirection} {format}: {ran:?}");
            assert_eq!(held, json!(1), "{redirection} {format}: {ran:?}");
            if !redirection.contains("2>") {
                let told = "AMOUNT_INVALID: rejected 1,100 of the records";
                assert!(ran.stderr.contains(told), "{redirection} {format}: {ran:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_report_of_which_all_is_taken_fails_only_where_there_is_no_room_to_say_so() {
    let desk = Desk::new();
    let file = desk.write(
        "usage.csv",
        format!("{USAGE_HEADER}good,shop,COMMISSION,2017-01-05,7,\n"),
    );
    for redirection in REDIRECTIONS {
        for format in ["csv", "json", "table"] {
            let (ran, held) = reported(&file, format, redirection).await;
            let has_room = redirection != ">/dev/full";
            assert_eq!(ran.code == 0, has_room, "{redirection} {format}: {ran:?}");
            let is_done = ran.stderr.contains("what was asked for is done");
            assert_eq!(is_done, !has_room, "{redirection} {format}: {ran:?}");
            assert_eq!(held, json!(1), "{redirection} {format}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn what_only_reads_needs_no_standard_error_and_fails_where_its_result_has_no_room() {
    for (command, redirection, code) in [
        ("registry changes", "2>&-", 0),
        ("registry changes", ">&- 2>&-", 0),
        ("registry changes", ">/dev/full", 1),
        ("usage periods --platform no-such-mall", "2>&-", 0),
        ("settlement show no-such-program#1", "2>&-", 1),
        ("settlement show no-such-program#1", ">&- 2>&-", 1),
        ("settlement nothing", "2>&-", 2),
        ("status", "2>&- <&-", 0),
    ] {
        let ran = run(redirected(command, "auditor", redirection)).await;
        assert_eq!(ran.code, code, "{command} {redirection}: {ran:?}");
        assert!(
            !ran.stderr.contains("panicked"),
            "{command} {redirection}: {ran:?}"
        );
    }
}
