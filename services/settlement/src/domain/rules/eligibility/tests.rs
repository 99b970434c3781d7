//! Each step of the ladder, and the whole of it over a year.

use std::collections::BTreeSet;

use gazelle_kernel::{DistrictCode, Fen, IndustryCode, SizeClass};

use super::*;
use crate::domain::{
    fixture::{
        date, enrollment, enterprise, interval, kind, platform, prefix, program_id, terms, year,
    },
    program::{Program, Terms},
    rules::facts::{Dated, EnterpriseFacts, Facts, Filing},
};

const DAY: &str = "2017-05-01";

/// The reason for a fee of `DAY`, after changes of the program and of the enterprise.
fn judged(
    change: impl FnOnce(&mut Terms),
    event: impl FnOnce(&mut EnterpriseFacts),
) -> Option<ExclusionReason> {
    let (mut terms, mut enterprise) = (terms("share"), enterprise(0));
    change(&mut terms);
    event(&mut enterprise);
    let program = Program::new(terms).expect("a program");
    let facts = Facts::new(vec![], vec![], vec![enrollment(0)]).expect("facts");
    let judge = Judge::new(&program, &[], year(2017), &facts).expect("a judge");
    judge.exclusion(
        &platform("alpha"),
        &kind("COMMISSION"),
        Some(&enterprise),
        date(DAY),
    )
}

#[test]
fn each_step_of_the_ladder_excludes() {
    use ExclusionReason as R;
    assert_eq!(judged(|_| (), |_| ()), None);
    assert_eq!(
        judged(|t| t.term = interval("2017-05-02", ""), |_| ()),
        Some(R::OutsideProgramTerm)
    );
    assert_eq!(
        judged(|t| t.term = interval("2017-01-01", DAY), |_| ()),
        Some(R::OutsideProgramTerm)
    );
    assert_eq!(
        judged(|t| t.program_id = program_id("other"), |_| ()),
        Some(R::NotEnrolled)
    );
    assert_eq!(
        judged(
            |_| (),
            |e| e.suspensions = vec![interval(DAY, "2017-05-02")]
        ),
        Some(R::Suspended)
    );
    assert_eq!(judged(|_| (), |e| e.filings.clear()), Some(R::SizeUnknown));
    assert_eq!(
        judged(|t| t.size_classes = vec![SizeClass::Small], |_| ()),
        Some(R::SizeNotEligible)
    );
    assert_eq!(
        judged(
            |t| t.district_code_prefixes = vec![prefix("3302"), prefix("330105")],
            |_| ()
        ),
        Some(R::DistrictNotEligible)
    );
    assert_eq!(
        judged(
            |t| t.industry_code_prefixes = vec![prefix("51"), prefix("5295")],
            |_| ()
        ),
        Some(R::IndustryNotEligible)
    );
    assert_eq!(
        judged(
            |t| (t.district_code_prefixes, t.industry_code_prefixes) =
                (vec![prefix("3301")], vec![prefix("5")]),
            |_| ()
        ),
        None
    );
}

#[test]
fn of_several_reasons_the_first_of_the_ladder_is_named() {
    use ExclusionReason as R;
    // Everything is wrong; then one reason after the other is put right.
    let order = [
        R::OutsideProgramTerm,
        R::NotEnrolled,
        R::Suspended,
        R::SizeUnknown,
        R::SizeNotEligible,
        R::DistrictNotEligible,
        R::IndustryNotEligible,
    ];
    for (at, reason) in order.into_iter().enumerate() {
        let wrong = |terms: &mut Terms| {
            terms.industry_code_prefixes = vec![prefix("51")];
            terms.district_code_prefixes = if at > 5 { vec![] } else { vec![prefix("3302")] };
            terms.size_classes = if at > 4 {
                SizeClass::ALL.into()
            } else {
                vec![SizeClass::Small]
            };
            terms.program_id = program_id(if at > 1 { "share" } else { "other" });
            terms.term = interval(if at > 0 { "2016-01-01" } else { "2018-01-01" }, "");
        };
        let event = |enterprise: &mut EnterpriseFacts| {
            if at <= 3 {
                enterprise.filings.clear();
            }
            enterprise.suspensions = if at > 2 {
                vec![]
            } else {
                vec![interval("2017-01-01", "")]
            };
        };
        assert_eq!(judged(wrong, event), Some(reason));
    }
}

#[test]
fn a_fee_of_an_unbound_account_is_nobodys() {
    let program = Program::new(terms("share")).expect("a program");
    let facts = Facts::default();
    let judge = Judge::new(&program, &[], year(2017), &facts).expect("a judge");
    let reason = |day| judge.exclusion(&platform("alpha"), &kind("COMMISSION"), None, date(day));
    assert_eq!(reason(DAY), Some(ExclusionReason::UnboundMerchant));
    assert_eq!(
        reason("2015-05-01"),
        Some(ExclusionReason::OutsideProgramTerm)
    );
}

#[test]
fn industry_and_district_are_those_of_the_fee_date() {
    let filing = Filing {
        headcount: 10,
        annual_revenue_fen: Fen::new(1_000_000_000),
        total_assets_fen: Fen::ZERO,
    };
    let retail_from = |day: &str| {
        let mining = IndustryCode::parse("0610").expect("a code");
        Dated::new(
            mining,
            [(date(day), IndustryCode::parse("5211").expect("a code"))].into(),
        )
    };
    let small = |t: &mut Terms| t.size_classes = vec![SizeClass::Small];
    assert_eq!(
        judged(small, |e| (e.filings, e.industry) =
            ([(2016, filing)].into(), retail_from(DAY))),
        None
    );
    let later = |e: &mut EnterpriseFacts| {
        (e.filings, e.industry) = ([(2016, filing)].into(), retail_from("2017-05-02"));
    };
    assert_eq!(judged(small, later), Some(ExclusionReason::SizeNotEligible));
    let moved = |e: &mut EnterpriseFacts| {
        e.district = Dated::new(
            DistrictCode::parse("330206").expect("a code"),
            [(date(DAY), DistrictCode::parse("330105").expect("a code"))].into(),
        );
    };
    assert_eq!(
        judged(|t| t.district_code_prefixes = vec![prefix("3301")], moved),
        None
    );
    assert_eq!(
        judged(|t| t.district_code_prefixes = vec![prefix("3302")], moved),
        Some(ExclusionReason::DistrictNotEligible)
    );
}

#[test]
fn a_program_yields_what_the_other_shares_whatever_that_one_yields() {
    let program = |id: &str, change: &dyn Fn(&mut Terms)| {
        let mut terms = terms(id);
        change(&mut terms);
        Program::new(terms).expect("a program")
    };
    let own = program("share", &|t| {
        t.excluded_program_ids = vec![program_id("other")];
    });
    let mut enrolled_in_other = enrollment(0);
    enrolled_in_other.program_id = program_id("other");
    let facts = Facts::new(vec![], vec![], vec![enrollment(0), enrolled_in_other]).expect("facts");
    let reason = |other: Program, facts: &Facts| {
        let others = [other];
        let judge = Judge::new(&own, &others, year(2017), facts).expect("a judge");
        judge.exclusion(
            &platform("alpha"),
            &kind("COMMISSION"),
            Some(&enterprise(0)),
            date(DAY),
        )
    };
    let covered = Some(ExclusionReason::CoveredByOtherProgram);
    assert_eq!(reason(program("other", &|_| ()), &facts), covered);
    assert_eq!(
        reason(
            program("other", &|t| t.excluded_program_ids =
                vec![program_id("third")]),
            &facts
        ),
        covered
    );
    assert_eq!(
        reason(
            program("other", &|t| t.platform_ids = vec![platform("beta")]),
            &facts
        ),
        None
    );
    assert_eq!(
        reason(program("other", &|t| drop(t.shares.remove(0))), &facts),
        None
    );
    assert_eq!(
        reason(
            program("other", &|t| t.district_code_prefixes =
                vec![prefix("3302")]),
            &facts
        ),
        None
    );
    let not_enrolled = Facts::new(vec![], vec![], vec![enrollment(0)]).expect("facts");
    assert_eq!(reason(program("other", &|_| ()), &not_enrolled), None);
    assert!(Judge::new(&own, &[], year(2017), &facts).is_err());
}

#[test]
fn a_verdict_for_all_days_is_that_of_each_day() {
    let mut own = terms("share");
    own.term = interval("2017-01-10", "2017-12-01");
    own.district_code_prefixes = vec![prefix("3301")];
    own.industry_code_prefixes = vec![prefix("52")];
    own.excluded_program_ids = vec![program_id("other")];
    let mut other = terms("other");
    other.term = interval("2017-06-01", "2017-07-01");
    let (own, others) = (
        Program::new(own).expect("a program"),
        [Program::new(other).expect("a program")],
    );
    let mut enterprise = enterprise(0);
    enterprise.suspensions = vec![
        interval("2016-12-01", "2017-01-20"),
        interval("2017-03-01", "2017-03-02"),
        interval("2017-11-05", ""),
    ];
    let moved = DistrictCode::parse("330201").expect("a code");
    let back = *enterprise.district.first();
    enterprise.district = Dated::new(
        back,
        [(date("2017-04-01"), moved), (date("2017-05-01"), back)].into(),
    );
    let changed = IndustryCode::parse("5111").expect("a code");
    enterprise.industry = Dated::new(
        *enterprise.industry.first(),
        [(date("2017-10-01"), changed)].into(),
    );
    let mut split = [enrollment(0), enrollment(0), enrollment(0)];
    split[0].effective = interval("2016-05-01", "2017-02-01");
    split[1].effective = interval("2017-02-11", "");
    split[2].program_id = program_id("other");
    split[2].effective = interval("2017-06-11", "2017-06-21");
    let facts = Facts::new(vec![], vec![], split.into()).expect("facts");
    let judge = Judge::new(&own, &others, year(2017), &facts).expect("a judge");
    let mut seen = BTreeSet::new();
    for kind in ["COMMISSION", "MEMBERSHIP"].map(kind) {
        for owner in [None, Some(&enterprise)] {
            let candidates = judge.candidates(&platform("alpha"), &kind);
            let verdicts = judge.verdicts(&candidates, owner);
            let mut day = date("2017-01-01");
            while day <= date("2017-12-31") {
                let reason = judge.exclusion(&platform("alpha"), &kind, owner, day);
                assert_eq!(verdicts.on(day), reason, "{day} {kind}");
                seen.insert(reason);
                day = day.next_day().expect("a day");
            }
        }
    }
    // Eligible, and every reason but those that hold for a whole year.
    assert_eq!(seen.len(), ExclusionReason::ALL.len() - 1);
}
