//! Lists in pages: everything once and in order, whatever the size of a page.

use gazelle_client::Client;
use gazelle_proto::registry::v1::{
    GetEnterpriseRequest, ListEnterprisesRequest, ListMerchantBindingsRequest,
    ListPlatformsRequest, MerchantBinding,
};
use gazelle_tests::city::{City, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::listing::whole;
use gazelle_tests::refusal::{fields_refused, refused};
use gazelle_tests::suite::Suite;
use tonic::{Code, Status};

async fn bindings_page(
    client: &Client,
    platform: &str,
    page_size: i32,
    page_token: &str,
) -> Result<(Vec<MerchantBinding>, String), Status> {
    let request = ListMerchantBindingsRequest {
        platform_id: platform.to_owned(),
        page_size,
        page_token: page_token.to_owned(),
        uscc: String::new(),
    };
    let page = client
        .registry
        .clone()
        .list_merchant_bindings(request)
        .await?
        .into_inner();
    Ok((page.bindings, page.next_page_token))
}

async fn bindings(client: &Client, platform: &str, page_size: i32) -> Vec<MerchantBinding> {
    let fetch = async |token: String| {
        let (page, next) = bindings_page(client, platform, page_size, &token).await?;
        assert!(page.len() <= page_size.try_into().unwrap());
        Ok((page, next))
    };
    whole(fetch).await.unwrap()
}

#[tokio::test]
async fn small_pages_hold_what_a_large_one_holds() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = (fresh::platform("mall"), fresh::uscc());
    city.register(vec![shopkeeper(&uscc)]).await;
    // Names whose byte order is not the order of any language, and one account with two bindings.
    for merchant in [
        "b", "a", "B", "ä", "店", "a b", "x\u{301}", "9", "10", "z'\"\\%_",
    ] {
        city.bind(&platform, merchant, &uscc).await;
    }
    city.bind_over(&platform, "a", &uscc, ["2001-01-01", "2002-01-01"])
        .await;
    // Neighbours, whose bindings must not slip in.
    city.bind(&format!("{platform}1"), "a", &uscc).await;
    city.bind(&fresh::platform("mall"), "a", &uscc).await;

    let whole = bindings(&city.auditor, &platform, 1_000).await;

    let key = |b: &MerchantBinding| (b.merchant_id.clone(), b.bound_from.clone());
    assert!(whole.len() == 11 && whole.is_sorted_by_key(key));
    assert!(whole.iter().all(|binding| binding.platform_id == platform));
    for page_size in [1, 2, 5, 10, 11] {
        assert_eq!(
            bindings(&city.auditor, &platform, page_size).await,
            whole,
            "{page_size}"
        );
    }
}

#[tokio::test]
async fn an_enterprises_shops_are_listed_over_all_platforms() {
    let city = City::on(Suite::shared());
    let (platforms, uscc) = ([(); 2].map(|()| fresh::platform("mall")), fresh::uscc());
    let other = fresh::uscc();
    city.register(vec![shopkeeper(&uscc), shopkeeper(&other)])
        .await;
    for platform in &platforms {
        city.bind(platform, "own-1", &uscc).await;
        city.bind(platform, "another's", &other).await;
        city.bind(platform, "own-2", &uscc).await;
    }

    let mut request = ListMerchantBindingsRequest {
        uscc: uscc.clone(),
        page_size: 3,
        ..ListMerchantBindingsRequest::default()
    };
    let mut pages = vec![];
    loop {
        let mut registry = city.auditor.registry.clone();
        let page = registry.list_merchant_bindings(request.clone()).await;
        let page = page.unwrap().into_inner();
        pages.push(page.bindings);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }

    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
    let listed = pages.concat();
    assert!(listed.iter().all(|binding| binding.uscc == uscc));
    let mut registry = city.auditor.registry.clone();
    let shown = registry.get_enterprise(GetEnterpriseRequest { uscc }).await;
    assert_eq!(shown.unwrap().into_inner().bindings, listed);
}

#[tokio::test]
async fn paging_through_all_enterprises_misses_none_though_others_come_meanwhile() {
    let city = City::on(Suite::shared());
    let ours: Vec<String> = (0..20).map(|_| fresh::uscc()).collect();
    city.register(ours.iter().map(|uscc| shopkeeper(uscc)).collect())
        .await;
    let (mut seen, mut page_token) = (vec![], String::new());
    loop {
        let request = ListEnterprisesRequest {
            page_size: 17,
            page_token,
        };
        let page = city
            .auditor
            .registry
            .clone()
            .list_enterprises(request)
            .await
            .unwrap();
        let page = page.into_inner();
        seen.extend(
            page.enterprises
                .into_iter()
                .map(|enterprise| enterprise.uscc),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert!(
        seen.windows(2).all(|pair| pair[0] < pair[1]),
        "in order, and nothing twice"
    );
    assert!(ours.iter().all(|uscc| seen.contains(uscc)));
}

#[tokio::test]
async fn a_page_token_of_nobody_or_of_another_list_is_refused() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = (fresh::platform("mall"), fresh::uscc());
    city.register(vec![shopkeeper(&uscc)]).await;
    city.bind(&platform, "a", &uscc).await;
    city.bind(&platform, "b", &uscc).await;
    let (_, token) = bindings_page(&city.auditor, &platform, 1, "")
        .await
        .unwrap();
    assert_ne!(token, "");

    let refuse = |result: Result<(), Status>| {
        refused(result, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    };
    for broken in ["x", "0", "00", &token[1..], &token[..token.len() - 2]] {
        refuse(
            bindings_page(&city.auditor, &platform, 1, broken)
                .await
                .map(drop),
        );
    }
    refuse(bindings_page(&city.auditor, "", 1, &token).await.map(drop));
    let request = ListPlatformsRequest {
        page_size: 1,
        page_token: token.clone(),
    };
    refuse(
        city.auditor
            .registry
            .clone()
            .list_platforms(request)
            .await
            .map(drop),
    );
    let request = ListEnterprisesRequest {
        page_size: 1,
        page_token: token,
    };
    refuse(
        city.auditor
            .registry
            .clone()
            .list_enterprises(request)
            .await
            .map(drop),
    );
}

#[tokio::test]
async fn a_page_has_1_to_1000_rows() {
    let auditor = Suite::shared().auditor();
    for page_size in [-1, 1_001, i32::MAX, i32::MIN] {
        let result = bindings_page(&auditor, "", page_size, "").await;
        fields_refused(result, &[("page_size", "PAGE_SIZE_INVALID")]);
    }
}
