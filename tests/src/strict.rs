//! A program that is for some only, and enterprises to judge by it.

use gazelle_proto::registry::v1::{Enterprise, PutSuspensionsRequest, Suspension};
use gazelle_proto::settlement::v1::Program;

use crate::city::{City, program, shopkeeper};
use crate::fresh;

/// A city with one platform and a program for retail in district 3301, from February to November.
pub async fn strict_program(city: &City<'_>, platform: &str, excludes: &[&str]) -> String {
    let id = fresh::program("strict");
    let strict = Program {
        valid_from: "2017-02-01".to_owned(),
        valid_to: "2017-12-01".to_owned(),
        district_code_prefixes: vec!["3301".to_owned(), "330206".to_owned()],
        industry_code_prefixes: vec!["52".to_owned(), "6210".to_owned()],
        excluded_program_ids: excludes.iter().map(|&id| id.to_owned()).collect(),
        ..program(&id, &[platform])
    };
    city.apply(strict).await.unwrap();
    id
}

/// Registers an enterprise, changed before, with a shop on a platform and a place in a program.
pub async fn register(
    city: &City<'_>,
    program: &str,
    platform: &str,
    merchant: &str,
    change: impl FnOnce(&mut Enterprise),
) -> String {
    let mut enterprise = shopkeeper(&fresh::uscc());
    change(&mut enterprise);
    let uscc = enterprise.uscc.clone();
    city.register(vec![enterprise]).await;
    city.bind(platform, merchant, &uscc).await;
    city.enroll(program, &uscc, 0).await;
    uscc
}

/// Suspends an enterprise over some days.
pub async fn suspend(city: &City<'_>, uscc: &str, from: &str, to: &str) {
    let suspension = Suspension {
        uscc: uscc.to_owned(),
        suspended_from: from.to_owned(),
        suspended_to: to.to_owned(),
        reason: "年报逾期".to_owned(),
    };
    let request = PutSuspensionsRequest {
        suspensions: vec![suspension],
    };
    let put = city
        .registrar
        .registry
        .clone()
        .put_suspensions(request)
        .await
        .unwrap();
    assert_eq!(put.into_inner().result.unwrap().rejections, []);
}
