//! A month by the command line alone, from the files of an office to an approved run.

use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use serde_json::json;

/// Imports a file as `profile`, and once more as admin: then nothing is new.
async fn import(desk: &Desk, profile: &str, kind: &str, content: &str) {
    let rows = content.lines().count() - 1;
    let file = desk.write("import.csv", content);
    let command = format!("{kind} import {file}");
    let mut imported = desk.json(profile, &command).await;
    // Accounts make their platform known, which is told where there are others already.
    if kind == "merchant" {
        imported["notes"] = json!([]);
    }
    let expected = json!({
        "created": rows, "changed": 0, "unchanged": 0, "rejected": 0, "rejections": [],
        "warnings": 0, "ignored_columns": "", "notes": [], "changed_rows": [],
    });
    assert_eq!(imported, expected, "{kind}");
    let again = desk.json("admin", &command).await;
    assert_eq!(
        (&again["created"], &again["changed"]),
        (&json!(0), &json!(0)),
        "{kind}"
    );
    assert_eq!(again["unchanged"], json!(rows), "{kind}");
}

/// Two enterprises with a shop each, enrolled in a program.
async fn set_up(desk: &Desk, platform: &str, program: &str, one: &str, other: &str) {
    let enterprises = format!(
        "uscc,name,district_code,industry_code,established_on\n\
         {one},西湖茶庄,330106,5294,2015-06-01\n{other},\"老, 字号\",330106,5294,\n"
    );
    import(desk, "registrar", "enterprise", &enterprises).await;
    let filings = format!(
        "uscc,fiscal_year,headcount,annual_revenue_fen,total_assets_fen\n\
         {one},2016,5,50000000,1\n{other},2016,4,40000000,1\n"
    );
    import(desk, "registrar", "filing", &filings).await;
    let merchants = format!(
        "platform_id,merchant_id,uscc,bound_from,bound_to\n\
         {platform},s1,{one},2016-01-01,\n{platform},s2,{other},2016-01-01,2018-01-01\n"
    );
    import(desk, "registrar", "merchant", &merchants).await;
    let suspensions =
        format!("uscc,suspended_from,suspended_to,reason\n{other},2017-01-20,,处罚\n");
    import(desk, "registrar", "suspension", &suspensions).await;

    let content = json!({
        "program_id": program, "name": "Fee share", "name_zh": "费用分担",
        "valid_from": "2017-01-01", "valid_to": "2018-01-01",
        "platforms": [platform], "districts": ["3301"], "industries": [],
        "size_classes": ["MICRO", "SMALL"],
        "shares": [{"fee_kind": "COMMISSION", "government_bps": 3000, "platform_bps": 2000}],
        "enterprise_year_cap_fen": 0,
        "budgets": [{"year": 2017, "amount_fen": 100_000, "release": "AT_ONCE"}],
        "allocation": "PRO_RATA", "payee": "ENTERPRISE", "excludes": [], "notice_days": 0,
    });
    let file = desk.write("program.json", content.to_string());
    for _ in 0..2 {
        let _ = desk.json("officer", &format!("program apply {file}")).await;
    }
    let enrollments = format!(
        "program_id,uscc,applied_at,effective_from,effective_to\n\
         {program},{one},2016-12-01T09:00:00+08:00,2017-01-01,\n\
         {program},{other},2016-12-01T01:00:00Z,2017-01-01,\n"
    );
    import(desk, "officer", "enrollment", &enrollments).await;
}

/// Reports the month's records twice, states them wrong and then right, and has them sealed.
async fn report_and_seal(desk: &Desk, platform: &str) {
    let records = format!(
        "{USAGE_HEADER}r1,s1,COMMISSION,2017-01-05,1001,\nr2,s2,COMMISSION,2017-01-19,333,\n\
         r3,s2,COMMISSION,2017-01-20,7,\nr4,s1,COMMISSION,2017-01-31,-1,r1\n"
    );
    let file = desk.write("usage.csv", records);
    let (period, its) = (
        format!("--platform {platform} --period 2017-01"),
        format!("platform:{platform}"),
    );
    for (accepted, duplicates) in [(4, 0), (0, 4)] {
        let reported = desk
            .json(&its, &format!("usage report {period} {file}"))
            .await;
        let counts = ["accepted", "duplicates", "rejected"].map(|key| &reported[key]);
        assert_eq!(counts, [&json!(accepted), &json!(duplicates), &json!(0)]);
        let receipt = ["record_count", "total_fen"].map(|key| &reported["receipt"][key]);
        assert_eq!(receipt, [&json!(4), &json!(1340)]);
    }
    let state = async |fen: i64| {
        let command = format!("usage state {period} --record-count 4 --total-fen {fen}");
        let stated = desk.json(&its, &command).await;
        assert_eq!(
            (&stated["state"], &stated["stated_total_fen"]),
            (&json!("OPEN"), &json!(fen))
        );
    };
    state(1341).await;
    let mismatch = desk
        .gazelle("officer", &format!("usage seal {period}"))
        .await;
    mismatch.refused("STATEMENT_MISMATCH");
    let both = mismatch.stderr.contains("13.41") && mismatch.stderr.contains("13.40");
    assert!(both, "{mismatch:?}");
    state(1340).await;
    let sealed = desk.json("officer", &format!("usage seal {period}")).await;
    assert_eq!(
        (&sealed["state"], &sealed["sealed_by"]),
        (&json!("SEALED"), &json!("person:officer"))
    );
    let late = format!("{USAGE_HEADER}late,s1,COMMISSION,2017-01-05,1,\n");
    let late = desk.write("late.csv", late);
    desk.gazelle(&its, &format!("usage report {period} {late}"))
        .await
        .refused("PERIOD_SEALED");
}

#[tokio::test]
async fn a_month_goes_from_files_to_an_approved_run() {
    let desk = Desk::new();
    let (platform, program) = (fresh::platform("mall"), fresh::program("share"));
    let (one, other) = (fresh::uscc(), fresh::uscc());
    set_up(&desk, &platform, &program, &one, &other).await;
    report_and_seal(&desk, &platform).await;

    let compute = format!("settlement compute --program {program} --through 2017-01");
    let computed = desk.json("admin", &compute).await;
    let run = computed["run_id"].as_str().unwrap();
    desk.gazelle("officer", &compute).await.refused("RUN_OPEN");
    let digest = computed["digest"].as_str().unwrap();
    let approve = async |profile: &str| {
        let approve = format!("settlement approve {run}");
        let ran = desk.gazelle(profile, &approve).await;
        ran.shows_first(digest)
    };
    approve("approver").await.refused("RUN_NOT_PUBLISHED");
    let publish = format!("settlement publish {run}");
    let _ = desk.json("admin", &publish).await;
    approve("admin").await.refused("SELF_APPROVAL");
    approve("officer").await.refused("PERMISSION_DENIED");
    let _ = approve("approver").await.done();

    // 30 % and 20 % of 1,000 and of 333, rounded down; 7 while it was suspended.
    let enterprises = format!(
        "uscc,uncapped_fen,entitled_fen,granted_before_fen,due_fen,granted_fen,unfunded_fen\n\
         {one},300,300,0,300,300,0\n{other},99,99,0,99,99,0\n"
    );
    let lines = format!(
        "uscc,platform_id,fee_kind,fee_fen,government_fen,platform_fen,enterprise_fen\n\
         {one},{platform},COMMISSION,1000,300,200,500\n{other},{platform},COMMISSION,333,99,66,168\n"
    );
    let exclusions = "reason,fee_fen\nSUSPENDED,7\n".to_owned();
    let tables = [
        ("enterprises", enterprises),
        ("lines", lines),
        ("exclusions", exclusions),
    ];
    for (table, expected) in tables {
        let show = format!("settlement show {run} --table {table} --output csv");
        assert_eq!(desk.gazelle("auditor", &show).await.done().stdout, expected);
    }
    changes_for_other_years(&desk, &program).await;
    registry_is_sound(Suite::shared()).await;
}

/// A change of a program is told not to be for the year that has an approved run.
async fn changes_for_other_years(desk: &Desk, program: &str) {
    let show = format!("program show {program}");
    let mut content = desk.json("officer", &show).await;
    let content = content.as_object_mut().unwrap();
    content.insert("notice_days".to_owned(), json!(3));
    let file = desk.write("changed.json", json!(content).to_string());
    let applied = desk.json("officer", &format!("program apply {file}")).await;
    assert_eq!(applied["version"], json!(2));
    let notes = applied["notes"].to_string();
    assert!(notes.contains("but for their budget: 2017"), "{notes}");
}
