//! Files and pipes as people have them, at the command line of a running suite.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use gazelle_tests::binary::{command, finish, run};
use gazelle_tests::city::City;
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::held::get_period;
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};

fn enterprises(rows: &[(&str, &str)]) -> String {
    let header =
        "uscc,name,district_code,industry_code,established_on,uscc_exception_evidence".to_owned();
    let row =
        |(uscc, evidence): &(&str, &str)| format!("{uscc},名,330106,5294,2015/3/1,{evidence}");
    let lines: Vec<_> = std::iter::once(header)
        .chain(rows.iter().map(row))
        .collect();
    lines.join("\r") + "\r,,,,,\r"
}

#[tokio::test]
async fn a_report_whose_output_nobody_reads_goes_on_and_says_by_its_exit_code_what_became_of_it() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let mut content = USAGE_HEADER.to_owned();
    for at in 0..1_000 {
        writeln!(content, "bad-{at},shop,COMMISSION,2017-01-05,\"1,234\",").unwrap();
    }
    content += "good,shop,COMMISSION,2017-01-05,7,\n";
    let file = desk.write("usage.csv", content);
    let report = format!("usage report --output csv --platform {platform} --period 2017-01 {file}");
    let its = format!("platform:{platform}");
    let mut child = command(Suite::shared().home.folder(), &its, &report)
        .spawn()
        .unwrap();
    drop(child.stdout.take());

    finish(child).await.refused("AMOUNT_INVALID");

    let period = desk
        .json(&its, &format!("usage periods --platform {platform}"))
        .await;
    assert_eq!(period["periods"][0]["received_record_count"], json!(1));
}

#[tokio::test]
async fn a_list_that_nobody_reads_ends_quietly() {
    let mut child = command(Suite::shared().home.folder(), "auditor", "registry changes")
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = finish(child).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[tokio::test]
async fn what_a_list_exports_is_imported_again_unchanged_exceptions_included() {
    let desk = Desk::new();
    let (plain, other) = (fresh::uscc(), fresh::uscc());
    // Another last character, so that the check digit is wrong.
    let irregular = match other.strip_suffix('0') {
        Some(stem) => format!("{stem}1"),
        None => format!("{}0", &other[..17]),
    };
    let file = desk.write("e.csv", enterprises(&[(&plain, ""), (&irregular, "批文")]));
    let import = |file: &str| format!("enterprise import {file}");
    let imported = desk.json("registrar", &import(&file)).await;
    assert_eq!(
        (&imported["created"], &imported["rejected"]),
        (&json!(2), &json!(0))
    );

    let listed = desk
        .gazelle("auditor", "enterprise list --output csv")
        .await
        .done()
        .stdout;
    let row = format!("{irregular},名,330106,5294,2015-03-01,批文\n");
    assert!(listed.contains(&row), "{listed}");
    let ours = listed.lines().filter(|line| {
        line.starts_with("uscc,") || line.contains(&plain) || line.contains(&irregular)
    });
    let again = desk.write("again.csv", ours.collect::<Vec<_>>().join("\n"));
    let again = desk.json("registrar", &import(&again)).await;
    assert_eq!(
        (&again["unchanged"], &again["rejected"]),
        (&json!(2), &json!(0))
    );
}

#[tokio::test]
async fn a_month_is_checked_stated_from_a_file_and_withdrawn() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let (its, whose) = (
        format!("platform:{platform}"),
        format!("--platform {platform} --period 2017-01"),
    );
    let content = format!("{USAGE_HEADER}r1,shop,COMMISSION,2017/1/5,100,\n");
    let file = desk.write("usage.csv", content);
    let checked = desk
        .json(&its, &format!("usage report --check {whose} {file}"))
        .await;
    assert_eq!(
        (&checked["accepted"], &checked["receipt"]),
        (&json!(1), &json!(null))
    );
    desk.gazelle(&its, &format!("usage withdraw {whose}"))
        .await
        .refused("PERIOD_NOT_FOUND");

    let reported = desk
        .json(&its, &format!("usage report {whose} {file}"))
        .await;
    assert_eq!(reported["receipt_check"], "WHOLE_PERIOD");
    let header = "platform_id,period,record_count,total_fen";
    let rows = format!("{header}\n{platform},2017-01,1,100\nanother-mall,2017-01,1,100\n");
    let statements = desk.write("statements.csv", rows);
    let stated = desk
        .json(&its, &format!("usage state --from {statements}"))
        .await;
    assert_eq!((&stated["stated"], &stated["left"]), (&json!(1), &json!(1)));

    let row = format!("{platform},2017-01,1,100");
    let both = format!("{header}\n{row}\n{platform},2017/1,1,101\n");
    let contradicting = desk.write("both.csv", both);
    let refused = desk
        .gazelle(&its, &format!("usage state --from {contradicting}"))
        .await;
    refused.refused("ROWS_CONTRADICT");
    assert!(refused.stderr.contains("lines 2 and 3 of"), "{refused:?}");
    let twice = desk.write("twice.csv", format!("{header}\n{row}\n{row}\n"));
    let stated = desk
        .json(&its, &format!("usage state --from {twice}"))
        .await;
    assert_eq!(stated["stated"], 1);
    let held = get_period(&Suite::shared().auditor(), &platform, "2017-01").await;
    assert_eq!(held.unwrap().statement.unwrap().total_fen, 100);

    let other = "0".repeat(64);
    desk.gazelle(&its, &format!("usage withdraw {whose} --digest {other}"))
        .await
        .refused("RECEIPT_MISMATCH");
    let withdrawn = desk.json(&its, &format!("usage withdraw {whose}")).await;
    assert_eq!(withdrawn["withdrawn_digest"], reported["receipt"]["digest"]);
}

#[tokio::test]
async fn of_two_files_in_one_no_id_comes_twice_by_the_mark_between_them() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let its = format!("platform:{platform}");
    let row = |id: &str| format!("{id},shop,COMMISSION,2017-01-05,100,\n");
    let joined = format!("{USAGE_HEADER}{}{}", row("z-1"), row("\u{feff}z-2"));
    let again = format!("{USAGE_HEADER}{}{}", row("z-2"), row("z-2\u{200b}"));
    for content in [joined, again] {
        let file = desk.write("usage.csv", content);
        let report =
            format!("--output json usage report --platform {platform} --period 2017-01 {file}");
        let ran = desk.gazelle(&its, &report).await;
        assert_eq!(ran.code, 1);
        let (printed, reason) = (ran.json(), "RECORD_ID_INVALID");
        assert_eq!(printed["accepted"], json!(1));
        assert_eq!(printed["rejections"][0]["reason"], reason, "{printed}");
    }
    let periods = format!("usage periods --platform {platform}");
    let periods = desk.json(&its, &periods).await;
    assert_eq!(periods["periods"][0]["received_record_count"], json!(2));
}

#[tokio::test]
async fn a_program_with_a_hundred_mistakes_is_refused_with_the_first_few_and_their_number() {
    let desk = Desk::new();
    let districts: Vec<_> = (0..120).map(|at| format!("余杭区第{at}街道")).collect();
    let content = json!({
        "program_id": fresh::program("share"), "valid_from": "2025-01-01",
        "size_classes": ["MICRO"], "districts": districts, "allocation": "FIRST_COME",
        "payee": "ENTERPRISE",
        "shares": [{"fee_kind": "COMMISSION", "government_bps": 1, "platform_bps": 1}],
    });
    let file = desk.write("program.json", content.to_string());
    let ran = desk
        .gazelle("officer", &format!("program apply {file}"))
        .await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("余杭区第0街道"), "{ran:?}");
    assert!(ran.stderr.contains(" more"), "{ran:?}");
    assert!(ran.stderr.len() < 4_000, "{ran:?}");
}

#[tokio::test]
async fn a_shop_whose_id_a_spreadsheet_has_cut_is_bound_to_nobody() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let (platform, uscc) = (fresh::platform("mall"), city.micro_enterprise().await);
    let row = |shop: &str| format!("{platform},{shop},{uscc},2016-01-01,\n");
    let header = "platform_id,merchant_id,uscc,bound_from,bound_to\n";
    let rows = format!("{header}{}{}", row("1.23457E+11"), row("=\"00123\""));
    let file = desk.write("merchants.csv", rows);
    let import = format!("--output json merchant import {file}");
    let ran = desk.gazelle("registrar", &import).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let printed = ran.json();
    assert_eq!(printed["rejections"][0]["reason"], "NUMBER_INEXACT");
    let listed = desk
        .json("auditor", &format!("merchant list --platform {platform}"))
        .await;
    let shops = listed["merchants"].as_array().unwrap().iter();
    let shops: Vec<_> = shops.map(|shop| shop["merchant_id"].clone()).collect();
    assert_eq!(shops, [json!("00123")]);
}

#[tokio::test]
async fn a_file_is_read_whatever_the_encoding_of_its_name() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    // As an archive from a Chinese Windows is unpacked.
    let name = desk
        .folder()
        .join(OsStr::from_bytes(b"\xd2\xbb\xd4\xc2.csv"));
    let content = format!("{USAGE_HEADER}r1,shop,COMMISSION,2017-01-05,100,\n");
    std::fs::write(&name, content).unwrap();
    let report = format!("--output json usage report --platform {platform} --period 2017-01");
    let its = format!("platform:{platform}");
    let mut report = command(Suite::shared().home.folder(), &its, &report);
    let receipt = desk.folder().join("receipt.json");
    report.arg(&name).arg("--receipt").arg(&receipt);
    let ran = run(report).await.done();
    assert_eq!(ran.json()["accepted"], json!(1));
    let kept: Value = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    let file = kept["file"].as_str().unwrap();
    assert!(file.contains(".csv"), "{kept}");
}
