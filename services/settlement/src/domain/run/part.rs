//! By which steps somebody has a part in what a run decides, and so can't approve it.

use gazelle_kernel::Actor;

/// A step by which somebody had a part in what a run decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Applied the version of the program that it is decided by.
    AppliedProgram,
    /// Applied the version that its budget is taken from.
    SetBudget,
    Computed,
    /// Put it on public notice.
    Published,
    /// Decided an objection to it, whichever way.
    DecidedObjection,
}

impl Part {
    /// What was done, for people.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::AppliedProgram => "applied the program's version that decides the run",
            Self::SetBudget => "applied the program's version that sets the run's budget",
            Self::Computed => "computed the run",
            Self::Published => "published the run",
            Self::DecidedObjection => "decided an objection to the run",
        }
    }

    /// What was done, for programs: the action as the trail names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppliedProgram | Self::SetBudget => "program.apply",
            Self::Computed => "run.compute",
            Self::Published => "run.publish",
            Self::DecidedObjection => "objection.decide",
        }
    }
}

/// Who applied the versions of its program that a run is decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedBy {
    pub program: Actor,
    pub budget: Actor,
}
