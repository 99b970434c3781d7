//! Which fees count: the ladder of reasons that exclude one.

use std::{collections::BTreeSet, fmt};

use gazelle_kernel::{CodePrefix, Date, FeeKind, Interval, PlatformId, ProgramId, Year};

use super::facts::{Enrollments, EnterpriseFacts, Facts};
use crate::domain::program::Program;

/// Why a fee in scope is not shared (`SETTLEMENT.md`, Eligibility). The order is that of the
/// ladder: of several that apply, the first is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExclusionReason {
    /// The fee date is outside the program's term.
    OutsideProgramTerm,
    /// No enterprise was bound to the account on the fee date.
    UnboundMerchant,
    /// No enrollment in the program covers the fee date.
    NotEnrolled,
    /// The enterprise was suspended on the fee date.
    Suspended,
    /// No filing for either of the two fiscal years before the program year.
    SizeUnknown,
    /// Its size class is not the program's.
    SizeNotEligible,
    /// Its district on the fee date is not the program's.
    DistrictNotEligible,
    /// Its industry on the fee date is not the program's.
    IndustryNotEligible,
    /// A program that this one yields to shares the fee.
    CoveredByOtherProgram,
}

impl ExclusionReason {
    /// All reasons, in the order of the ladder.
    pub const ALL: [Self; 9] = [
        Self::OutsideProgramTerm,
        Self::UnboundMerchant,
        Self::NotEnrolled,
        Self::Suspended,
        Self::SizeUnknown,
        Self::SizeNotEligible,
        Self::DistrictNotEligible,
        Self::IndustryNotEligible,
        Self::CoveredByOtherProgram,
    ];

    /// The name in result files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutsideProgramTerm => "OUTSIDE_PROGRAM_TERM",
            Self::UnboundMerchant => "UNBOUND_MERCHANT",
            Self::NotEnrolled => "NOT_ENROLLED",
            Self::Suspended => "SUSPENDED",
            Self::SizeUnknown => "SIZE_UNKNOWN",
            Self::SizeNotEligible => "SIZE_NOT_ELIGIBLE",
            Self::DistrictNotEligible => "DISTRICT_NOT_ELIGIBLE",
            Self::IndustryNotEligible => "INDUSTRY_NOT_ELIGIBLE",
            Self::CoveredByOtherProgram => "COVERED_BY_OTHER_PROGRAM",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

impl fmt::Display for ExclusionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Steps 1 to 8 of one program in one year.
struct Ladder<'a> {
    program: &'a Program,
    enrollments: Enrollments<'a>,
    year: Year,
}

impl<'a> Ladder<'a> {
    fn new(program: &'a Program, year: Year, facts: &'a Facts) -> Self {
        Self {
            program,
            enrollments: facts.enrollments(program.id()),
            year,
        }
    }

    /// Days on which the first reason may become another, for that owner: in any order, some of
    /// them more than once.
    fn changes(&self, owner: Option<&EnterpriseFacts>) -> Vec<Date> {
        let ends = |interval: Interval| [Some(interval.from()), interval.to()];
        let mut days: Vec<Date> = ends(self.program.terms().term)
            .into_iter()
            .flatten()
            .collect();
        if let Some(enterprise) = owner {
            let enrolled = self.enrollments.of(&enterprise.uscc).iter();
            let intervals = enrolled
                .map(|enrollment| enrollment.effective)
                .chain(enterprise.suspensions.iter().copied());
            days.extend(intervals.flat_map(ends).flatten());
            days.extend(enterprise.district.changes().keys());
            days.extend(enterprise.industry.changes().keys());
        }
        days
    }

    fn first_reason(
        &self,
        owner: Option<&EnterpriseFacts>,
        fee_date: Date,
    ) -> Option<ExclusionReason> {
        let terms = self.program.terms();
        if !terms.term.contains(fee_date) {
            return Some(ExclusionReason::OutsideProgramTerm);
        }
        let Some(enterprise) = owner else {
            return Some(ExclusionReason::UnboundMerchant);
        };
        if !self.enrollments.cover(&enterprise.uscc, fee_date) {
            return Some(ExclusionReason::NotEnrolled);
        }
        if enterprise.suspended_on(fee_date) {
            return Some(ExclusionReason::Suspended);
        }
        let Some((_, filing)) = enterprise.filing_for(self.year) else {
            return Some(ExclusionReason::SizeUnknown);
        };
        let industry = enterprise.industry.at(fee_date);
        if !terms.size_classes.contains(&filing.size_class(industry)) {
            return Some(ExclusionReason::SizeNotEligible);
        }
        if !named(&terms.districts, enterprise.district.at(fee_date).as_str()) {
            return Some(ExclusionReason::DistrictNotEligible);
        }
        if !named(&terms.industries, industry.as_str()) {
            return Some(ExclusionReason::IndustryNotEligible);
        }
        None
    }
}

fn named(prefixes: &[CodePrefix], code: &str) -> bool {
    prefixes.is_empty() || prefixes.iter().any(|prefix| prefix.covers(code))
}

/// Which of a judge's other programs share a fee of one platform and kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(Vec<usize>);

/// Why one owner's fees are excluded, from each day on until the next; from January on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts(Vec<(Date, Option<ExclusionReason>)>);

impl Verdicts {
    /// The reason of a day of the year; `None`: eligible.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<ExclusionReason> {
        let holds = self.0.iter().rev().find(|(from, _)| *from <= day);
        holds.and_then(|(_, reason)| *reason)
    }
}

/// A program that is named in `excludes` and was not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the program yields to {0}, whose version of the year is missing")]
pub struct ExcludedProgramMissing(pub ProgramId);

/// Judges the fees of one program and year.
pub struct Judge<'a> {
    own: Ladder<'a>,
    yields_to: Vec<Ladder<'a>>,
}

impl<'a> Judge<'a> {
    /// A judge for `program`. `others` are programs in force for the year, among them all that
    /// `program` yields to.
    pub fn new(
        program: &'a Program,
        others: &'a [Program],
        year: Year,
        facts: &'a Facts,
    ) -> Result<Self, ExcludedProgramMissing> {
        let in_force = |id: &ProgramId| {
            others
                .iter()
                .find(|other| other.id() == id)
                .ok_or_else(|| ExcludedProgramMissing(id.clone()))
        };
        let ladder = |id| Ok(Ladder::new(in_force(id)?, year, facts));
        let yields_to = program
            .terms()
            .excludes
            .iter()
            .map(ladder)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            own: Ladder::new(program, year, facts),
            yields_to,
        })
    }

    /// Which of the programs that this one yields to share such a fee too, if all else agrees.
    #[must_use]
    pub fn in_scope(&self, platform: &PlatformId, fee_kind: &FeeKind) -> Scope {
        let yields_to = self.yields_to.iter().enumerate();
        Scope(
            yields_to
                .filter(|(_, other)| other.program.in_scope(platform, fee_kind))
                .map(|(at, _)| at)
                .collect(),
        )
    }

    /// Why fees of that scope are excluded, for all days of the program year.
    #[must_use]
    pub fn verdicts(&self, scope: &Scope, owner: Option<&EnterpriseFacts>) -> Verdicts {
        let others = || scope.0.iter().map(|&at| &self.yields_to[at]);
        let year = self.own.year.days();
        let mut days = BTreeSet::from([year.from()]);
        days.extend(others().chain([&self.own]).flat_map(|l| l.changes(owner)));
        let mut from: Vec<(Date, Option<ExclusionReason>)> = Vec::new();
        for day in days.into_iter().filter(|day| year.contains(*day)) {
            let reason = self.own.first_reason(owner, day).or_else(|| {
                let covered = others().any(|other| other.first_reason(owner, day).is_none());
                covered.then_some(ExclusionReason::CoveredByOtherProgram)
            });
            if from.last().is_none_or(|(_, before)| *before != reason) {
                from.push((day, reason));
            }
        }
        Verdicts(from)
    }

    /// Why a fee in scope is excluded; `None`: it is eligible. `owner` is who the account was bound
    /// to on the fee date.
    #[must_use]
    pub fn exclusion(
        &self,
        platform: &PlatformId,
        fee_kind: &FeeKind,
        owner: Option<&EnterpriseFacts>,
        fee_date: Date,
    ) -> Option<ExclusionReason> {
        self.own.first_reason(owner, fee_date).or_else(|| {
            self.covering(platform, fee_kind, owner, fee_date)
                .map(|_| ExclusionReason::CoveredByOtherProgram)
        })
    }

    /// The first program, of those that this one yields to, under which the fee is in scope and
    /// passes: whatever that one grants, and whatever it yields to itself.
    #[must_use]
    pub fn covering(
        &self,
        platform: &PlatformId,
        fee_kind: &FeeKind,
        owner: Option<&EnterpriseFacts>,
        fee_date: Date,
    ) -> Option<&'a Program> {
        let shares = |other: &&Ladder<'_>| {
            other.program.in_scope(platform, fee_kind)
                && other.first_reason(owner, fee_date).is_none()
        };
        self.yields_to
            .iter()
            .find(shares)
            .map(|other| other.program)
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{DistrictCode, IndustryCode, SizeClass};

    use super::*;
    use crate::domain::{
        fixture::{
            date, enrollment, enterprise, interval, kind, platform, prefix, program_id, terms, year,
        },
        program::Terms,
        rules::facts::{Filing, Timeline},
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
                |t| t.districts = vec![prefix("3302"), prefix("330105")],
                |_| ()
            ),
            Some(R::DistrictNotEligible)
        );
        assert_eq!(
            judged(
                |t| t.industries = vec![prefix("51"), prefix("5295")],
                |_| ()
            ),
            Some(R::IndustryNotEligible)
        );
        assert_eq!(
            judged(
                |t| (t.districts, t.industries) = (vec![prefix("3301")], vec![prefix("5")]),
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
                terms.industries = vec![prefix("51")];
                terms.districts = if at > 5 { vec![] } else { vec![prefix("3302")] };
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
        let reason =
            |day| judge.exclusion(&platform("alpha"), &kind("COMMISSION"), None, date(day));
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
            annual_revenue_fen: 1_000_000_000,
            total_assets_fen: 0,
        };
        let retail_from = |day: &str| {
            let mining = IndustryCode::parse("0610").expect("a code");
            Timeline::new(
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
            e.district = Timeline::new(
                DistrictCode::parse("330206").expect("a code"),
                [(date(DAY), DistrictCode::parse("330105").expect("a code"))].into(),
            );
        };
        assert_eq!(judged(|t| t.districts = vec![prefix("3301")], moved), None);
        assert_eq!(
            judged(|t| t.districts = vec![prefix("3302")], moved),
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
        let own = program("share", &|t| t.excludes = vec![program_id("other")]);
        let mut enrolled_in_other = enrollment(0);
        enrolled_in_other.program_id = program_id("other");
        let facts =
            Facts::new(vec![], vec![], vec![enrollment(0), enrolled_in_other]).expect("facts");
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
                program("other", &|t| t.excludes = vec![program_id("third")]),
                &facts
            ),
            covered
        );
        assert_eq!(
            reason(
                program("other", &|t| t.platforms = vec![platform("beta")]),
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
                program("other", &|t| t.districts = vec![prefix("3302")]),
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
        own.districts = vec![prefix("3301")];
        own.industries = vec![prefix("52")];
        own.excludes = vec![program_id("other")];
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
        enterprise.district = Timeline::new(
            back,
            [(date("2017-04-01"), moved), (date("2017-05-01"), back)].into(),
        );
        let changed = IndustryCode::parse("5111").expect("a code");
        enterprise.industry = Timeline::new(
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
                let scope = judge.in_scope(&platform("alpha"), &kind);
                let verdicts = judge.verdicts(&scope, owner);
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
}
