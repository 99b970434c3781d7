//! Each fee is eligible or excluded for the first reason that applies.

use gazelle_proto::registry::v1::Filing;
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::city::{City, micro, program};
use gazelle_tests::fresh;
use gazelle_tests::report::fee;
use gazelle_tests::strict::{register, strict_program, suspend};
use gazelle_tests::suite::Suite;

/// Shops of enterprises that each lack something, from the last reason to the first: their
/// merchant accounts say what. Returns the code of the one that lacks nothing.
async fn shops(city: &City<'_>, id: &str, platform: &str, other: &str) -> String {
    let small = |uscc: &str| Filing {
        headcount: 10,
        annual_revenue_fen: 100_000_000,
        ..micro(uscc, 2016)
    };

    let good = register(city, id, platform, "good", |_| ()).await;
    let covered = register(city, id, platform, "covered", |_| ()).await;
    city.enroll(other, &covered, 0).await;
    let industry = register(city, id, platform, "industry", |e| {
        e.industry_code = "6220".into();
    })
    .await;
    let district = register(city, id, platform, "district", |e| {
        e.district_code = "330205".into();
        e.industry_code = "6220".into();
    })
    .await;
    let size = register(city, id, platform, "size", |e| {
        e.district_code = "330205".into();
    })
    .await;
    register(city, id, platform, "unknown", |e| {
        e.district_code = "330205".into();
    })
    .await;
    let suspended = register(city, id, platform, "suspended", |_| ()).await;
    suspend(city, &suspended, "2017-03-01", "2017-04-01").await;
    let stranger = city.micro_enterprise().await;
    city.bind(platform, "not enrolled", &stranger).await;
    suspend(city, &stranger, "2017-03-01", "").await;
    let filings = [&good, &covered, &industry, &district].map(|uscc| micro(uscc, 2016));
    city.file(filings.into()).await;
    // A filing of the program year itself comes too late for it, one of 2014 is too old.
    city.file(vec![small(&size), micro(&size, 2017), micro(&size, 2015)])
        .await;
    good
}

/// A fee of each shop in March, and a few beside: the amounts are told apart by their bits.
fn records() -> Vec<UsageRecord> {
    let on =
        |merchant: &str, bit: u32| fee(merchant, merchant, "COMMISSION", "2017-03-15", 1 << bit);
    vec![
        on("good", 0),
        on("covered", 1),
        on("industry", 2),
        on("district", 3),
        on("size", 4),
        on("unknown", 5),
        on("suspended", 6),
        on("not enrolled", 7),
        on("unbound", 8),
        fee("early", "unbound", "COMMISSION", "2017-01-31", 1 << 9),
        fee("first day", "good", "COMMISSION", "2017-02-01", 1 << 10),
        fee("other kind", "good", "MEMBERSHIP", "2017-03-15", 1 << 11),
    ]
}

#[tokio::test]
async fn the_first_reason_that_applies_excludes_a_fee() {
    let city = City::on(Suite::shared());
    let platform = fresh::platform("mall");
    let other = fresh::program("other");
    city.apply(program(&other, &[&platform])).await.unwrap();
    let id = strict_program(&city, &platform, &[&other]).await;
    let good = shops(&city, &id, &platform, &other).await;
    city.seal_period(&platform, "2017-03", &records()).await;

    let run = city.settle(&id, 0, "2017-03").await;

    assert_eq!(
        city.exclusions(&run).await,
        [
            "COVERED_BY_OTHER_PROGRAM,2",
            "DISTRICT_NOT_ELIGIBLE,8",
            "INDUSTRY_NOT_ELIGIBLE,4",
            "NOT_ENROLLED,128",
            "OUTSIDE_PROGRAM_TERM,512",
            "SIZE_NOT_ELIGIBLE,16",
            "SIZE_UNKNOWN,32",
            "SUSPENDED,64",
            "UNBOUND_MERCHANT,256",
        ]
    );
    // 1 and 1,024 are eligible, 2,048 is not in scope: half of 1,025 is 512.
    assert_eq!(
        city.lines(&run).await,
        [format!("{good},{platform},COMMISSION,1025,512,0,513")]
    );
    let totals = run.totals.unwrap();
    assert_eq!(
        (
            totals.in_scope_fen,
            totals.eligible_fen,
            totals.excluded_fen
        ),
        (2_047, 1_025, 1_022)
    );
}
