//! The ladder of reasons that exclude a fee under one program.

use gazelle_kernel::{CodePrefix, Date, Interval, Year};

use super::reason::ExclusionReason;
use crate::domain::{
    program::Program,
    rules::facts::{Enrollments, EnterpriseFacts, Facts},
};

/// Steps 1 to 8 of one program in one year (`SETTLEMENT.md`, Eligibility).
pub(super) struct Ladder<'a> {
    pub(super) program: &'a Program,
    enrollments: Enrollments<'a>,
    pub(super) year: Year,
}

impl<'a> Ladder<'a> {
    pub(super) fn new(program: &'a Program, year: Year, facts: &'a Facts) -> Self {
        Self {
            program,
            enrollments: facts.enrollments(program.id()),
            year,
        }
    }

    /// Days on which the first reason may become another, for that owner: in any order, some of
    /// them more than once.
    pub(super) fn changes(&self, owner: Option<&EnterpriseFacts>) -> Vec<Date> {
        let ends = |interval: Interval| [Some(interval.from()), interval.to()];
        let mut days: Vec<Date> = ends(self.program.terms().term)
            .into_iter()
            .flatten()
            .collect();
        if let Some(enterprise) = owner {
            let enrolled = self.enrollments.by(&enterprise.uscc).iter();
            let intervals = enrolled
                .map(|enrollment| enrollment.effective)
                .chain(enterprise.suspensions.iter().copied());
            days.extend(intervals.flat_map(ends).flatten());
            days.extend(enterprise.district.changes().keys());
            days.extend(enterprise.industry.changes().keys());
        }
        days
    }

    /// The first step that excludes a fee; `None`: it passes all eight.
    pub(super) fn first_reason(
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
        if !named(
            &terms.district_code_prefixes,
            enterprise.district.at(fee_date).as_str(),
        ) {
            return Some(ExclusionReason::DistrictNotEligible);
        }
        if !named(&terms.industry_code_prefixes, industry.as_str()) {
            return Some(ExclusionReason::IndustryNotEligible);
        }
        None
    }
}

/// Whether one of the prefixes covers the code; none at all cover every code.
fn named(prefixes: &[CodePrefix], code: &str) -> bool {
    prefixes.is_empty() || prefixes.iter().any(|prefix| prefix.covers(code))
}
