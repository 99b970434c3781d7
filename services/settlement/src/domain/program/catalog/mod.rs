//! All programs together: which version of each is in force, and that no fee is shared beyond
//! itself (`SETTLEMENT.md`, What is settled and Eligibility).

mod shares;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Date, FeeKind, PlatformId, ProgramId, Year};

use self::shares::beyond_the_fee;
pub use self::versions::Versions;
use super::{checked::Program, terms::Share};

/// All programs, which hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog(BTreeMap<ProgramId, Versions>);

/// What applying a program comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    Created,
    /// It is a new version.
    Changed,
    /// It is there already, the same.
    Unchanged,
}

/// Why programs do not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// A program yields to one that is not known.
    #[error("program {program_id} yields to {excluded}, which is not known")]
    ExcludedProgramUnknown {
        program_id: ProgramId,
        excluded: ProgramId,
    },
    /// Programs yield to one another in a circle.
    #[error("programs yield to one another in a circle: {}", list(.0))]
    ExcludesCircle(Vec<ProgramId>),
    /// Programs that do not yield to one another share a fee beyond itself.
    #[error("programs {} together share {total_bps} bps of {fee_kind} on {} on {date}, beyond 10000", list(.programs), platform_id.as_ref().map_or("any other platform", PlatformId::as_str))]
    SharesExceedFee {
        /// The programs, by id.
        programs: Vec<ProgramId>,
        /// The platform; `None`: one that no program names.
        platform_id: Option<PlatformId>,
        fee_kind: FeeKind,
        /// A day on which they do.
        date: Date,
        /// What they share together.
        total_bps: u32,
    },
}

fn list(programs: &[ProgramId]) -> String {
    programs
        .iter()
        .map(ProgramId::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Catalog {
    /// Programs as they are recorded. They were checked when they were applied; [`Self::check`]
    /// checks them again.
    #[must_use]
    pub fn new(programs: impl IntoIterator<Item = Versions>) -> Self {
        Self(
            programs
                .into_iter()
                .map(|versions| (versions.latest.id().clone(), versions))
                .collect(),
        )
    }

    fn get(&self, id: &ProgramId) -> Option<&Versions> {
        self.0.get(id)
    }

    /// Adds a program or its next version; on a refusal nothing is changed.
    pub fn apply(&mut self, program: Program) -> Result<Application, CatalogError> {
        let mut changed = self.clone();
        let application = match changed.0.get_mut(program.id()) {
            Some(versions) if versions.latest == program => return Ok(Application::Unchanged),
            Some(versions) => {
                versions.latest = program;
                Application::Changed
            }
            None => {
                changed
                    .0
                    .insert(program.id().clone(), Versions::new(program));
                Application::Created
            }
        };
        changed.check()?;
        *self = changed;
        Ok(application)
    }

    /// Checks that `excludes` names known programs and makes no circle, and that shares stay
    /// within the fee.
    pub fn check(&self) -> Result<(), CatalogError> {
        for versions in self.0.values() {
            let unknown = versions
                .latest
                .terms()
                .excluded_program_ids
                .iter()
                .find(|excluded| !self.0.contains_key(excluded));
            if let Some(excluded) = unknown {
                return Err(CatalogError::ExcludedProgramUnknown {
                    program_id: versions.latest.id().clone(),
                    excluded: excluded.clone(),
                });
            }
        }
        let years: BTreeSet<Option<Year>> = self
            .0
            .values()
            .flat_map(Versions::years)
            .map(Some)
            .chain([None])
            .collect();
        years
            .into_iter()
            .try_for_each(|year| self.check_circle(year))?;
        self.check_shares()
    }

    /// Follows `excludes` of a year from every program; with two possible versions, those of both.
    fn check_circle(&self, year: Option<Year>) -> Result<(), CatalogError> {
        // Programs from which no circle is reached.
        let mut clear: BTreeSet<&ProgramId> = BTreeSet::new();
        for start in self.0.keys() {
            // A path from `start`, each program with what of its `excludes` is still to be
            // followed.
            let mut path = vec![(start, self.excludes(start, year))];
            while let Some((id, next)) = path.last_mut() {
                let Some(next) = next.pop() else {
                    clear.insert(*id);
                    path.pop();
                    continue;
                };
                if let Some(at) = path.iter().position(|(id, _)| *id == next) {
                    return Err(CatalogError::ExcludesCircle(
                        path[at..].iter().map(|(id, _)| (*id).clone()).collect(),
                    ));
                }
                if !clear.contains(next) {
                    path.push((next, self.excludes(next, year)));
                }
            }
        }
        Ok(())
    }

    fn excludes(&self, id: &ProgramId, year: Option<Year>) -> Vec<&ProgramId> {
        let versions = self
            .get(id)
            .map(|versions| versions.possible(year))
            .unwrap_or_default();
        versions
            .into_iter()
            .flat_map(|version| &version.terms().excluded_program_ids)
            .collect()
    }

    /// On which days the programs in force may become others: the first day that can be settled,
    /// first days of terms, and both ends of years with a version of their own. The last days of
    /// terms matter not: without a program, less is shared.
    fn days(&self) -> BTreeSet<Date> {
        let (first, last) = (Year::new(2000), Year::new(2099));
        let bounds = [first, last].map(|year| year.expect("years that can be settled").days());
        let settled = self.0.values().flat_map(Versions::years);
        let starts = self.0.values().flat_map(|versions| {
            let others = versions
                .settled
                .values()
                .chain(versions.open.as_ref().map(|(_, open)| open));
            others
                .chain([&versions.latest])
                .map(|version| version.terms().term.from())
        });
        let days = settled
            .flat_map(|year| [Some(year.first_day()), year.days().to()])
            .flatten()
            .chain(starts)
            .chain([bounds[0].from()]);
        days.filter(|day| (bounds[0].from()..=last_day(bounds[1])).contains(day))
            .collect()
    }

    fn check_shares(&self) -> Result<(), CatalogError> {
        let all = || {
            self.0.values().flat_map(|versions| {
                versions
                    .settled
                    .values()
                    .chain(versions.open.as_ref().map(|(_, open)| open))
                    .chain([&versions.latest])
            })
        };
        let platforms: BTreeSet<Option<&PlatformId>> = all()
            .flat_map(|version| &version.terms().platform_ids)
            .map(Some)
            .chain([None])
            .collect();
        let fee_kinds: BTreeSet<&FeeKind> = all()
            .flat_map(|version| &version.terms().shares)
            .map(|share| &share.fee_kind)
            .collect();
        for date in self.days() {
            let year = Year::new(date.year()).ok();
            let in_force: Vec<&Program> = self
                .0
                .values()
                .flat_map(|versions| versions.possible(year))
                .filter(|version| version.terms().term.contains(date))
                .collect();
            for &platform_id in &platforms {
                for &fee_kind in &fee_kinds {
                    if let Some(programs) = beyond_the_fee(&in_force, platform_id, fee_kind) {
                        return Err(CatalogError::SharesExceedFee {
                            total_bps: programs
                                .iter()
                                .filter_map(|program| program.share(fee_kind))
                                .map(Share::shared_bps)
                                .sum(),
                            programs: programs
                                .into_iter()
                                .map(|program| program.id().clone())
                                .collect(),
                            platform_id: platform_id.cloned(),
                            fee_kind: fee_kind.clone(),
                            date,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

fn last_day(days: gazelle_kernel::Interval) -> Date {
    days.to().and_then(Date::previous_day).expect("a year ends")
}
