//! The versions of a program: none ever changes.

use gazelle_kernel::{Actor, Instant};

use super::checked::Program;

/// A version of a program, with who applied it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub program: Program,
    /// Counts the versions of the program, from 1.
    pub number: i32,
    /// Who made it the newest.
    pub applied_by: Actor,
    /// When it became the newest.
    pub applied_at: Instant,
}

/// A program as it stands once terms were applied.
#[derive(Debug)]
pub struct Applied {
    pub version: Version,
    /// Whether that was made now.
    pub changed: bool,
}

/// A program as it stands for one year.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The newest version.
    pub latest: Version,
    /// The version that the year is settled by, once it has an approved run.
    pub pinned: Option<Version>,
    /// How often its enrollments changed.
    pub enrollment_revision: i64,
}

impl Standing {
    /// The version by which the year is settled.
    #[must_use]
    pub fn deciding(&self) -> &Version {
        self.pinned.as_ref().unwrap_or(&self.latest)
    }

    /// The program as it is in force for the year: of a year that has an approved run, only the
    /// budget is that of the newest version.
    #[must_use]
    pub fn in_force(&self) -> Program {
        self.pinned.as_ref().map_or_else(
            || self.latest.program.clone(),
            |pinned| pinned.program.with_budgets_of(&self.latest.program),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{budget, instant, share, terms, year};

    #[test]
    fn a_settled_year_keeps_its_version_but_not_its_budget() {
        let version = |number, bps, fen| {
            let mut terms = terms("share");
            terms.shares = vec![share("COMMISSION", bps, 0)];
            terms.budgets = vec![budget(2017, fen)];
            Version {
                program: Program::new(terms).expect("a program"),
                number,
                applied_by: Actor::new("person:li"),
                applied_at: instant("2017-01-01T00:00:00Z"),
            }
        };
        let (old, new) = (version(1, 6_000, 1), version(2, 1_000, 5));
        let mut standing = Standing {
            latest: new.clone(),
            pinned: None,
            enrollment_revision: 0,
        };
        assert_eq!(standing.in_force(), new.program);
        standing.pinned = Some(old.clone());
        let settled = standing.in_force();
        assert_eq!(settled.terms().shares, old.program.terms().shares);
        assert_eq!(settled.budget(year(2017)), new.program.budget(year(2017)));
        assert_eq!(standing.deciding(), &old);
    }
}
