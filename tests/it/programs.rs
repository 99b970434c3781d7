//! Programs by themselves and among each other.

use gazelle_proto::settlement::v1::{
    ApplyProgramRequest, Budget, GetProgramRequest, ListProgramsRequest, Program, Release,
};
use gazelle_tests::city::{City, at_once, program, share};
use gazelle_tests::fresh;
use gazelle_tests::listing::whole;
use gazelle_tests::refusal::{fields, metadata, refused};
use gazelle_tests::suite::Suite;
use tonic::Code;

#[tokio::test]
async fn the_same_program_again_changes_nothing_and_another_adds_a_version() {
    let city = City::on(Suite::shared());
    let wanted = program(&fresh::program("share"), &[&fresh::platform("mall")]);
    let apply = async |program: &Program| {
        let request = ApplyProgramRequest {
            program: Some(program.clone()),
        };
        let applied = city
            .officer
            .programs
            .clone()
            .apply_program(request)
            .await
            .unwrap()
            .into_inner();
        (applied.program.unwrap(), applied.changed)
    };
    let (first, changed) = apply(&wanted).await;
    assert_eq!(
        (first.version, first.applied_by.as_str(), changed),
        (1, "person:officer", true)
    );
    // What is output only says nothing about what is wanted.
    assert_eq!(apply(&first).await, (first.clone(), false));
    assert_eq!(apply(&wanted).await, (first.clone(), false));
    let renamed = Program {
        name_zh: "新名".to_owned(),
        ..wanted.clone()
    };
    let (second, changed) = apply(&renamed).await;
    assert_eq!((second.version, changed), (2, true));

    let get = async |version| {
        let request = GetProgramRequest {
            program_id: wanted.program_id.clone(),
            version,
        };
        let found = city.auditor.programs.clone().get_program(request).await?;
        Ok(found.into_inner().program.unwrap())
    };
    assert_eq!(
        (
            get(1).await.unwrap(),
            get(2).await.unwrap(),
            get(0).await.unwrap()
        ),
        (first, second.clone(), second)
    );
    refused(get(3).await, Code::NotFound, "PROGRAM_NOT_FOUND");
}

/// A change to a good program that makes it a bad one.
type Change = fn(&mut Program);

#[tokio::test]
async fn a_program_that_contradicts_itself_is_refused_and_the_field_named() {
    let city = City::on(Suite::shared());
    let good = program(&fresh::program("share"), &[&fresh::platform("mall")]);
    let (invalid, unreadable) = ("PROGRAM_INVALID", "INVALID_FIELD");
    let cases: [(&str, &str, Change); 11] = [
        (invalid, "shares", |p| p.shares[0].platform_bps = 5_001),
        (invalid, "shares", |p| p.shares.push(p.shares[0].clone())),
        (invalid, "size_classes", |p| p.size_classes.clear()),
        (invalid, "budgets", |p| p.budgets.push(at_once(2))),
        (invalid, "budgets", |p| p.budgets[0].amount_fen = -1),
        (invalid, "enterprise_year_cap_fen", |p| {
            p.enterprise_year_cap_fen = -1;
        }),
        (invalid, "notice_days", |p| p.notice_days = 366),
        (unreadable, "valid_to", |p| {
            p.valid_to = p.valid_from.clone();
        }),
        (unreadable, "district_code_prefixes", |p| {
            p.district_code_prefixes.push("33010a".to_owned());
        }),
        (unreadable, "industry_code_prefixes", |p| {
            p.industry_code_prefixes.push(String::new());
        }),
        (unreadable, "program_id", |p| p.program_id = "No".to_owned()),
    ];
    for (reason, field, change) in cases {
        let mut bad = good.clone();
        change(&mut bad);
        let status = refused(city.apply(bad).await, Code::InvalidArgument, reason);
        let blamed = fields(&status);
        let named = |(name, _): &(String, String)| name.starts_with(&format!("program.{field}"));
        assert!(
            !blamed.is_empty() && blamed.iter().all(named),
            "{field}: {blamed:?}"
        );
    }
    let get = GetProgramRequest {
        program_id: good.program_id,
        version: 0,
    };
    let found = city.auditor.programs.clone().get_program(get).await;
    refused(found, Code::NotFound, "PROGRAM_NOT_FOUND");
}

#[tokio::test]
async fn programs_never_share_a_fee_past_the_whole_of_it_unless_one_yields() {
    let city = City::on(Suite::shared());
    let (platform, other) = (fresh::platform("mall"), fresh::platform("mall"));
    let with = |name: &str, platform: &str, bps: i32, excludes: &[&str]| Program {
        shares: vec![share("COMMISSION", bps, 1_000)],
        excluded_program_ids: excludes.iter().map(|&id| id.to_owned()).collect(),
        ..program(&fresh::program(name), &[platform])
    };
    let first = with("first", &platform, 5_000, &[]);
    city.apply(first.clone()).await.unwrap();
    let exceeds = async |program: Program| {
        let named = program.program_id.clone();
        let status = refused(
            city.apply(program).await,
            Code::FailedPrecondition,
            "SHARES_EXCEED_FEE",
        );
        assert!(metadata(&status, "program_ids").contains(&named));
        assert_eq!(metadata(&status, "fee_kind"), "COMMISSION");
        assert_eq!(metadata(&status, "platform_id"), platform);
    };
    // 60 % and 40 % are the whole; one bps more is not.
    exceeds(with("second", &platform, 3_001, &[])).await;
    let second = with("second", &platform, 3_000, &[]);
    city.apply(second.clone()).await.unwrap();
    // Whoever yields to one of them has 40 % or 60 % beside the other.
    exceeds(with("third", &platform, 5_001, &[&first.program_id])).await;
    let yields = with("third", &platform, 5_000, &[&first.program_id]);
    city.apply(yields.clone()).await.unwrap();
    let all = [&*first.program_id, &second.program_id, &yields.program_id];
    let fourth = with("fourth", &platform, 9_000, &all);
    city.apply(fourth).await.unwrap();
    // Elsewhere, of another kind, or at another time it is another fee.
    city.apply(with("elsewhere", &other, 9_000, &[]))
        .await
        .unwrap();
    let kind = Program {
        shares: vec![share("MEMBERSHIP", 10_000, 0)],
        ..with("kind", &platform, 0, &[])
    };
    city.apply(kind).await.unwrap();
    let early = Program {
        valid_from: "2009-01-01".into(),
        valid_to: "2010-01-01".into(),
        ..with("early", &platform, 9_000, &[])
    };
    city.apply(early.clone()).await.unwrap();
    exceeds(Program {
        valid_to: "2010-01-02".into(),
        ..early
    })
    .await;
    // To stop yielding is to share more.
    exceeds(Program {
        excluded_program_ids: vec![],
        ..yields
    })
    .await;
}

#[tokio::test]
async fn programs_yield_to_known_programs_and_never_in_a_circle() {
    let city = City::on(Suite::shared());
    let platform = fresh::platform("mall");
    let [a, b, c] = ["a", "b", "c"]
        .map(|name| program(&fresh::program(&format!("circle-{name}")), &[&platform]));
    let yields = |program: &Program, to: &[&Program]| Program {
        excluded_program_ids: to
            .iter()
            .map(|program| program.program_id.clone())
            .collect(),
        ..program.clone()
    };
    let unknown = city.apply(yields(&a, &[&b])).await;
    let status = refused(
        unknown,
        Code::FailedPrecondition,
        "EXCLUDED_PROGRAM_NOT_FOUND",
    );
    assert_eq!(metadata(&status, "excluded_program_id"), b.program_id);

    city.apply(a.clone()).await.unwrap();
    city.apply(yields(&b, &[&a])).await.unwrap();
    city.apply(yields(&c, &[&a, &b])).await.unwrap();
    for to in [&a, &b, &c] {
        let circle = city.apply(yields(&a, &[to])).await;
        refused(circle, Code::FailedPrecondition, "EXCLUDES_CIRCLE");
    }
}

#[tokio::test]
async fn programs_are_listed_by_id_in_their_newest_version() {
    let city = City::on(Suite::shared());
    let id = fresh::program("listed");
    let platform = fresh::platform("mall");
    city.apply(program(&id, &[&platform])).await.unwrap();
    let newest = Program {
        budgets: vec![Budget {
            year: 2017,
            amount_fen: 12,
            release: Release::Monthly.into(),
        }],
        ..program(&id, &[&platform])
    };
    let newest = city.apply(newest).await.unwrap();
    let fetch = async |page_token| {
        let request = ListProgramsRequest {
            page_size: 2,
            page_token,
        };
        let mut programs = city.auditor.programs.clone();
        let page = programs.list_programs(request).await?.into_inner();
        Ok((page.programs, page.next_page_token))
    };
    let listed = whole(fetch).await.unwrap();
    assert!(
        listed
            .windows(2)
            .all(|pair| pair[0].program_id < pair[1].program_id)
    );
    assert_eq!(
        listed.iter().find(|program| program.program_id == id),
        Some(&newest)
    );
}
