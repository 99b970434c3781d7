//! The command line: who may what, bad usage, empty tables.

use gazelle_tests::binary::{command, run};
use gazelle_tests::city::{City, program};
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::report::fee;
use gazelle_tests::suite::Suite;

#[tokio::test]
async fn whoever_does_not_say_who_they_are_is_told_who_there_is_and_nothing_is_asked() {
    let home = Suite::shared().home.folder();
    let unnamed = |arguments: &str| {
        let mut command = command(home, "", arguments);
        command.env("GAZELLE_AS", "");
        command
    };
    let ran = run(unnamed("platform list")).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.stderr.starts_with("error: PROFILE_NOT_CHOSEN: "),
        "{ran:?}"
    );
    for name in [
        "registrar",
        "officer",
        "approver",
        "auditor",
        "admin",
        "--as",
    ] {
        assert!(ran.stderr.contains(name), "no {name} in {ran:?}");
    }
    for asks_nobody in ["status", "profile list"] {
        let ran = run(unnamed(asks_nobody)).await;
        assert_eq!(ran.code, 0, "{asks_nobody}: {ran:?}");
    }
}

#[tokio::test]
async fn a_table_without_rows_is_its_header() {
    let city = City::on(Suite::shared());
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    city.apply(program(&id, &[&platform])).await.unwrap();
    city.seal_period(
        &platform,
        "2017-01",
        &[fee("r", "shop", "ADVERTISING", "2017-01-05", 1)],
    )
    .await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap().run_id;
    let desk = Desk::new();
    for (table, header) in [
        (
            "enterprises",
            "uscc,uncapped_fen,entitled_fen,granted_before_fen,due_fen,granted_fen,unfunded_fen\n",
        ),
        (
            "lines",
            "uscc,platform_id,fee_kind,fee_fen,government_fen,platform_fen,enterprise_fen\n",
        ),
        ("exclusions", "reason,fee_fen\n"),
    ] {
        let shown = desk
            .gazelle(
                "auditor",
                &format!("settlement show {run} --table {table} --output csv"),
            )
            .await
            .done();
        assert_eq!(shown.stdout, header);
    }
}

#[tokio::test]
async fn who_may_not_is_told_so_and_nothing_happens() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let (ours, theirs) = (fresh::platform("mall"), fresh::platform("mall"));
    let uscc = city.micro_enterprise().await;
    city.bind(&ours, "shop", &uscc).await;
    city.bind(&theirs, "shop", &uscc).await;
    let file = desk.write(
        "usage.csv",
        format!("{USAGE_HEADER}r1,shop,COMMISSION,2017-01-05,1,\n"),
    );
    let report = format!("usage report --platform {ours} --period 2017-01 {file}");
    let not_allowed = async |profiles: &[&str], command: &str| {
        for profile in profiles {
            let ran = desk.gazelle(profile, command).await;
            ran.refused("PERMISSION_DENIED");
        }
    };
    let officials = ["auditor", "officer", "approver", "registrar", "admin"];
    not_allowed(&officials, &report).await;
    desk.gazelle(&format!("platform:{theirs}"), &report)
        .await
        .refused("NOT_YOUR_PLATFORM");
    let enterprises = desk.write(
        "e.csv",
        format!(
            "uscc,name,district_code,industry_code,established_on\n{},名,330106,5294,\n",
            fresh::uscc()
        ),
    );
    let (itself, import) = (
        format!("platform:{ours}"),
        format!("enterprise import {enterprises}"),
    );
    not_allowed(&["auditor", "officer", "approver", &itself], &import).await;
    let seal = format!("usage seal --platform {ours} --period 2017-01");
    not_allowed(&["auditor", "registrar", "approver", &itself], &seal).await;
    desk.gazelle("officer", &seal)
        .await
        .refused("PERIOD_NOT_FOUND");
    for profile in [
        "stranger",
        "platform:unknown-mall",
        "platform:",
        "platform:NO",
        "../officer",
    ] {
        desk.gazelle(profile, &report)
            .await
            .refused("UNKNOWN_PROFILE");
    }
}

#[tokio::test]
async fn bad_usage_ends_with_2_and_a_command_that_needs_a_suite_says_that_there_is_none() {
    let desk = Desk::new();
    for arguments in [
        "",
        "nothing",
        "usage",
        "usage report --platform mall --period 2017-13 file.csv",
        "usage report --platform mall --period 2017-1 file.csv",
        "usage report --platform Mall --period 2017-01 file.csv",
        "usage report --platform mall --period 2017-01",
        "usage state --platform mall --period 2017-01 --record-count -1 --total-fen 0",
        "usage state --platform mall --period 2017-01 --record-count 1.5 --total-fen 0",
        "usage state --platform mall --period 2017-01 --record-count 1 --total-fen 9223372036854775808",
        "settlement compute --program share",
        "settlement compute --program share --through 2017-00",
        "settlement show run --table everything",
        "enterprise list --output xml",
        "--unknown",
    ] {
        let ran = desk.gazelle("officer", arguments).await;
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {ran:?}"
        );
        assert!(!ran.stderr.is_empty());
    }
    let empty = tempfile::tempdir().unwrap();
    run(command(empty.path(), "officer", "enterprise list"))
        .await
        .refused("NO_SUITE");
    let status = run(command(empty.path(), "officer", "status --wait 0")).await;
    assert_eq!(status.code, 1);
    assert!(
        run(command(
            Suite::shared().home.folder(),
            "auditor",
            "status --wait 60"
        ))
        .await
        .done()
        .stdout
        .contains("SERVING")
    );
}
