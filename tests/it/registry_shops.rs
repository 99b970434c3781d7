//! Platforms, and whose shop is whose.

use gazelle_proto::registry::v1::{GetPlatformRequest, MerchantBinding, Platform};
use gazelle_tests::city::{City, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::registry::{
    counts, get_enterprise as get, put_bindings, put_platforms, rejections,
};
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use tonic::Code;

#[tokio::test]
async fn an_account_has_one_owner_a_day_and_moves_from_one_to_the_next() {
    let city = City::on(Suite::shared());
    let (platform, one, other) = (fresh::platform("mall"), fresh::uscc(), fresh::uscc());
    city.register(vec![shopkeeper(&one), shopkeeper(&other)])
        .await;
    let bound = |uscc: &str, from: &str, to: &str| MerchantBinding {
        platform_id: platform.clone(),
        merchant_id: "茶店 7".to_owned(),
        uscc: uscc.to_owned(),
        bound_from: from.to_owned(),
        bound_to: to.to_owned(),
    };
    let forever = bound(&one, "2017-01-01", "");
    let unknown = bound(&fresh::uscc(), "2016-01-01", "2016-02-01");
    let put = put_bindings(&city, vec![forever.clone(), unknown])
        .await
        .unwrap();
    assert_eq!(counts(&put), (1, 0, 0));
    assert_eq!(rejections(&put), [(1, "ENTERPRISE_NOT_FOUND", "uscc")]);

    for overlapping in [
        bound(&other, "2017-06-01", ""),
        bound(&other, "2016-01-01", "2017-01-02"),
        bound(&one, "2018-01-01", "2018-01-02"),
    ] {
        let put = put_bindings(&city, vec![overlapping]).await.unwrap();
        assert_eq!(rejections(&put), [(0, "BINDING_OVERLAP", "")]);
    }
    assert_eq!(get(&city, &one).await.unwrap().bindings, [forever]);

    let (ends, begins) = (
        bound(&one, "2017-01-01", "2017-06-01"),
        bound(&other, "2017-06-01", ""),
    );
    let put = put_bindings(&city, vec![begins.clone(), ends.clone()])
        .await
        .unwrap();
    assert_eq!((counts(&put), rejections(&put)), ((1, 1, 0), vec![]));
    assert_eq!(get(&city, &one).await.unwrap().bindings, [ends]);
    assert_eq!(get(&city, &other).await.unwrap().bindings, [begins]);
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn a_platform_sees_itself_and_of_others_not_even_that_they_exist() {
    let city = City::on(Suite::shared());
    let (ours, theirs) = (fresh::platform("mall"), fresh::platform("mall"));
    let named = |id: &str, name: &str| Platform {
        platform_id: id.to_owned(),
        name: name.to_owned(),
        ..Platform::default()
    };
    let items = vec![
        named(&ours, "钱塘商城"),
        named(&theirs, ""),
        named("No", ""),
    ];
    let put = put_platforms(&city, items).await.unwrap();
    assert_eq!(
        (counts(&put), rejections(&put)),
        ((2, 0, 0), vec![(2, "ID_INVALID", "platform_id")])
    );

    let client = Suite::shared().platform(&ours);
    let get = async |id: &str| {
        let request = GetPlatformRequest {
            platform_id: id.to_owned(),
        };
        client.registry.clone().get_platform(request).await
    };
    assert_eq!(
        get(&ours).await.unwrap().into_inner().platform,
        Some(named(&ours, "钱塘商城"))
    );
    let not_ours = refused(get(&theirs).await, Code::NotFound, "PLATFORM_NOT_FOUND");
    let unknown = fresh::platform("mall");
    let not_there = refused(get(&unknown).await, Code::NotFound, "PLATFORM_NOT_FOUND");
    assert_eq!(
        not_ours.message().replace(&theirs, ""),
        not_there.message().replace(&unknown, "")
    );
}

#[tokio::test]
async fn the_periods_that_a_platform_owes_are_recorded_and_changed() {
    let city = City::on(Suite::shared());
    let platform = |from: &str, to: &str| Platform {
        platform_id: fresh::platform("mall"),
        name: String::new(),
        reports_from: from.to_owned(),
        reports_to: to.to_owned(),
    };
    let mut items = vec![
        platform("2017-03", ""),
        platform("2017-03", "2018-01"),
        platform("2017-03", "2017-03"),
        platform("2017-13", ""),
        platform("", "1999-12"),
    ];
    let put = put_platforms(&city, items.clone()).await.unwrap();
    assert_eq!(counts(&put), (2, 0, 0));
    assert_eq!(
        rejections(&put),
        [
            (2, "INTERVAL_EMPTY", "reports_to"),
            (3, "PERIOD_INVALID", "reports_from"),
            (4, "PERIOD_INVALID", "reports_to"),
        ]
    );
    items.truncate(2);
    items[0].reports_to = "2018-02".to_owned();
    items[1].reports_from = String::new();
    let put = put_platforms(&city, items.clone()).await.unwrap();
    assert_eq!(counts(&put), (0, 2, 0));
    for item in items {
        let request = GetPlatformRequest {
            platform_id: item.platform_id.clone(),
        };
        let mut registry = city.auditor.registry.clone();
        let shown = registry.get_platform(request).await.unwrap();
        assert_eq!(shown.into_inner().platform, Some(item));
    }
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn ids_with_characters_that_show_nothing_are_refused() {
    let city = City::on(Suite::shared());
    let uscc = fresh::uscc();
    city.register(vec![shopkeeper(&uscc)]).await;
    let bound = |merchant: &str| MerchantBinding {
        platform_id: fresh::platform("mall"),
        merchant_id: merchant.to_owned(),
        uscc: uscc.clone(),
        bound_from: "2017-01-01".to_owned(),
        bound_to: String::new(),
    };
    let items = [
        "\u{feff}z-2",
        "z\u{200b}-2",
        "店\u{202e}铺",
        "店\u{ad}",
        "店\u{2800}",
        "店\u{ffa0}",
        "\u{301}店",
        "店\u{3000}铺",
        "店\u{ffff}",
        "e\u{301}",
        "店铺",
    ];
    let put = put_bindings(&city, items.map(bound).to_vec())
        .await
        .unwrap();
    assert_eq!(counts(&put), (1, 0, 0));
    let refused = (0..10).map(|index| (index, "ID_INVALID", "merchant_id"));
    assert_eq!(rejections(&put), refused.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_platform_that_a_binding_names_becomes_known() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = (fresh::platform("mall"), fresh::uscc());
    city.register(vec![shopkeeper(&uscc)]).await;
    let get = async || {
        let request = GetPlatformRequest {
            platform_id: platform.clone(),
        };
        city.auditor.registry.clone().get_platform(request).await
    };
    refused(get().await, Code::NotFound, "PLATFORM_NOT_FOUND");

    city.bind(&platform, "shop", &uscc).await;

    assert_eq!(
        get()
            .await
            .unwrap()
            .into_inner()
            .platform
            .unwrap()
            .platform_id,
        platform
    );
}
