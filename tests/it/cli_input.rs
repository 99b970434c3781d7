//! Files as people have them: other columns, other line ends, and mistakes.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use gazelle_tests::binary::{command, finish};
use gazelle_tests::city::City;
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::held::{get_period, list_records};
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};

/// Line, id and reason of each rejection.
fn rejections(printed: &Value, id: &str) -> Vec<(i64, String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = printed["rejections"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["line"].as_i64().unwrap(),
            text(row, id),
            text(row, "reason"),
        )
    })
    .collect()
}

fn row(line: i64, id: &str, reason: &str) -> (i64, String, String) {
    (line, id.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn columns_in_any_order_a_byte_order_mark_and_windows_line_ends_are_read() {
    let desk = Desk::new();
    let (one, other) = (fresh::uscc(), fresh::uscc());
    let content = format!(
        "\u{feff}name,备注,industry_code,uscc,established_on,district_code\r\n杭州「龙井」茶庄,x,5294,{one},2015-06-01,330106\r\n\r\n\"引号\"\"和,逗号\",,5294,{other},,330106"
    );
    let file = desk.write("enterprises.csv", content);

    let imported = desk
        .json("registrar", &format!("enterprise import {file}"))
        .await;

    assert_eq!(
        (&imported["created"], &imported["ignored_columns"]),
        (&json!(2), &json!("备注"))
    );
    let shown = desk
        .gazelle("auditor", &format!("enterprise show {one}"))
        .await
        .done();
    assert!(shown.stdout.contains("杭州「龙井」茶庄"));
    let listed = desk
        .gazelle("auditor", "enterprise list --output csv")
        .await
        .done();
    let line = listed
        .stdout
        .lines()
        .find(|line| line.contains(&other))
        .unwrap();
    assert!(line.contains("\"引号\"\"和,逗号\""), "{line}");
}

#[tokio::test]
async fn a_file_that_lacks_a_column_is_refused_before_anything_of_it_is_used() {
    let desk = Desk::new();
    let uscc = fresh::uscc();
    for header in [
        "uscc,name,district_code,established_on",
        "uscc,name,district_code,industry_code,established_on,uscc",
    ] {
        let fields = header.split(',').map(|column| match column {
            "uscc" => uscc.as_str(),
            "name" => "名",
            "district_code" => "330106",
            "industry_code" => "5294",
            _ => "",
        });
        let row = fields.collect::<Vec<_>>().join(",");
        let file = desk.write("enterprises.csv", format!("{header}\n{row}\n"));
        let refused = desk
            .gazelle("registrar", &format!("enterprise import {file}"))
            .await;
        let reason = if header.ends_with("uscc") {
            "DUPLICATE_COLUMN"
        } else {
            "MISSING_COLUMN"
        };
        refused.refused(reason);
    }
    desk.gazelle("registrar", "enterprise import /nowhere/file.csv")
        .await
        .refused("FILE_UNREADABLE");
    desk.gazelle("auditor", &format!("enterprise show {uscc}"))
        .await
        .refused("ENTERPRISE_NOT_FOUND");
}

#[tokio::test]
async fn bad_rows_are_reported_by_line_and_reason_and_the_others_go_in() {
    let desk = Desk::new();
    let (good, irregular, last) = (fresh::uscc(), fresh::irregular_uscc(), fresh::uscc());
    let mut content = format!("uscc,name,district_code,industry_code,established_on\n{good},好,330106,5294,\n{irregular},坏,330106,5294,\n{last}").into_bytes();
    content.extend(b",\xff\xfe,330106,5294,\n");
    content.extend(
        format!("{last},少\n{last},末,330106,5294,2015-02-29\n{last},末,330106,5294,2015-02-28\n")
            .bytes(),
    );
    let file = desk.write("enterprises.csv", content);

    let ran = desk
        .gazelle(
            "registrar",
            &format!("enterprise import {file} --output json"),
        )
        .await;

    assert_eq!(ran.code, 1);
    assert_eq!(ran.stderr.lines().count(), 1);
    let printed = ran.json();
    assert_eq!(
        (&printed["created"], &printed["rejected"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(
        rejections(&printed, "id"),
        [
            row(3, &irregular, "USCC_CHECK_DIGIT"),
            row(4, "", "NOT_UTF8"),
            row(5, "", "FIELD_COUNT"),
            row(6, &last, "DATE_INVALID"),
        ]
    );
    let again = desk
        .gazelle(
            "registrar",
            &format!("enterprise import {file} --output json"),
        )
        .await;
    assert_eq!(
        (
            &again.json()["created"],
            &again.json()["unchanged"],
            again.code
        ),
        (&json!(0), &json!(2), 1)
    );
}

#[tokio::test]
async fn records_that_are_none_are_reported_by_line_and_the_others_count() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let content = format!(
        "{USAGE_HEADER}r1,shop,COMMISSION,2017-01-05,100,\nr2,shop,COMMISSION,2017-01-05,1.50,\nr3,shop,COMMISSION,2017-01-05,9223372036854775808,\n\
         r4,shop,COMMISSION,2017-02-29,100,\nr5,shop,COMMISSION,2017-01-05,,\nr6,shop,COMMISSION,2017-01-05,1e3,\nr7,shop,COMMISSION,2017-01-05,0,\n\
         r8,shop,COMMISSION,2017-01-05,9223372036854775807,\nr1,shop,COMMISSION,2017-01-05,101,\nr9,shop,COMMISSION,2017-01-06,-40,r1\n\
         r10,shop,commission,2017-01-05,5,\nr11,shop,COMMISSION,2017-02-01,5,\nr12,,COMMISSION,2017-01-05,5,\n"
    );
    let file = desk.write("usage.csv", content);
    let report =
        format!("usage report --platform {platform} --period 2017-01 {file} --output json");

    let ran = desk.gazelle(&format!("platform:{platform}"), &report).await;

    assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{ran:?}");
    let printed = ran.json();
    assert_eq!(
        ["accepted", "duplicates", "rejected"].map(|key| printed[key].as_i64().unwrap()),
        [3, 0, 10]
    );
    assert_eq!(
        rejections(&printed, "record_id"),
        [
            row(3, "r2", "AMOUNT_INVALID"),
            row(4, "r3", "AMOUNT_INVALID"),
            row(5, "r4", "DATE_INVALID"),
            row(6, "r5", "AMOUNT_INVALID"),
            row(7, "r6", "AMOUNT_INVALID"),
            row(8, "r7", "AMOUNT_NOT_POSITIVE"),
            row(10, "r1", "RECORD_CONFLICT"),
            row(12, "r10", "FEE_KIND_INVALID"),
            row(13, "r11", "OCCURRED_AFTER_PERIOD"),
            row(14, "r12", "MERCHANT_ID_INVALID"),
        ]
    );
    let auditor = Suite::shared().auditor();
    let mut ids: Vec<_> = list_records(&auditor, &platform, "2017-01")
        .await
        .into_iter()
        .map(|record| record.record_id)
        .collect();
    ids.sort();
    assert_eq!(ids, ["r1", "r8", "r9"]);
}

#[tokio::test]
async fn days_and_amounts_may_have_digits_of_full_width_and_ids_stay_as_they_are() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let content = format!(
        "{USAGE_HEADER}ｒ１,shop,COMMISSION,２０１７－０１－０５,１２３４５,\n\
         r2,shop,COMMISSION,2017-01-05,１２３．４５,\n"
    );
    let file = desk.write("usage.csv", content);
    let report = format!("usage report --platform {platform} --period 2017-01 {file}");

    let its = format!("platform:{platform}");
    let ran = desk.gazelle(&its, &format!("{report} --output json")).await;

    let printed = ran.json();
    assert_eq!(
        rejections(&printed, "record_id"),
        [row(3, "r2", "AMOUNT_INVALID")]
    );
    let notes = printed["notes"].to_string();
    assert!(notes.contains("are read as 12345"), "{notes}");
    let records = list_records(&Suite::shared().auditor(), &platform, "2017-01").await;
    let told = records
        .iter()
        .map(|it| (&*it.record_id, &*it.occurred_on, it.amount_fen));
    assert_eq!(told.collect::<Vec<_>>(), [("ｒ１", "2017-01-05", 12_345)]);
}

#[tokio::test]
async fn a_file_of_many_records_is_reported_whole_and_from_stdin_too() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let mut content = USAGE_HEADER.to_owned();
    for at in 0..5_000 {
        writeln!(content, "r{at},店铺 {at},COMMISSION,2017-01-05,{},", at + 1).unwrap();
    }
    let file = desk.write("usage.csv", &content);
    let its = format!("platform:{platform}");
    let report = format!("usage report --platform {platform} --period 2017-01");
    let reported = desk.json(&its, &format!("{report} {file}")).await;
    assert_eq!(
        (&reported["accepted"], &reported["rejected"]),
        (&json!(5_000), &json!(0))
    );

    let mut piped = command(
        Suite::shared().home.folder(),
        &its,
        &format!("{report} - --output json"),
    );
    let ran = finish(piped.stdin(File::open(&file).unwrap()).spawn().unwrap())
        .await
        .done();
    assert_eq!(
        (&ran.json()["accepted"], &ran.json()["duplicates"]),
        (&json!(0), &json!(5_000))
    );
    let held = get_period(&Suite::shared().auditor(), &platform, "2017-01")
        .await
        .unwrap()
        .received
        .unwrap();
    assert_eq!((held.record_count, held.total_fen), (5_000, 12_502_500));
}

/// The most memory that a process ever had, in KiB, as far as it still runs.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::test]
async fn a_line_without_end_is_refused_in_memory_that_does_not_grow_with_it() {
    let desk = Desk::new();
    let platform = City::on(Suite::shared()).known_platform().await;
    let path = desk.write(
        "huge.csv",
        format!("{USAGE_HEADER}r1,shop,COMMISSION,2017-01-05,100,\n"),
    );
    // A hole of zeros takes no disk. It is twice the memory that is granted below.
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"r2,").unwrap();
    file.set_len(192 << 20).unwrap();
    drop(file);
    let report =
        format!("usage report --platform {platform} --period 2017-01 {path} --output json");
    let child = command(
        Suite::shared().home.folder(),
        &format!("platform:{platform}"),
        &report,
    )
    .spawn()
    .unwrap();
    let pid = child.id().unwrap();
    let watch = tokio::spawn(async move {
        let mut peak = 0;
        while let Some(kib) = peak_kib(pid) {
            peak = peak.max(kib);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        peak
    });

    let ran = finish(child).await;

    assert_eq!(ran.code, 1);
    let printed = ran.json();
    assert_eq!(
        (&printed["accepted"], rejections(&printed, "record_id")),
        (&json!(1), vec![row(3, "", "LINE_TOO_LONG")])
    );
    let peak = watch.await.unwrap();
    assert!((1..96 * 1024).contains(&peak), "{peak} KiB");
}
