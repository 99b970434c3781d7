//! All facts of a settlement, put in reach.

use foldhash::HashMap;
use gazelle_kernel::{Interval, MerchantId, PlatformId, ProgramId, Uscc};

use super::{
    enrollments::Enrollments,
    enterprise::EnterpriseFacts,
    owners::{Binding, Owners},
};
use crate::domain::enrollment::Enrollment;

/// Facts that contradict one another; the registry and the enrollments refuse such rows, so this
/// is a fault of the system, and told to the log, without enterprises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// An enterprise stands there twice.
    #[error("an enterprise stands in the facts twice")]
    EnterpriseRepeated(Uscc),
    /// A binding names an enterprise that is not there.
    #[error("an account of {platform_id} is bound to an enterprise that is not in the facts")]
    EnterpriseUnknown {
        /// Where the shop is.
        platform_id: PlatformId,
        /// Whose it would be.
        uscc: Uscc,
    },
    /// Two bindings of one shop hold on the same day.
    #[error("bindings of an account of {platform_id} overlap")]
    BindingsOverlap {
        /// Where the shop is.
        platform_id: PlatformId,
        /// Its name there.
        merchant_id: MerchantId,
    },
    /// Two enrollments of one enterprise in one program hold on the same day.
    #[error("enrollments of an enterprise in {program_id} overlap")]
    EnrollmentsOverlap { program_id: ProgramId, uscc: Uscc },
}

/// All facts of a settlement. The order in which they were given does not matter.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    enterprises: Vec<EnterpriseFacts>,
    by_uscc: HashMap<Uscc, usize>,
    bindings: HashMap<PlatformId, HashMap<MerchantId, Vec<(Interval, usize)>>>,
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
        for binding in bindings {
            facts.bind(binding)?;
        }
        for enrollment in enrollments {
            facts.enroll(enrollment)?;
        }
        Ok(facts)
    }

    fn bind(&mut self, binding: Binding) -> Result<(), FactsError> {
        let Binding {
            platform_id,
            merchant_id,
            uscc,
            bound,
        } = binding;
        let Some(&owner) = self.by_uscc.get(&uscc) else {
            return Err(FactsError::EnterpriseUnknown { platform_id, uscc });
        };
        let shops = self.bindings.entry(platform_id.clone()).or_default();
        let owners = shops.entry(merchant_id.clone()).or_default();
        if owners.iter().any(|(other, _)| other.overlaps(bound)) {
            return Err(FactsError::BindingsOverlap {
                platform_id,
                merchant_id,
            });
        }
        owners.push((bound, owner));
        Ok(())
    }

    fn enroll(&mut self, enrollment: Enrollment) -> Result<(), FactsError> {
        let (program_id, uscc) = (enrollment.program_id.clone(), enrollment.uscc);
        let enrolled = self.enrollments.entry(program_id.clone()).or_default();
        let own = enrolled.entry(uscc).or_default();
        let overlaps = |other: &Enrollment| other.effective.overlaps(enrollment.effective);
        if own.iter().any(overlaps) {
            return Err(FactsError::EnrollmentsOverlap { program_id, uscc });
        }
        own.push(enrollment);
        Ok(())
    }

    /// The enterprise, if it is known.
    #[must_use]
    pub fn enterprise(&self, uscc: &Uscc) -> Option<&EnterpriseFacts> {
        self.by_uscc.get(uscc).map(|&at| &self.enterprises[at])
    }

    /// The owners of a shop on a platform; one that nobody was ever bound to has none on any day.
    #[must_use]
    pub fn owners(&self, platform_id: &PlatformId, merchant_id: &MerchantId) -> Owners<'_> {
        let bindings = self
            .bindings
            .get(platform_id)
            .and_then(|shops| shops.get(merchant_id));
        Owners {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{
        binding, date, enrollment, enterprise, instant, interval, merchant, platform, program_id,
        uscc, year,
    };

    #[test]
    fn a_shop_changes_hands_on_a_date() {
        let sold = Binding {
            bound: interval("2015-01-01", "2017-03-01"),
            ..binding("alpha", 0)
        };
        let bought = Binding {
            uscc: uscc(1),
            bound: interval("2017-03-01", "2017-05-01"),
            ..sold.clone()
        };
        let enterprises = vec![enterprise(0), enterprise(1)];
        let facts = Facts::new(enterprises, vec![bought, sold], vec![]).expect("facts");
        let owner = |platform_id, day| {
            let owners = facts.owners(&platform(platform_id), &merchant(0));
            owners.on(date(day)).map(|owner| owner.uscc)
        };
        assert_eq!(
            ["2014-12-31", "2017-02-28", "2017-03-01", "2017-05-01"].map(|day| owner("alpha", day)),
            [None, Some(uscc(0)), Some(uscc(1)), None]
        );
        assert_eq!(owner("beta", "2017-01-01"), None);
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
        let enrollments = vec![
            split("2010-01-01T00:00:00Z", "2015-01-01", "2017-01-01"),
            split("2016-03-01T00:00:00+08:00", "2017-06-01", "2018-06-01"),
            split("2016-02-29T17:00:00Z", "2017-02-01", "2017-06-01"),
            split("2011-01-01T00:00:00Z", "2018-06-01", ""),
        ];
        let facts = Facts::new(vec![], vec![], enrollments).expect("facts");
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
