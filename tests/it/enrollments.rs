//! Who is enrolled in which program.

use gazelle_proto::settlement::v1::{Enrollment, ListEnrollmentsRequest};
use gazelle_tests::city::{self, City, program};
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::suite::Suite;
use tonic::{Code, Status};

fn enrollment(program: &str, uscc: &str, from: &str, to: &str) -> Enrollment {
    Enrollment {
        effective_from: from.to_owned(),
        effective_to: to.to_owned(),
        ..city::enrollment(program, uscc)
    }
}

#[tokio::test]
async fn enrollments_are_judged_one_by_one_and_never_overlap() {
    let city = City::on(Suite::shared());
    let id = fresh::program("share");
    city.apply(program(&id, &[&fresh::platform("mall")]))
        .await
        .unwrap();
    let [one, other] = [city.micro_enterprise().await, city.micro_enterprise().await];
    let unknown = fresh::program("share");
    let good = enrollment(&id, &one, "2017-01-01", "2017-07-01");
    let mut no_time = enrollment(&id, &other, "2017-01-01", "");
    no_time.applied_at = None;
    let items = vec![
        good.clone(),
        enrollment(&id, &one, "2017-06-30", ""),
        enrollment(&unknown, &one, "2017-01-01", ""),
        enrollment(&id, "91330106MA0000000", "2017-01-01", ""),
        no_time,
        enrollment(&id, &other, "2017-02-30", ""),
        enrollment(&id, &other, "2017-01-01", "2017-01-01"),
        enrollment(&id, &one, "2017-01-01", "2017-07-02"),
        good.clone(),
        enrollment(&id, &other, "2017-01-01", ""),
    ];

    let result = city.put_enrollments(items).await.unwrap();

    assert_eq!(
        (
            result.created_count,
            result.changed_count,
            result.unchanged_count
        ),
        (2, 0, 1)
    );
    let rejected: Vec<_> = result
        .rejections
        .iter()
        .map(|r| (r.index, r.reason.as_str()))
        .collect();
    assert_eq!(
        rejected,
        [
            (1, "ENROLLMENT_OVERLAP"),
            (2, "PROGRAM_NOT_FOUND"),
            (3, "USCC_LENGTH"),
            (4, "INSTANT_INVALID"),
            (5, "DATE_INVALID"),
            (6, "INTERVAL_EMPTY"),
            (7, "REPEATED_IN_BATCH"),
        ]
    );
}

/// Two enrollments of a program, and the token of the page after them.
async fn page_of_two(
    city: &City<'_>,
    program: &str,
    page_token: &str,
) -> Result<(Vec<Enrollment>, String), Status> {
    let request = ListEnrollmentsRequest {
        program_id: program.to_owned(),
        page_size: 2,
        page_token: page_token.to_owned(),
    };
    let mut programs = city.auditor.programs.clone();
    let page = programs.list_enrollments(request).await?.into_inner();
    Ok((page.enrollments, page.next_page_token))
}

#[tokio::test]
async fn an_enrollment_with_the_same_first_day_replaces_the_first_and_makes_room() {
    let city = City::on(Suite::shared());
    let id = fresh::program("share");
    city.apply(program(&id, &[&fresh::platform("mall")]))
        .await
        .unwrap();
    let [one, other] = [fresh::uscc(), fresh::uscc()];
    let items = vec![
        enrollment(&id, &one, "2017-01-01", "2017-07-01"),
        enrollment(&id, &other, "2017-01-01", ""),
    ];
    assert_eq!(city.put_enrollments(items).await.unwrap().created_count, 2);
    let shorter = enrollment(&id, &one, "2017-01-01", "2017-06-01");
    let later = enrollment(&id, &one, "2017-06-01", "");
    let result = city
        .put_enrollments(vec![later.clone(), shorter.clone()])
        .await
        .unwrap();
    assert_eq!(
        (
            result.created_count,
            result.changed_count,
            result.rejections
        ),
        (1, 1, vec![])
    );
    let (page, next) = page_of_two(&city, &id, "").await.unwrap();
    let days = page.iter().map(|e| (&*e.effective_from, &*e.effective_to));
    assert_eq!(
        days.collect::<Vec<_>>(),
        [("2017-01-01", "2017-06-01"), ("2017-06-01", "")]
    );
    let (page, _) = page_of_two(&city, &id, &next).await.unwrap();
    let codes: Vec<_> = page.iter().map(|e| &*e.uscc).collect();
    assert_eq!(codes, [&other]);
    let listed = page_of_two(&city, &fresh::program("share"), "").await;
    refused(listed, Code::NotFound, "PROGRAM_NOT_FOUND");
}

#[tokio::test]
async fn a_batch_of_enrollments_has_1_to_1000_items() {
    let city = City::on(Suite::shared());
    for count in [0, 1_001] {
        let items = vec![enrollment("share", "91330106MA0000000", "2017-01-01", ""); count];
        refused(
            city.put_enrollments(items).await,
            Code::InvalidArgument,
            "BATCH_SIZE",
        );
    }
}
