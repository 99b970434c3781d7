//! Which versions of a program may be in force, year by year.

use std::collections::BTreeMap;

use gazelle_kernel::Year;

use super::super::checked::Program;

/// The versions of one program that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    pub latest: Program,
    /// The version by which a year's first approved run was decided: that year stays with it.
    pub settled: BTreeMap<Year, Program>,
    /// The version by which the open run was decided, with its year, if there is one: approving it
    /// may settle the year by this version, so the shares must hold with it as well.
    pub open: Option<(Year, Program)>,
}

impl Versions {
    /// A program without runs.
    #[must_use]
    pub fn new(latest: Program) -> Self {
        Self {
            latest,
            settled: BTreeMap::new(),
            open: None,
        }
    }

    /// The versions of which one is, or will be, in force in a year; all years but those of
    /// [`Self::years`] are alike.
    pub(super) fn possible(&self, year: Option<Year>) -> Vec<&Program> {
        if let Some(settled) = year.and_then(|year| self.settled.get(&year)) {
            return vec![settled];
        }
        let open = self
            .open
            .as_ref()
            .filter(|(open_year, open)| Some(*open_year) == year && *open != self.latest);
        std::iter::once(&self.latest)
            .chain(open.map(|(_, open)| open))
            .collect()
    }

    /// The years in which another version than the newest may be in force.
    pub(super) fn years(&self) -> impl Iterator<Item = Year> {
        self.settled
            .keys()
            .copied()
            .chain(self.open.iter().map(|(year, _)| *year))
    }
}
