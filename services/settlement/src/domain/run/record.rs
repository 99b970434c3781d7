//! A run, with what it was decided from.

use gazelle_kernel::{Period, ProgramId, Year};
use uuid::Uuid;

use super::{owed::Scope, seal::Seal, state::RunState};
use crate::domain::rules::result::Totals;

/// The settlement of one program and one program year through one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// By which it is known for ever.
    pub run_id: Uuid,
    pub program_id: ProgramId,
    /// Which of the program's runs, from 1.
    pub number: i32,
    /// Fees of this year are settled.
    pub year: Year,
    /// The last period that it reads.
    pub through_period: Period,
    /// The version of the program that decided it.
    pub program_version: i32,
    /// The version that its budget was taken from.
    pub budget_version: i32,
    /// The program's enrollments that it was decided from.
    pub enrollment_revision: i64,
    /// The registry's revision that it was decided from.
    pub registry_revision: i64,
    /// What was left out of it, and which platforms it has nothing of.
    pub scope: Scope,
    /// What its rows add up to.
    pub totals: Totals,
    pub state: RunState,
}

/// How a run is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunName {
    Id(Uuid),
    /// By its program, as one of its runs.
    Numbered {
        program_id: ProgramId,
        /// Which of its runs, from 1; 0: the newest.
        number: i32,
    },
}

/// A run with the seals that it was decided from, by platform and period.
#[derive(Debug)]
pub struct RunDetail {
    pub run: Run,
    /// Each with the digest of what it sealed.
    pub seals: Vec<Seal>,
}
