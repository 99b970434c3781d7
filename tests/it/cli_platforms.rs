//! Platforms and the months that they owe, at the command line.

use gazelle_tests::city::{City, program};
use gazelle_tests::desk::Desk;
use gazelle_tests::fresh;
use gazelle_tests::report::fee;
use gazelle_tests::suite::Suite;
use serde_json::json;

#[tokio::test]
async fn a_platform_is_added_once_changed_and_listed_with_the_months_that_it_owes() {
    let desk = Desk::new();
    let id = fresh::platform("mall");
    let add = format!("platform add {id} --name Mall --reports-from 2017-02");
    let added = desk.json("registrar", &add).await;
    assert_eq!(
        added,
        json!({"platform_id": id, "name": "Mall", "reports_from": "2017-02", "reports_to": ""})
    );
    desk.gazelle("registrar", &add)
        .await
        .refused("PLATFORM_EXISTS");
    let change = format!("platform change {id} --reports-to 2018-01");
    let changed = desk.json("registrar", &change).await;
    // What is not given stays.
    let expected = json!({"platform_id": id, "name": "Mall", "reports_from": "2017-02", "reports_to": "2018-01"});
    assert_eq!(changed, expected);
    let listed = desk.json("auditor", "platform list").await;
    assert!(listed["platforms"].as_array().unwrap().contains(&expected));

    let unknown = fresh::platform("mall");
    desk.gazelle("registrar", &format!("platform change {unknown} --name X"))
        .await
        .refused("PLATFORM_NOT_FOUND");
    let backwards = format!("platform change {id} --reports-to 2017-02");
    let refused = desk.gazelle("registrar", &backwards).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    let bad = format!("platform change {id} --reports-from 2017-13");
    assert_eq!(desk.gazelle("registrar", &bad).await.code, 2);
    desk.gazelle("officer", &format!("platform change {id} --name X"))
        .await
        .refused("PERMISSION_DENIED");
}

#[tokio::test]
async fn an_enterprise_that_is_registered_again_keeps_what_is_not_given() {
    let desk = Desk::new();
    let uscc = fresh::uscc();
    let named = |name| {
        format!("enterprise register {uscc} --name {name} --district 330106 --industry 5292")
    };
    let first = format!("{} --established-on 2013-05-20", named("First"));
    let registered = desk.json("registrar", &first).await;
    assert_eq!(registered["established_on"], "2013-05-20");
    let renamed = desk.json("registrar", &named("Second")).await;
    assert_eq!(
        (&renamed["name"], &renamed["established_on"]),
        (&json!("Second"), &json!("2013-05-20"))
    );
    let no_code = named("Third").replace(&uscc, "91330100");
    desk.gazelle("registrar", &no_code)
        .await
        .refused("USCC_LENGTH");
}

/// A program over two platforms, of which the first owes 2017-01 and 2017-02 and has sealed the
/// first of them, and the other owes nothing.
async fn half_a_report(city: &City<'_>) -> (String, String, String) {
    let (platform, silent, id) = (
        fresh::platform("mall"),
        fresh::platform("quiet"),
        fresh::program("share"),
    );
    let covered = program(&id, &[&platform, &silent]);
    city.apply(covered).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    city.reports_over(&platform, ["2017-01", "2017-03"]).await;
    let record = fee("r", "shop", "COMMISSION", "2017-01-05", 1_000);
    city.seal_period(&platform, "2017-01", &[record]).await;
    (platform, silent, id)
}

#[tokio::test]
async fn an_officer_is_told_what_is_missing_and_leaves_it_out_by_name() {
    let desk = Desk::new();
    let city = City::on(Suite::shared());
    let (platform, silent, id) = half_a_report(&city).await;
    let compute = format!("settlement compute --program {id} --through 2017-12");
    let refused = desk.gazelle("officer", &compute).await;
    refused.refused("PERIOD_NOT_SEALED");
    let named = format!("{platform} 2017-02");
    assert!(refused.stderr.contains(&named), "{refused:?}");
    let ready = format!("settlement readiness --program {id} --through 2017-12");
    let ready = desk.gazelle("auditor", &ready).await;
    let told = [&*platform, "2017-02", &*silent];
    assert!(
        told.iter().all(|text| ready.stdout.contains(text)),
        "{ready:?}"
    );
    desk.gazelle(
        "officer",
        &format!("{compute} --without {platform}:2017-01"),
    )
    .await
    .refused("PERIOD_NOT_OWED");

    let without = format!("{compute} --without {platform}:2017-02");
    let run = desk.json("officer", &without).await;

    let left_out = json!([{"platform_id": platform, "period": "2017-02"}]);
    assert_eq!(run["left_out"], left_out);
    assert_eq!(run["silent_platform_ids"], json!([silent]));
    // Both stand in what is shown, and in what is put on notice.
    let owed = format!("{platform}:2017-02");
    for (who, verb) in [
        ("auditor", "show"),
        ("officer", "publish"),
        ("approver", "approve"),
    ] {
        let ran = desk
            .gazelle(who, &format!("settlement {verb} {id}#1"))
            .await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            shown.contains(&owed) && shown.contains(&silent),
            "{verb}: {ran:?}"
        );
    }
}
