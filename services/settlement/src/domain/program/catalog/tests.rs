use super::*;
use crate::domain::{
    fixture::{budget, interval, kind, platform, program_id, share, terms, year},
    program::Terms,
};

fn program(id: &str, bps: u32, change: impl FnOnce(&mut Terms)) -> Program {
    let mut terms = terms(id);
    terms.shares = vec![share("COMMISSION", bps, 0)];
    change(&mut terms);
    Program::new(terms).expect("a program")
}

fn yielding(id: &str, bps: u32, to: &[&str]) -> Program {
    program(id, bps, |terms| {
        terms.excluded_program_ids = to.iter().copied().map(program_id).collect();
    })
}

fn apply(programs: impl IntoIterator<Item = Program>) -> Result<Catalog, CatalogError> {
    let mut catalog = Catalog::default();
    programs
        .into_iter()
        .try_for_each(|program| catalog.apply(program).map(|_| ()))?;
    Ok(catalog)
}

fn exceeding(result: Result<Catalog, CatalogError>) -> Option<(String, u32, String)> {
    match result {
        Err(CatalogError::SharesExceedFee {
            programs,
            total_bps,
            date,
            ..
        }) => Some((list(&programs), total_bps, date.to_string())),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn excludes_names_known_programs_and_makes_no_circle() {
    assert!(matches!(
        apply([yielding("aa", 1, &["bb"])]),
        Err(CatalogError::ExcludedProgramUnknown { .. })
    ));
    assert!(matches!(
        apply([yielding("aa", 1, &["aa"])]),
        Err(CatalogError::ExcludesCircle(_))
    ));
    let chain = || {
        [
            program("aa", 1, |_| ()),
            yielding("bb", 1, &["aa"]),
            yielding("cc", 1, &["aa", "bb"]),
        ]
    };
    assert!(apply(chain()).is_ok());
    let circle = apply(chain().into_iter().chain([yielding("aa", 1, &["cc"])]));
    assert!(matches!(circle, Err(CatalogError::ExcludesCircle(programs)) if programs.len() > 1));
}

#[test]
fn a_refused_program_changes_nothing() {
    let mut catalog = apply([program("aa", 6_000, |_| ())]).expect("a catalog");
    let before = catalog.clone();
    assert!(catalog.apply(program("bb", 4_001, |_| ())).is_err());
    assert_eq!(catalog, before);
    assert_eq!(
        catalog.apply(program("aa", 6_000, |_| ())),
        Ok(Application::Unchanged)
    );
    assert_eq!(
        catalog.apply(program("aa", 5_999, |_| ())),
        Ok(Application::Changed)
    );
    assert_eq!(
        catalog.apply(program("bb", 4_001, |_| ())),
        Ok(Application::Created)
    );
}

#[test]
fn programs_in_force_together_stay_within_the_fee() {
    let with = |change: fn(&mut Terms)| {
        exceeding(apply([
            program("aa", 6_000, |t| t.platform_ids = vec![platform("alpha")]),
            program("bb", 4_001, change),
        ]))
    };
    assert_eq!(
        with(|_| ()),
        Some(("aa, bb".into(), 10_001, "2016-01-01".into()))
    );
    assert_eq!(
        with(|t| t.term = interval("2029-12-31", "")),
        Some(("aa, bb".into(), 10_001, "2029-12-31".into()))
    );
    assert_eq!(with(|t| t.term = interval("2030-01-01", "")), None);
    assert_eq!(with(|t| t.platform_ids = vec![platform("beta")]), None);
    assert_eq!(with(|t| t.shares[0].fee_kind = kind("MEMBERSHIP")), None);
    assert_eq!(
        with(|t| t.excluded_program_ids = vec![program_id("aa")]),
        None
    );
    assert_eq!(
        with(|t| t.shares = vec![share("COMMISSION", 3_000, 1_000)]),
        None
    );
    assert_eq!(
        with(|t| t.term = interval("1950-01-01", "2016-01-01")),
        None
    );
}

#[test]
fn either_of_two_programs_may_yield_to_the_other() {
    let third = |id: &str| yielding(id, 10_000, &["mm"]);
    assert_eq!(
        exceeding(apply([program("mm", 10_000, |_| ()), third("aa")])),
        None
    );
    assert_eq!(
        exceeding(apply([program("mm", 10_000, |_| ()), third("zz")])),
        None
    );
}

#[test]
fn a_program_between_others_counts_with_neither() {
    let small = |id: &str| program(id, 1_000, |_| ());
    let between = yielding("mm", 6_000, &["xx", "yy"]);
    let last = |bps| {
        apply([
            small("xx"),
            small("yy"),
            between.clone(),
            yielding("zz", bps, &["mm"]),
        ])
    };
    assert_eq!(exceeding(last(8_000)), None);
    assert_eq!(
        exceeding(last(8_001)),
        Some(("xx, yy, zz".into(), 10_001, "2016-01-01".into()))
    );
}

#[test]
fn programs_older_than_the_first_year_are_checked_from_it_on() {
    let old = |id: &str| program(id, 6_000, |t| t.term = interval("1950-01-01", "2001-01-01"));
    assert_eq!(
        exceeding(apply([old("aa"), old("bb")])),
        Some(("aa, bb".into(), 12_000, "2000-01-01".into()))
    );
}

#[test]
fn yielding_does_not_carry_over() {
    // cc yields to bb, bb to aa; nothing keeps aa and cc apart.
    let chain = |third| {
        apply([
            program("aa", 6_000, |_| ()),
            yielding("bb", 9_000, &["aa"]),
            yielding("cc", third, &["bb"]),
        ])
    };
    assert_eq!(
        exceeding(chain(4_001)),
        Some(("aa, cc".into(), 10_001, "2016-01-01".into()))
    );
    assert_eq!(exceeding(chain(4_000)), None);
}

#[test]
fn a_settled_year_keeps_its_version() {
    let old = program("aa", 6_000, |_| ());
    let new = program("aa", 1_000, |t| t.budgets = vec![budget(2017, 5)]);
    let versions = Versions {
        settled: [(year(2017), old)].into(),
        ..Versions::new(new)
    };
    let mut catalog = Catalog::new([versions]);
    let other = |term| program("bb", 5_000, |t| t.term = term);
    assert_eq!(
        exceeding(
            catalog
                .apply(other(interval("2016-01-01", "")))
                .map(|_| catalog.clone())
        ),
        Some(("aa, bb".into(), 11_000, "2017-01-01".into()))
    );
    assert_eq!(
        catalog.apply(other(interval("2018-01-01", ""))),
        Ok(Application::Created)
    );
}

#[test]
fn an_open_run_may_still_settle_its_year_by_an_older_version() {
    let versions = Versions {
        open: Some((year(2017), program("aa", 6_000, |_| ()))),
        ..Versions::new(program("aa", 1_000, |_| ()))
    };
    let catalog = Catalog::new([versions]);
    assert_eq!(catalog.check(), Ok(()));
    let other = |bps| {
        exceeding(
            catalog
                .clone()
                .apply(program("bb", bps, |_| ()))
                .map(|_| catalog.clone()),
        )
    };
    assert_eq!(
        other(4_001),
        Some(("aa, bb".into(), 10_001, "2017-01-01".into()))
    );
    assert_eq!(other(4_000), None);
}

#[test]
fn a_circle_of_a_settled_year_is_seen() {
    let settled = [(year(2017), yielding("aa", 1, &["bb"]))].into();
    let mut catalog = Catalog::new([
        Versions {
            settled,
            ..Versions::new(program("aa", 1, |_| ()))
        },
        Versions::new(program("bb", 1, |_| ())),
    ]);
    assert!(matches!(
        catalog.apply(yielding("bb", 1, &["aa"])),
        Err(CatalogError::ExcludesCircle(_))
    ));
}
