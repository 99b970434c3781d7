//! Facts count as they were on the day of the fee, and as they are recorded now.

use gazelle_proto::registry::v1::{ChangeEnterpriseCodeRequest, CodeChange, CodeKind};
use gazelle_proto::settlement::v1::{Enrollment, Program};
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::city::{self, City, micro, program};
use gazelle_tests::fresh;
use gazelle_tests::report::fee;
use gazelle_tests::strict::{register, strict_program, suspend};
use gazelle_tests::suite::Suite;

/// On each day of March as many fen as the day has in units of 100.
fn a_fee_a_day() -> Vec<UsageRecord> {
    let fees = (1..=31).map(|day| {
        let (id, on) = (format!("r{day}"), format!("2017-03-{day:02}"));
        fee(&id, "shop", "COMMISSION", &on, 100 * day)
    });
    fees.collect()
}

#[tokio::test]
async fn every_interval_ends_before_its_last_day() {
    let city = City::on(Suite::shared());
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let limited = Program {
        valid_from: "2017-03-01".to_owned(),
        valid_to: "2017-03-31".to_owned(),
        ..program(&id, &[&platform])
    };
    city.apply(limited).await.unwrap();
    let [one, other] = [city.micro_enterprise().await, city.micro_enterprise().await];
    // The shop changes hands on the 10th; the first owner's enrollment begins on the 5th; the
    // second is suspended from the 20th to the 25th.
    city.bind_over(&platform, "shop", &one, ["2017-01-01", "2017-03-10"])
        .await;
    city.bind_over(&platform, "shop", &other, ["2017-03-10", "2017-03-29"])
        .await;
    let enrolled = |uscc: &str, from: &str, to: &str| Enrollment {
        effective_from: from.to_owned(),
        effective_to: to.to_owned(),
        ..city::enrollment(&id, uscc)
    };
    let enrollments = vec![
        enrolled(&one, "2017-03-05", ""),
        enrolled(&other, "2017-03-01", "2017-03-28"),
    ];
    assert_eq!(
        city.put_enrollments(enrollments).await.unwrap().rejections,
        []
    );
    suspend(&city, &other, "2017-03-20", "2017-03-25").await;
    let mut records = a_fee_a_day();
    records.push(fee("february", "shop", "COMMISSION", "2017-02-28", 1));
    city.seal_period(&platform, "2017-03", &records).await;

    let run = city.settle(&id, 0, "2017-03").await;

    // one: 5 to 9 = 35; other: 10 to 19 = 145 and 25 to 27 = 78.
    let lines = [
        format!("{one},{platform},COMMISSION,3500,1750,0,1750"),
        format!("{other},{platform},COMMISSION,22300,11150,0,11150"),
    ];
    assert_eq!(city.lines(&run).await, lines);
    // 1 to 4 and 28 = 38; the 31st and February; 20 to 24 = 110; 29 and 30 = 59.
    assert_eq!(
        city.exclusions(&run).await,
        [
            "NOT_ENROLLED,3800",
            "OUTSIDE_PROGRAM_TERM,3101",
            "SUSPENDED,11000",
            "UNBOUND_MERCHANT,5900"
        ]
    );
}

#[tokio::test]
async fn codes_count_as_they_were_on_the_day_of_the_fee() {
    let city = City::on(Suite::shared());
    let platform = fresh::platform("mall");
    let id = strict_program(&city, &platform, &[]).await;
    let uscc = register(&city, &id, &platform, "shop", |_| ()).await;
    city.file(vec![micro(&uscc, 2015)]).await;
    for (kind, from, code) in [
        (CodeKind::District, "2017-03-10", "330205"),
        (CodeKind::District, "2017-03-20", "330206"),
        // A hotel with 5 persons is MICRO as well.
        (CodeKind::Industry, "2017-03-05", "6110"),
        (CodeKind::Industry, "2017-03-08", "6210"),
    ] {
        let change = CodeChange {
            kind: kind.into(),
            effective_from: from.to_owned(),
            code: code.to_owned(),
        };
        let request = ChangeEnterpriseCodeRequest {
            uscc: uscc.clone(),
            change: Some(change),
        };
        city.registrar
            .registry
            .clone()
            .change_enterprise_code(request)
            .await
            .unwrap();
    }
    let days = [
        ("04", 1),
        ("05", 2),
        ("07", 4),
        ("08", 8),
        ("09", 16),
        ("10", 32),
        ("19", 64),
        ("20", 128),
    ];
    let records =
        days.map(|(day, fen)| fee(day, "shop", "COMMISSION", &format!("2017-03-{day}"), fen));
    city.seal_period(&platform, "2017-03", &records).await;

    let run = city.settle(&id, 0, "2017-03").await;

    assert_eq!(
        city.exclusions(&run).await,
        ["DISTRICT_NOT_ELIGIBLE,96", "INDUSTRY_NOT_ELIGIBLE,6"]
    );
    // 1 + 8 + 16 + 128 = 153.
    assert_eq!(
        city.lines(&run).await,
        [format!("{uscc},{platform},COMMISSION,153,76,0,77")]
    );
}

#[tokio::test]
async fn facts_corrected_later_correct_what_was_granted() {
    let city = City::on(Suite::shared());
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    city.apply(program(&id, &[&platform])).await.unwrap();
    let [one, other] = [city.micro_enterprise().await, city.micro_enterprise().await];
    city.enroll(&id, &one, 0).await;
    city.enroll(&id, &other, 1).await;
    city.bind(&platform, "shop", &one).await;
    city.seal_period(
        &platform,
        "2017-01",
        &[fee("r", "shop", "COMMISSION", "2017-01-05", 1_000)],
    )
    .await;
    let first = city.settle(&id, 0, "2017-01").await;
    assert_eq!(
        city.enterprises(&first).await,
        [format!("{one},500,500,0,500,500,0")]
    );

    // The shop was the other's from the start.
    city.bind(&platform, "shop", &other).await;
    let second = city.settle(&id, 0, "2017-01").await;

    assert_eq!(
        city.enterprises(&second).await,
        [
            format!("{one},0,0,500,-500,-500,0"),
            format!("{other},500,500,0,500,500,0")
        ]
    );
    assert_eq!(
        city.lines(&second).await,
        [
            format!("{one},{platform},COMMISSION,-1000,-500,0,-500"),
            format!("{other},{platform},COMMISSION,1000,500,0,500"),
        ]
    );
    // The earlier run is as it was.
    assert_eq!(
        city.enterprises(&first).await,
        [format!("{one},500,500,0,500,500,0")]
    );
    assert!(second.registry_revision > first.registry_revision);
}
