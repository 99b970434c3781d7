//! The command line where standard input, output or error is closed or full.

use std::fmt::Write as _;

use gazelle_tests::binary::{command, run};
use gazelle_tests::city::City;
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::suite::Suite;
use serde_json::json;
use tokio::process::Command;

/// The same command, with a redirection as a shell writes it.
fn redirected(arguments: &str, profile: &str, redirection: &str) -> Command {
    let plain = command(Suite::shared().home.folder(), profile, arguments);
    let plain = plain.as_std();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("exec \"$0\" \"$@\" {redirection}"))
        .arg(plain.get_program())
        .args(plain.get_args())
        .stdin(std::process::Stdio::null())
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

#[tokio::test]
async fn a_report_goes_on_and_ends_by_what_became_of_it_whatever_stream_is_closed_or_full() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let mut content = USAGE_HEADER.to_owned();
    for at in 0..1_100 {
        writeln!(content, "bad-{at},shop,COMMISSION,2017-01-32,1,").unwrap();
    }
    content += "good,shop,COMMISSION,2017-01-05,7,\n";
    let file = desk.write("usage.csv", content);
    for redirection in [
        "2>&-",
        ">&-",
        ">&- 2>&-",
        "<&- 2>&-",
        "2>/dev/full",
        ">/dev/full",
    ] {
        for format in ["csv", "json", "table"] {
            let platform = fresh::platform("mall");
            let uscc = city.micro_enterprise().await;
            city.bind(&platform, "shop", &uscc).await;
            let (its, whose) = (
                format!("platform:{platform}"),
                format!("--platform {platform} --period 2017-01"),
            );
            let report = format!("usage report --output {format} {whose} {file}");
            let ran = run(redirected(&report, &its, redirection)).await;
            assert_eq!(ran.code, 1, "{redirection} {format}: {ran:?}");
            assert!(!ran.stderr.contains("panicked"), "{redirection}: {ran:?}");
            let held = desk
                .json(&its, &format!("usage periods --platform {platform}"))
                .await;
            let received = &held["periods"][0]["received_record_count"];
            assert_eq!(received, &json!(1), "{redirection} {format}");
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
