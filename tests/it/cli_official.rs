//! An official at the command line: whose turn it is, which run is meant, in which language.

use gazelle_tests::binary::run;
use gazelle_tests::city::{City, program};
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::suite::Suite;
use serde_json::json;

#[tokio::test]
async fn a_month_that_cannot_be_sealed_as_it_is_stated_is_the_platforms_turn() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    city.apply(program(&id, &[&platform])).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    let (its, whose) = (
        format!("platform:{platform}"),
        format!("--platform {platform} --period 2017-01"),
    );
    let content = format!("{USAGE_HEADER}r1,shop,ADVERTISING,2017-01-05,100,\n");
    let file = desk.write("usage.csv", content);
    desk.json(&its, &format!("usage report {whose} {file}"))
        .await;
    let turn = async |record_count: i64| {
        let stated = format!("--record-count {record_count} --total-fen 100");
        let told = desk
            .gazelle(&its, &format!("usage state {whose} {stated}"))
            .await
            .done();
        let readiness = format!("settlement readiness --program {id} --through 2017-01");
        let found = desk.json("officer", &readiness).await;
        let period = &found["periods"][0];
        assert_eq!(period["state"], json!("NOT_SEALED"), "{found}");
        let differs = told.stdout.contains("does not agree");
        (period["turn"].as_str().unwrap().to_owned(), differs)
    };
    assert_eq!(turn(2).await, ("PLATFORM".to_owned(), true));
    assert_eq!(turn(1).await, ("OFFICER".to_owned(), false));

    let compute = format!("settlement compute --program {id} --through 2017-01");
    let ran = desk.gazelle("officer", &compute).await;
    ran.refused("PERIOD_NOT_SEALED");
    assert!(ran.stderr.contains("--without PLATFORM:YYYY-MM"), "{ran:?}");
}

#[tokio::test]
async fn a_run_that_is_not_there_or_not_named_says_how_one_is() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let id = fresh::program("share");
    city.apply(program(&id, &[&fresh::platform("mall")]))
        .await
        .unwrap();
    for show in [
        format!("settlement show --latest {id}"),
        format!("settlement show {id}#latest"),
    ] {
        let ran = desk.gazelle("auditor", &show).await;
        ran.refused("RUN_NOT_FOUND");
        assert!(ran.stderr.contains("has no runs"), "{ran:?}");
    }
    let ran = desk
        .gazelle("auditor", &format!("settlement show {id}"))
        .await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("PROGRAM#latest"), "{ran:?}");
}

#[tokio::test]
async fn in_chinese_bad_usage_and_rejected_rows_are_chinese_too() {
    let desk = Desk::new();
    for arguments in [
        "--lang zh settlement show a-share",
        "--lang zh usage seal --platform alpha",
        "--lang zh usage reprot",
        "--lang zh status --output xml",
    ] {
        let ran = desk.gazelle("officer", arguments).await;
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            ran.stderr.contains("用法：") || ran.stderr.contains("说明见"),
            "{ran:?}"
        );
    }
    let header = "uscc,name,district_code,industry_code,established_on\n";
    let file = desk.write("e.csv", format!("{header}not-a-code,名,330106,5294,\n"));
    let mut import = gazelle_tests::binary::command(
        Suite::shared().home.folder(),
        "registrar",
        &format!("--lang zh enterprise import {file}"),
    );
    import.env("LC_ALL", "C.UTF-8");
    let ran = run(import).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let row = ran
        .stdout
        .lines()
        .find(|line| line.contains("not-a-code"))
        .unwrap();
    assert!(row.contains('（'), "{row}");
}
