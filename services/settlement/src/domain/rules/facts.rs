//! What is known about enterprises, their shops and their enrollments, looked up by date.
//!
//! A settlement reads its facts from here alone. They are as the registry and the enrollments were
//! recorded at one moment, and are kept with the run.

use std::collections::BTreeMap;

use foldhash::HashMap;
use gazelle_kernel::{
    Date, DistrictCode, IndustryCode, Instant, Interval, MerchantId, PlatformId, ProgramId,
    SizeClass, Uscc, Year, size_class,
};
use serde::{Deserialize, Serialize};

use crate::domain::enrollment::Enrollment;

/// A value that changes on dates; the first holds from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline<T> {
    first: T,
    #[serde(
        serialize_with = "dated::serialize",
        deserialize_with = "dated::deserialize",
        bound(deserialize = "T: Deserialize<'de>")
    )]
    changes: BTreeMap<Date, T>,
}

/// Values by their days, as a list of pairs.
mod dated {
    use std::collections::BTreeMap;

    use gazelle_kernel::{Date, date_text};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Dated<T>(#[serde(with = "date_text")] Date, T);

    pub fn serialize<T: Serialize, S: Serializer>(
        values: &BTreeMap<Date, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|(day, value)| Dated(*day, value)))
    }

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Date, T>, D::Error> {
        let values = Vec::<Dated<T>>::deserialize(deserializer)?;
        Ok(values
            .into_iter()
            .map(|Dated(day, value)| (day, value))
            .collect())
    }
}

impl<T> Timeline<T> {
    /// `first` from the start, and each change from its date on.
    #[must_use]
    pub fn new(first: T, changes: BTreeMap<Date, T>) -> Self {
        Self { first, changes }
    }

    /// The value of a day.
    #[must_use]
    pub fn at(&self, day: Date) -> &T {
        self.changes
            .range(..=day)
            .next_back()
            .map_or(&self.first, |(_, value)| value)
    }

    /// The value from the start.
    #[must_use]
    pub fn first(&self) -> &T {
        &self.first
    }

    /// The later values, each with its first day.
    #[must_use]
    pub fn changes(&self) -> &BTreeMap<Date, T> {
        &self.changes
    }
}

/// What an enterprise filed for a fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// Persons employed.
    pub headcount: i64,
    /// Revenue of the year, in fen.
    pub annual_revenue_fen: i64,
    /// Total assets at its end, in fen.
    pub total_assets_fen: i64,
}

impl Filing {
    /// The size class that it amounts to in an industry.
    #[must_use]
    pub fn size_class(&self, industry: &IndustryCode) -> SizeClass {
        size_class::classify(
            industry,
            self.headcount,
            gazelle_kernel::Fen::new(self.annual_revenue_fen),
            gazelle_kernel::Fen::new(self.total_assets_fen),
        )
    }
}

/// What the registry holds about an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterpriseFacts {
    /// The enterprise.
    pub uscc: Uscc,
    /// Its industry.
    pub industry: Timeline<IndustryCode>,
    /// Its district.
    pub district: Timeline<DistrictCode>,
    /// Its filings by fiscal year.
    pub filings: BTreeMap<i32, Filing>,
    /// The days on which it is suspended.
    pub suspensions: Vec<Interval>,
}

impl EnterpriseFacts {
    /// Whether it is suspended on a day.
    #[must_use]
    pub fn suspended_on(&self, day: Date) -> bool {
        self.suspensions
            .iter()
            .any(|suspension| suspension.contains(day))
    }

    /// The newer of the filings for the two fiscal years before a program year, with its year.
    #[must_use]
    pub fn filing_for(&self, program_year: Year) -> Option<(i32, &Filing)> {
        let year = program_year.get();
        [year - 1, year - 2]
            .into_iter()
            .find_map(|fiscal_year| Some((fiscal_year, self.filings.get(&fiscal_year)?)))
    }
}

/// Whose shop an account on a platform is, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The platform.
    pub platform_id: PlatformId,
    /// The platform's name for the account.
    pub merchant_id: MerchantId,
    /// Whose it is.
    pub uscc: Uscc,
    /// On these days.
    pub bound: Interval,
}

/// Facts that contradict one another; the registry and the enrollments refuse such rows, so this
/// is a fault of the system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// An enterprise stands there twice.
    #[error("enterprise {0} stands in the facts twice")]
    EnterpriseRepeated(Uscc),
    /// A binding names an enterprise that is not there.
    #[error("an account of {platform_id} is bound to {uscc}, which is not in the facts")]
    EnterpriseUnknown {
        /// Where the account is.
        platform_id: PlatformId,
        /// Whose it would be.
        uscc: Uscc,
    },
    /// Two bindings of one account hold on the same day.
    #[error("bindings of account {merchant_id} of {platform_id} overlap")]
    BindingsOverlap {
        /// Where the account is.
        platform_id: PlatformId,
        /// Its name there.
        merchant_id: MerchantId,
    },
    /// Two enrollments of one enterprise in one program hold on the same day.
    #[error("enrollments of {uscc} in {program_id} overlap")]
    EnrollmentsOverlap {
        /// The program.
        program_id: ProgramId,
        /// The enterprise.
        uscc: Uscc,
    },
}

/// All facts of a settlement. The order in which they were given does not matter.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    enterprises: Vec<EnterpriseFacts>,
    by_uscc: HashMap<Uscc, usize>,
    accounts: HashMap<PlatformId, HashMap<MerchantId, Vec<(Interval, usize)>>>,
    enrollments: HashMap<ProgramId, HashMap<Uscc, Vec<Enrollment>>>,
}

impl Facts {
    /// Puts rows in reach. Enrollments of enterprises that are not there are no fault: nothing is
    /// bound to those.
    pub fn new(
        enterprises: Vec<EnterpriseFacts>,
        bindings: Vec<Binding>,
        enrollments: Vec<Enrollment>,
    ) -> Result<Self, FactsError> {
        let mut facts = Self {
            enterprises,
            ..Self::default()
        };
        for (at, enterprise) in facts.enterprises.iter().enumerate() {
            if facts.by_uscc.insert(enterprise.uscc, at).is_some() {
                return Err(FactsError::EnterpriseRepeated(enterprise.uscc));
            }
        }
        for Binding {
            platform_id,
            merchant_id,
            uscc,
            bound,
        } in bindings
        {
            let Some(&owner) = facts.by_uscc.get(&uscc) else {
                return Err(FactsError::EnterpriseUnknown { platform_id, uscc });
            };
            let account = facts
                .accounts
                .entry(platform_id.clone())
                .or_default()
                .entry(merchant_id.clone())
                .or_default();
            if account.iter().any(|(other, _)| other.overlaps(bound)) {
                return Err(FactsError::BindingsOverlap {
                    platform_id,
                    merchant_id,
                });
            }
            account.push((bound, owner));
        }
        for enrollment in enrollments {
            let Enrollment {
                program_id,
                uscc,
                effective,
                ..
            } = enrollment.clone();
            let enrolled = facts
                .enrollments
                .entry(program_id.clone())
                .or_default()
                .entry(uscc)
                .or_default();
            if enrolled
                .iter()
                .any(|other| other.effective.overlaps(effective))
            {
                return Err(FactsError::EnrollmentsOverlap { program_id, uscc });
            }
            enrolled.push(enrollment);
        }
        Ok(facts)
    }

    /// The enterprise, if it is known.
    #[must_use]
    pub fn enterprise(&self, uscc: &Uscc) -> Option<&EnterpriseFacts> {
        self.by_uscc.get(uscc).map(|&at| &self.enterprises[at])
    }

    /// An account on a platform; one that nobody was ever bound to has no owner on any day.
    #[must_use]
    pub fn account(&self, platform_id: &PlatformId, merchant_id: &MerchantId) -> Account<'_> {
        let bindings = self
            .accounts
            .get(platform_id)
            .and_then(|accounts| accounts.get(merchant_id));
        Account {
            enterprises: &self.enterprises,
            bindings: bindings.map_or(&[], Vec::as_slice),
        }
    }

    /// The enrollments in a program.
    #[must_use]
    pub fn enrollments(&self, program_id: &ProgramId) -> Enrollments<'_> {
        Enrollments(self.enrollments.get(program_id))
    }
}

/// An account, found once and asked for many days.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    enterprises: &'a [EnterpriseFacts],
    bindings: &'a [(Interval, usize)],
}

impl<'a> Account<'a> {
    /// Who it was bound to on a day.
    #[must_use]
    pub fn owner(&self, day: Date) -> Option<&'a EnterpriseFacts> {
        self.bindings
            .iter()
            .find(|(bound, _)| bound.contains(day))
            .map(|&(_, owner)| &self.enterprises[owner])
    }
}

/// The enrollments in one program.
#[derive(Debug, Clone, Copy)]
pub struct Enrollments<'a>(Option<&'a HashMap<Uscc, Vec<Enrollment>>>);

impl<'a> Enrollments<'a> {
    /// Those of an enterprise.
    #[must_use]
    pub fn of(&self, uscc: &Uscc) -> &'a [Enrollment] {
        self.0
            .and_then(|enrolled| enrolled.get(uscc))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether one of the enterprise's covers a day.
    #[must_use]
    pub fn cover(&self, uscc: &Uscc, day: Date) -> bool {
        self.of(uscc)
            .iter()
            .any(|enrollment| enrollment.effective.contains(day))
    }

    /// When the enterprise first applied, of those that overlap a program year, whatever the
    /// program's term (`SETTLEMENT.md`, Budget).
    #[must_use]
    pub fn first_applied_at(&self, uscc: &Uscc, program_year: Year) -> Option<Instant> {
        let in_year = |enrollment: &&Enrollment| enrollment.effective.overlaps(program_year.days());
        self.of(uscc)
            .iter()
            .filter(in_year)
            .map(|enrollment| enrollment.applied_at)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{
        binding, date, enrollment, enterprise, instant, interval, merchant, platform, program_id,
        uscc, year,
    };

    #[test]
    fn a_value_holds_from_its_date_until_the_next() {
        let timeline = Timeline::new(1, [(date("2017-03-01"), 2), (date("2017-05-01"), 3)].into());
        let at = |day| *timeline.at(date(day));
        assert_eq!(
            [
                "1900-01-01",
                "2017-02-28",
                "2017-03-01",
                "2017-04-30",
                "2017-05-01",
                "2999-01-01"
            ]
            .map(at),
            [1, 1, 2, 2, 3, 3]
        );
    }

    #[test]
    fn the_newer_of_the_two_years_before_counts() {
        let filing = |headcount| Filing {
            headcount,
            annual_revenue_fen: 0,
            total_assets_fen: 0,
        };
        let mut enterprise = enterprise(0);
        enterprise.filings = [
            (2014, filing(14)),
            (2015, filing(15)),
            (2016, filing(16)),
            (2017, filing(17)),
        ]
        .into();
        let counts =
            |enterprise: &EnterpriseFacts| enterprise.filing_for(year(2017)).map(|(year, _)| year);
        assert_eq!(counts(&enterprise), Some(2016));
        enterprise.filings.remove(&2016);
        assert_eq!(counts(&enterprise), Some(2015));
        enterprise.filings.remove(&2015);
        assert_eq!(counts(&enterprise), None);
    }

    #[test]
    fn an_account_changes_hands_on_a_date() {
        let sold = Binding {
            bound: interval("2015-01-01", "2017-03-01"),
            ..binding("alpha", 0)
        };
        let bought = Binding {
            uscc: uscc(1),
            bound: interval("2017-03-01", "2017-05-01"),
            ..sold.clone()
        };
        let facts = Facts::new(
            vec![enterprise(0), enterprise(1)],
            vec![bought, sold],
            vec![],
        )
        .expect("facts");
        let owner = |day| {
            facts
                .account(&platform("alpha"), &merchant(0))
                .owner(date(day))
                .map(|owner| owner.uscc)
        };
        assert_eq!(
            ["2014-12-31", "2017-02-28", "2017-03-01", "2017-05-01"].map(owner),
            [None, Some(uscc(0)), Some(uscc(1)), None]
        );
        assert!(
            facts
                .account(&platform("beta"), &merchant(0))
                .owner(date("2017-01-01"))
                .is_none()
        );
    }

    #[test]
    fn contradictions_are_refused() {
        let new = |enterprises, bindings, enrollments| {
            Facts::new(enterprises, bindings, enrollments).err()
        };
        assert_eq!(
            new(vec![enterprise(0), enterprise(0)], vec![], vec![]),
            Some(FactsError::EnterpriseRepeated(uscc(0)))
        );
        assert!(matches!(
            new(vec![], vec![binding("alpha", 0)], vec![]),
            Some(FactsError::EnterpriseUnknown { .. })
        ));
        let twice = vec![binding("alpha", 0), binding("alpha", 0)];
        assert!(matches!(
            new(vec![enterprise(0)], twice, vec![]),
            Some(FactsError::BindingsOverlap { .. })
        ));
        assert!(matches!(
            new(vec![], vec![], vec![enrollment(0), enrollment(0)]),
            Some(FactsError::EnrollmentsOverlap { .. })
        ));
    }

    #[test]
    fn the_first_application_of_the_year_counts() {
        let split = |applied_at, from, to| Enrollment {
            applied_at: instant(applied_at),
            effective: interval(from, to),
            ..enrollment(0)
        };
        let facts = Facts::new(
            vec![],
            vec![],
            vec![
                split("2010-01-01T00:00:00Z", "2015-01-01", "2017-01-01"),
                split("2016-03-01T00:00:00+08:00", "2017-06-01", "2018-06-01"),
                split("2016-02-29T17:00:00Z", "2017-02-01", "2017-06-01"),
                split("2011-01-01T00:00:00Z", "2018-06-01", ""),
            ],
        )
        .expect("facts");
        let enrollments = facts.enrollments(&program_id("share"));
        assert_eq!(
            enrollments.first_applied_at(&uscc(0), year(2017)),
            Some(instant("2016-02-29T16:00:00Z"))
        );
        assert_eq!(enrollments.first_applied_at(&uscc(1), year(2017)), None);
        assert!(
            enrollments.cover(&uscc(0), date("2017-02-01"))
                && !enrollments.cover(&uscc(0), date("2017-01-31"))
        );
    }
}
