//! Which months platforms owe to a run (`SETTLEMENT.md`, What is settled).

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Period, PlatformId};
use serde::{Deserialize, Serialize};

use crate::domain::program::Program;

/// Months that an error names one by one; of more it says how many there are.
const NAMED_MAX: usize = 10;

/// A month that a platform owes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwedPeriod {
    pub platform_id: PlatformId,
    pub period: Period,
}

/// From when to when a platform owes its months, as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformReports {
    pub platform_id: PlatformId,
    /// The first month that it owes; none: the first in which it reported or stated anything.
    pub reports_from: Option<Period>,
    /// The first month that it no longer owes.
    pub reports_to: Option<Period>,
}

/// A month in which a platform reported or stated anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedPeriod {
    pub platform_id: PlatformId,
    pub period: Period,
    /// Whether it is sealed.
    pub sealed: bool,
}

/// What covered platforms owe to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owing {
    /// The first month that the run reads, and the last.
    pub span: (Period, Period),
    /// Each month that is owed, with whether it is sealed.
    pub periods: BTreeMap<OwedPeriod, bool>,
    /// Covered platforms that owe no month and reported none.
    pub silent_platform_ids: BTreeSet<PlatformId>,
}

/// What is part of a run without a fee of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Months that are owed and that it was knowingly computed without, in order.
    pub left_out: Vec<OwedPeriod>,
    /// Covered platforms that owe no month and reported none, in order.
    pub silent_platform_ids: Vec<PlatformId>,
}

/// Months that are owed and are neither sealed nor left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not sealed: {}; seal them, or leave them out by name", listed(.0.iter()))]
pub struct NotSealed(pub Vec<OwedPeriod>);

/// Why a month is none that a run misses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMissing {
    #[error("it is sealed")]
    Sealed,
    #[error("the program does not cover the platform, or nobody knows it")]
    PlatformNotCovered,
    #[error("the run does not read it")]
    OutsideRun,
    #[error("the platform does not owe it, and reported nothing for it")]
    NotOwed,
}

impl NotMissing {
    /// Its name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sealed => "SEALED",
            Self::PlatformNotCovered => "PLATFORM_NOT_COVERED",
            Self::OutsideRun => "OUTSIDE_RUN",
            Self::NotOwed => "NOT_OWED",
        }
    }
}

/// Months that can't be left out, each with why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not missing, and so not to be left out: {}", listed(.0.iter().map(told)))]
pub struct LeftOutRefused(pub Vec<(OwedPeriod, NotMissing)>);

fn told((owed, why): &(OwedPeriod, NotMissing)) -> String {
    format!("{owed} ({why})")
}

/// Why a run can't have its scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeRefused {
    /// Something that is owed is missing.
    #[error(transparent)]
    NotSealed(#[from] NotSealed),
    /// Something is to be left out that is not missing.
    #[error(transparent)]
    LeftOut(#[from] LeftOutRefused),
}

/// The months, with no more of them than a message takes.
#[must_use]
pub fn listed<T: std::fmt::Display>(periods: impl ExactSizeIterator<Item = T>) -> String {
    let more = periods.len().saturating_sub(NAMED_MAX);
    let named = periods.take(NAMED_MAX).map(|period| period.to_string());
    let named = named.collect::<Vec<_>>().join(", ");
    match more {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

impl std::fmt::Display for OwedPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.platform_id, self.period)
    }
}

impl Owing {
    /// What the platforms that `program` covers owe of the months `january` to `through`.
    ///
    /// `registered` are the platforms of the registry, `first_periods` the first months in which
    /// platforms reported or stated anything, whenever that was, and `reported` those of the months
    /// asked for in which they did.
    #[must_use]
    pub fn new(
        program: &Program,
        (january, through): (Period, Period),
        registered: &[PlatformReports],
        first_periods: &BTreeMap<PlatformId, Period>,
        reported: &[ReportedPeriod],
    ) -> Self {
        let by_id: BTreeMap<&PlatformId, &PlatformReports> = registered
            .iter()
            .map(|platform| (&platform.platform_id, platform))
            .collect();
        let mut silent: BTreeSet<PlatformId> = by_id
            .keys()
            .copied()
            .chain(first_periods.keys())
            .chain(&program.terms().platform_ids)
            .filter(|platform_id| program.covers(platform_id))
            .cloned()
            .collect();
        let mut periods = BTreeMap::new();
        for platform_id in &silent {
            let reports = by_id.get(platform_id);
            let from = reports
                .and_then(|reports| reports.reports_from)
                .or_else(|| first_periods.get(platform_id).copied());
            let to = reports.and_then(|reports| reports.reports_to);
            let owes = |period: &Period| {
                from.is_some_and(|from| from <= *period) && to.is_none_or(|to| *period < to)
            };
            for period in january.through(through).filter(owes) {
                periods.insert(owed(platform_id, period), false);
            }
        }
        for it in reported {
            let asked_for = (january..=through).contains(&it.period);
            if asked_for && program.covers(&it.platform_id) {
                periods.insert(owed(&it.platform_id, it.period), it.sealed);
            }
        }
        for owed in periods.keys() {
            silent.remove(&owed.platform_id);
        }
        Self {
            span: (january, through),
            periods,
            silent_platform_ids: silent,
        }
    }

    /// Why a month is not missing; none: it is.
    fn not_missing(&self, meant: &OwedPeriod) -> Option<NotMissing> {
        let (january, through) = self.span;
        let is_covered = self.silent_platform_ids.contains(&meant.platform_id)
            || self
                .periods
                .keys()
                .any(|owed| owed.platform_id == meant.platform_id);
        match self.periods.get(meant) {
            Some(false) => None,
            Some(true) => Some(NotMissing::Sealed),
            None if !is_covered => Some(NotMissing::PlatformNotCovered),
            None if !(january..=through).contains(&meant.period) => Some(NotMissing::OutsideRun),
            None => Some(NotMissing::NotOwed),
        }
    }

    /// The scope of a run that leaves these months out.
    pub fn scope(self, left_out: &BTreeSet<OwedPeriod>) -> Result<Scope, ScopeRefused> {
        let refused = |meant: &OwedPeriod| Some((meant.clone(), self.not_missing(meant)?));
        let refused: Vec<_> = left_out.iter().filter_map(refused).collect();
        if !refused.is_empty() {
            return Err(LeftOutRefused(refused).into());
        }
        let open: BTreeSet<OwedPeriod> = self
            .periods
            .into_iter()
            .filter(|(_, sealed)| !sealed)
            .map(|(owed, _)| owed)
            .collect();
        let missing: Vec<OwedPeriod> = open.difference(left_out).cloned().collect();
        if !missing.is_empty() {
            return Err(NotSealed(missing).into());
        }
        Ok(Scope {
            left_out: left_out.iter().cloned().collect(),
            silent_platform_ids: self.silent_platform_ids.into_iter().collect(),
        })
    }
}

fn owed(platform_id: &PlatformId, period: Period) -> OwedPeriod {
    OwedPeriod {
        platform_id: platform_id.clone(),
        period,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{period, platform, terms};

    fn registered(id: &str, from: &str, to: &str) -> PlatformReports {
        let bound = |text: &str| (!text.is_empty()).then(|| period(text));
        PlatformReports {
            platform_id: platform(id),
            reports_from: bound(from),
            reports_to: bound(to),
        }
    }

    /// What the platforms owe from 2025-01 through 2025-04, as texts; those that only reported or
    /// stated have no entry in the registry. Months of `reported` that end in `!` are sealed.
    fn owing(
        platforms: &[&str],
        registered: &[PlatformReports],
        reported: &[(&str, &[&str])],
    ) -> Owing {
        let mut terms = terms("share");
        terms.platform_ids = platforms.iter().copied().map(platform).collect();
        let program = Program::new(terms).expect("a program");
        let reported = reported.iter().flat_map(|(id, periods)| {
            periods.iter().map(|text| ReportedPeriod {
                platform_id: platform(id),
                period: period(text.trim_end_matches('!')),
                sealed: text.ends_with('!'),
            })
        });
        let reported: Vec<ReportedPeriod> = reported.collect();
        let mut first: BTreeMap<PlatformId, Period> = BTreeMap::new();
        for it in &reported {
            let earliest = first.entry(it.platform_id.clone()).or_insert(it.period);
            *earliest = (*earliest).min(it.period);
        }
        let span = (period("2025-01"), period("2025-04"));
        Owing::new(&program, span, registered, &first, &reported)
    }

    fn texts(owing: &Owing) -> Vec<String> {
        let text = |(owed, sealed): (&OwedPeriod, &bool)| {
            format!("{owed}{}", if *sealed { "!" } else { "" })
        };
        owing.periods.iter().map(text).collect()
    }

    fn silent(owing: &Owing) -> Vec<&str> {
        let ids = owing.silent_platform_ids.iter();
        ids.map(PlatformId::as_str).collect()
    }

    fn periods(owing: &Owing) -> Vec<String> {
        let period = |text: String| text.split(' ').next_back().unwrap_or_default().to_owned();
        texts(owing).into_iter().map(period).collect()
    }

    #[test]
    fn a_platform_owes_each_month_from_the_one_that_the_registry_says() {
        let from = |first| periods(&owing(&[], &[registered("alpha", first, "")], &[]));
        assert_eq!(
            from("2024-06"),
            ["2025-01", "2025-02", "2025-03", "2025-04"]
        );
        assert_eq!(from("2025-03"), ["2025-03", "2025-04"]);
        assert_eq!(from("2025-05"), [""; 0]);
    }

    #[test]
    fn without_a_first_month_it_owes_from_the_first_in_which_it_reported_or_stated() {
        let first = |reported| periods(&owing(&[], &[], &[("alpha", &[reported])]));
        assert_eq!(
            first("2024-11"),
            ["2025-01", "2025-02", "2025-03", "2025-04"]
        );
        assert_eq!(first("2025-02!"), ["2025-02!", "2025-03", "2025-04"]);
        assert_eq!(first("2025-05"), [""; 0], "a later one owes nothing yet");
        let named = [registered("alpha", "", "")];
        let registered_only = owing(&[], &named, &[("alpha", &["2025-04"])]);
        assert_eq!(periods(&registered_only), ["2025-04"]);
    }

    #[test]
    fn it_owes_no_month_from_the_one_on_in_which_it_ends() {
        let to = |end| periods(&owing(&[], &[registered("alpha", "2025-02", end)], &[]));
        assert_eq!(to("2025-04"), ["2025-02", "2025-03"]);
        assert_eq!(to("2025-03"), ["2025-02"]);
        // An end holds as well where the first month is the first in which it reported.
        let ended = [registered("alpha", "", "2025-02")];
        let owing = owing(&[], &ended, &[("alpha", &["2024-12"])]);
        assert_eq!(periods(&owing), ["2025-01"]);
    }

    #[test]
    fn it_owes_each_month_in_which_it_did_report_or_state_whatever_the_registry_says() {
        let ended = [registered("alpha", "2025-02", "2025-03")];
        let owing = owing(
            &[],
            &ended,
            &[("alpha", &["2025-01!", "2025-04", "2025-06"])],
        );
        assert_eq!(periods(&owing), ["2025-01!", "2025-02", "2025-04"]);
    }

    #[test]
    fn only_covered_platforms_owe_and_those_without_anything_are_silent() {
        let platforms = [
            registered("alpha", "2025-04", ""),
            registered("beta", "", ""),
            registered("gamma", "2024-01", "2025-01"),
            registered("delta", "2025-01", ""),
        ];
        let owing = owing(
            &["alpha", "beta", "gamma", "unheard-of"],
            &platforms,
            &[("delta", &["2025-01"]), ("beta", &["2025-05"])],
        );
        assert_eq!(texts(&owing), ["alpha 2025-04"]);
        assert_eq!(silent(&owing), ["beta", "gamma", "unheard-of"]);
    }

    #[test]
    fn a_program_without_platforms_covers_those_that_anybody_knows() {
        let owing = owing(
            &[],
            &[registered("beta", "", "")],
            &[("alpha", &["2025-03!"])],
        );
        assert_eq!(texts(&owing), ["alpha 2025-03!", "alpha 2025-04"]);
        assert_eq!(silent(&owing), ["beta"]);
    }

    #[test]
    fn a_run_waits_for_what_is_neither_sealed_nor_left_out() {
        let owing = || {
            let reported = [("alpha", &["2025-02!", "2025-03"] as &[&str])];
            owing(&[], &[registered("beta", "", "")], &reported)
        };
        let left_out = |periods: &[&str]| -> BTreeSet<OwedPeriod> {
            let alpha = |text: &&str| owed(&platform("alpha"), period(text));
            periods.iter().map(alpha).collect()
        };
        let missing = |without| match owing().scope(&left_out(without)) {
            Err(ScopeRefused::NotSealed(NotSealed(periods))) => listed(periods.iter()),
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(&[]), "alpha 2025-03, alpha 2025-04");
        assert_eq!(missing(&["2025-03"]), "alpha 2025-04");

        let scope = owing().scope(&left_out(&["2025-04", "2025-03"]));
        let scope = scope.expect("all is there or left out");
        assert_eq!(
            listed(scope.left_out.iter()),
            "alpha 2025-03, alpha 2025-04"
        );
        assert_eq!(scope.silent_platform_ids, [platform("beta")]);
    }

    #[test]
    fn only_what_is_owed_and_open_can_be_left_out() {
        for (id, text, why) in [
            ("alpha", "2025-01", NotMissing::NotOwed),
            ("alpha", "2025-02", NotMissing::Sealed),
            ("alpha", "2025-05", NotMissing::OutsideRun),
            ("alpha", "2024-12", NotMissing::OutsideRun),
            ("beta", "2025-02", NotMissing::NotOwed),
            ("gamma", "2025-02", NotMissing::PlatformNotCovered),
        ] {
            let registered = [
                registered("beta", "", ""),
                registered("gamma", "2025-01", ""),
            ];
            let reported = [("alpha", &["2025-02!", "2025-03"] as &[&str])];
            let owing = owing(&["alpha", "beta"], &registered, &reported);
            let left_out = owed(&platform(id), period(text));
            let refused = owing.scope(&[left_out.clone()].into());
            let expected = LeftOutRefused(vec![(left_out, why)]);
            assert_eq!(refused, Err(expected.into()), "{id} {text}");
        }
        let sealed = (
            owed(&platform("alpha"), period("2025-02")),
            NotMissing::Sealed,
        );
        let told = LeftOutRefused(vec![sealed]).to_string();
        assert!(
            told.ends_with("left out: alpha 2025-02 (it is sealed)"),
            "{told}"
        );
    }

    #[test]
    fn a_message_names_ten_months_and_counts_the_others() {
        let owed: Vec<OwedPeriod> = period("2025-01")
            .through(period("2025-12"))
            .map(|period| owed(&platform("alpha"), period))
            .collect();
        assert!(listed(owed.iter()).ends_with("alpha 2025-10 and 2 more"));
    }
}
