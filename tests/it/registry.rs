//! Enterprises, filings and suspensions, item by item.

use gazelle_proto::registry::v1::{
    Enterprise, Filing, ImportResult, MerchantBinding, PaymentAccount, Platform,
    PutPaymentAccountsRequest, Suspension,
};
use gazelle_tests::city::{City, micro, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::registry::{
    counts, get_enterprise as get, put_bindings, put_enterprises, put_filings, put_platforms,
    put_suspensions, rejections,
};
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::registry_is_sound;
use tonic::{Code, Status};

#[tokio::test]
async fn each_enterprise_is_judged_by_itself_and_good_ones_go_in_beside_bad_ones() {
    let city = City::on(Suite::shared());
    let (regular, excepted) = (fresh::uscc(), fresh::irregular_uscc());
    let named = "宁波市海曙区「老字号」缸鸭狗汤团店（普通合伙）🍡";
    let mut items: Vec<Enterprise> = (0..10).map(|_| shopkeeper(&fresh::uscc())).collect();
    items[0] = Enterprise {
        name: named.to_owned(),
        established_on: "2016-02-29".to_owned(),
        ..shopkeeper(&regular)
    };
    items[1].uscc = fresh::irregular_uscc();
    items[2].uscc.pop();
    items[3].uscc.replace_range(8..9, "I");
    // The 17th checks the organization code: no other digit does.
    let checks = items[4].uscc.remove(16);
    let other = if checks == '1' { '2' } else { '1' };
    items[4].uscc.insert(16, other);
    items[5].uscc_exception_evidence = "licence seen".to_owned();
    items[6] = Enterprise {
        uscc_exception_evidence: "issued so in 2015: licence No. 17 seen".to_owned(),
        ..shopkeeper(&excepted)
    };
    items[7].name = "杭".repeat(201);
    items[8].district_code = "33010".to_owned();
    items[9].established_on = "2017-02-29".to_owned();

    let result = put_enterprises(&city, items.clone()).await.unwrap();

    assert_eq!(counts(&result), (2, 0, 0));
    assert_eq!(
        rejections(&result),
        [
            (1, "USCC_CHECK_DIGIT", "uscc"),
            (2, "USCC_LENGTH", "uscc"),
            (3, "USCC_CHARACTER", "uscc"),
            (4, "USCC_ORGANIZATION_CHECK_DIGIT", "uscc"),
            (5, "EXCEPTION_NOT_NEEDED", "uscc_exception_evidence"),
            (7, "TEXT_INVALID", "name"),
            (8, "CODE_INVALID", "district_code"),
            (9, "DATE_INVALID", "established_on"),
        ]
    );
    for (uscc, item) in [(&regular, &items[0]), (&excepted, &items[6])] {
        let kept = get(&city, uscc).await.unwrap();
        assert_eq!(kept.enterprise.as_ref(), Some(item));
    }
    let unknown = get(&city, &items[7].uscc).await;
    refused(unknown, Code::NotFound, "ENTERPRISE_NOT_FOUND");

    let again = put_enterprises(&city, items.clone()).await.unwrap();
    assert_eq!(
        (counts(&again), rejections(&again)),
        ((0, 0, 2), rejections(&result))
    );
    items[0].name = "新名".to_owned();
    let renamed = put_enterprises(&city, items[..1].to_vec()).await.unwrap();
    assert_eq!(counts(&renamed), (0, 1, 0));
    registry_is_sound(Suite::shared()).await;
}

#[tokio::test]
async fn codes_that_nobody_was_given_and_names_that_show_nothing_or_compute_are_refused() {
    let city = City::on(Suite::shared());
    let mut items: Vec<Enterprise> = (0..6).map(|_| shopkeeper(&fresh::uscc())).collect();
    items[0].uscc = "0".repeat(18);
    // The number of an identity card of which both checks of a code hold.
    items[1].uscc = "330106195001060201".to_owned();
    items[2].name = "\u{feff}\u{200b}".to_owned();
    items[3].name = "\u{3000}龙井\u{202e}茶庄 ".to_owned();
    items[4].uscc.push('\u{feff}');
    items[5].name = " ＝HYPERLINK(A1)".to_owned();

    let result = put_enterprises(&city, items.clone()).await.unwrap();

    assert_eq!(
        rejections(&result),
        [
            (0, "USCC_ZERO", "uscc"),
            (1, "USCC_IDENTITY_NUMBER", "uscc"),
            (2, "TEXT_INVALID", "name"),
            (4, "USCC_LENGTH", "uscc"),
            (5, "TEXT_INVALID", "name"),
        ]
    );
    let named = get(&city, &items[3].uscc)
        .await
        .unwrap()
        .enterprise
        .unwrap();
    assert_eq!(named.name, "龙井\u{202e}茶庄");
}

#[tokio::test]
async fn a_batch_has_1_to_1000_items() {
    let city = City::on(Suite::shared());
    let uscc = fresh::uscc();
    for count in [0, 1_001] {
        let size = |result: Result<ImportResult, Status>| {
            refused(result, Code::InvalidArgument, "BATCH_SIZE");
        };
        size(put_enterprises(&city, vec![shopkeeper(&uscc); count]).await);
        size(put_filings(&city, vec![micro(&uscc, 2016); count]).await);
        size(put_suspensions(&city, vec![Suspension::default(); count]).await);
        size(put_bindings(&city, vec![MerchantBinding::default(); count]).await);
        size(put_platforms(&city, vec![Platform::default(); count]).await);
        let mut registry = city.registrar.registry.clone();
        let accounts = vec![PaymentAccount::default(); count];
        let put = registry.put_payment_accounts(PutPaymentAccountsRequest { accounts });
        let put = put.await.map(|put| put.into_inner().result.unwrap());
        size(put);
    }
    let most = (0..1_000).map(|_| shopkeeper(&fresh::uscc())).collect();
    assert_eq!(
        counts(&put_enterprises(&city, most).await.unwrap()),
        (1_000, 0, 0)
    );
}

#[tokio::test]
async fn the_same_item_twice_in_a_batch_counts_once_and_with_other_content_is_refused() {
    let city = City::on(Suite::shared());
    let enterprise = shopkeeper(&fresh::uscc());
    let mut other = enterprise.clone();
    other.name = "另一家".to_owned();

    let items = vec![enterprise.clone(), other, enterprise.clone()];
    let result = put_enterprises(&city, items).await.unwrap();

    assert_eq!(counts(&result), (1, 0, 1));
    assert_eq!(rejections(&result), [(1, "REPEATED_IN_BATCH", "")]);
    assert_eq!(
        get(&city, &enterprise.uscc).await.unwrap().enterprise,
        Some(enterprise)
    );
}

#[tokio::test]
async fn filings_are_of_known_enterprises_with_figures_that_one_may_have() {
    let city = City::on(Suite::shared());
    let uscc = fresh::uscc();
    city.register(vec![shopkeeper(&uscc)]).await;
    let mut filings = vec![micro(&uscc, 2016); 8];
    filings[1].uscc = fresh::uscc();
    filings[2].fiscal_year = 1989;
    filings[3].headcount = -1;
    filings[4].annual_revenue_fen = -1;
    filings[5] = Filing {
        fiscal_year: 2015,
        headcount: 100_000_000,
        annual_revenue_fen: i64::MAX,
        total_assets_fen: i64::MAX,
        ..filings[0].clone()
    };
    filings[6].headcount = 6;
    filings[7].headcount = 92_233_720_368_547_759;

    let result = put_filings(&city, filings).await.unwrap();

    assert_eq!(counts(&result), (2, 0, 0));
    assert_eq!(
        rejections(&result),
        [
            (1, "ENTERPRISE_NOT_FOUND", "uscc"),
            (2, "YEAR_INVALID", "fiscal_year"),
            (3, "HEADCOUNT_INVALID", "headcount"),
            (4, "AMOUNT_NEGATIVE", "annual_revenue_fen"),
            (6, "REPEATED_IN_BATCH", ""),
            (7, "HEADCOUNT_INVALID", "headcount"),
        ]
    );
    let filings = get(&city, &uscc).await.unwrap().filings;
    let filed: Vec<_> = filings
        .iter()
        .map(|f| (f.fiscal_year, f.size_class.as_str()))
        .collect();
    assert_eq!(filed, [(2015, "LARGE"), (2016, "MICRO")]);
}

#[tokio::test]
async fn a_suspension_is_lifted_by_giving_it_an_end() {
    let city = City::on(Suite::shared());
    let uscc = fresh::uscc();
    city.register(vec![shopkeeper(&uscc)]).await;
    let open = Suspension {
        uscc: uscc.clone(),
        suspended_from: "2017-03-01".to_owned(),
        suspended_to: String::new(),
        reason: "环保处罚".to_owned(),
    };
    let mut lifted = open.clone();
    lifted.suspended_to = "2017-04-01".to_owned();
    let mut empty = open.clone();
    empty.suspended_to = empty.suspended_from.clone();
    let mut silent = open.clone();
    silent.reason = String::new();

    let first = put_suspensions(&city, vec![open.clone()]).await.unwrap();
    assert_eq!(counts(&first), (1, 0, 0));
    let bad = put_suspensions(&city, vec![empty, silent]).await.unwrap();
    assert_eq!(
        rejections(&bad),
        [
            (0, "INTERVAL_EMPTY", "suspended_to"),
            (1, "TEXT_INVALID", "reason")
        ]
    );
    assert_eq!(get(&city, &uscc).await.unwrap().suspensions, [open]);
    let second = put_suspensions(&city, vec![lifted.clone()]).await.unwrap();
    assert_eq!(counts(&second), (0, 1, 0));
    assert_eq!(get(&city, &uscc).await.unwrap().suspensions, [lifted]);
}
