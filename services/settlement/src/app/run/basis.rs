//! What the own tables say a run is to be decided from.
//!
//! Nothing is locked while other services are asked. So what was read from the own tables is
//! compared again under the program's lock before the run is saved.

use std::collections::BTreeMap;

use gazelle_kernel::{ProgramId, Year};
use gazelle_runtime::store::snapshot;
use sqlx::PgConnection;

use crate::{
    app::{
        App,
        error::{AppError, ComputeRefused, NotFound},
    },
    domain::{
        enrollment::Enrollment,
        program::{Program, Standing},
        rules::inputs::PriorLine,
        run::{Computation, check_period},
    },
    store,
};

/// What the own tables say a run is to be decided from.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    pub stamp: Stamp,
    /// The program as it is in force for the year.
    pub program: Program,
    /// The programs that it yields to, likewise.
    pub others: Vec<Program>,
    pub enrollments: Vec<Enrollment>,
    pub prior: Vec<PriorLine>,
}

/// Tells whether a basis is still current: equal stamps, equal bases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub program: ProgramStamp,
    others: BTreeMap<ProgramId, ProgramStamp>,
    /// Of the program's last run, closed or not.
    pub last_number: i32,
}

/// Tells whether a program is still as it was for a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProgramStamp {
    pub deciding_version: i32,
    pub latest_version: i32,
    pub enrollment_revision: i64,
}

/// Refuses while a run of the program is open, which is its last.
pub(super) async fn refuse_second(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<(), AppError> {
    match store::run::open_id(&mut *tx, program_id).await? {
        Some(run_id) => Err(ComputeRefused::RunOpen {
            run_id,
            program_id: program_id.clone(),
            number: store::run::last_number(tx, program_id).await?,
        }
        .into()),
        None => Ok(()),
    }
}

impl App {
    /// Reads what a run is to be decided from, unless it can't be computed now.
    pub(super) async fn read_basis(&self, computation: &Computation) -> Result<Basis, AppError> {
        let Computation {
            program_id,
            year,
            through_period,
            ..
        } = computation;
        let mut tx = snapshot(&self.pool).await?;
        let standing = standing(&mut tx, program_id, *year).await?;
        refuse_second(&mut tx, program_id).await?;
        let last = store::run::last_approved_through(&mut tx, program_id, *year).await?;
        let now = store::clock::now(&mut tx).await?;
        check_period(*year, *through_period, last, now).map_err(ComputeRefused::Period)?;

        let program = standing.in_force();
        let others = others(&mut tx, &program, *year).await?;
        let last_number = store::run::last_number(&mut tx, program_id).await?;
        let stamp = Stamp::new(&standing, &others, last_number);
        let others: Vec<Program> = others.iter().map(Standing::in_force).collect();
        let programs = std::iter::once(&program).chain(&others);
        let programs: Vec<ProgramId> = programs.map(|program| program.id().clone()).collect();
        let enrollments = store::enrollment::in_programs(&mut tx, &programs).await?;
        let prior = store::run::result::prior(&mut tx, program_id, *year, i32::MAX).await?;
        Ok(Basis {
            stamp,
            program,
            others,
            enrollments,
            prior,
        })
    }
}

/// The stamp of what a run would be decided from now.
pub(super) async fn current_stamp(
    tx: &mut PgConnection,
    computation: &Computation,
) -> Result<Stamp, AppError> {
    let (program_id, year) = (&computation.program_id, computation.year);
    let standing = standing(&mut *tx, program_id, year).await?;
    let others = others(&mut *tx, &standing.in_force(), year).await?;
    let last_number = store::run::last_number(tx, program_id).await?;
    Ok(Stamp::new(&standing, &others, last_number))
}

impl Stamp {
    fn new(program: &Standing, others: &[Standing], last_number: i32) -> Self {
        let other = |standing: &Standing| {
            let id = standing.latest.program.id().clone();
            (id, ProgramStamp::new(standing))
        };
        Self {
            program: ProgramStamp::new(program),
            others: others.iter().map(other).collect(),
            last_number,
        }
    }
}

impl ProgramStamp {
    fn new(standing: &Standing) -> Self {
        Self {
            deciding_version: standing.deciding().number,
            latest_version: standing.latest.number,
            enrollment_revision: standing.enrollment_revision,
        }
    }
}

/// How a program stands for a year, or that there is none.
pub(super) async fn standing(
    tx: &mut PgConnection,
    id: &ProgramId,
    year: Year,
) -> Result<Standing, AppError> {
    let standing = store::program::standing(tx, id, year).await?;
    standing.ok_or_else(|| NotFound::Program(id.clone()).into())
}

/// How the programs stand that a program yields to.
async fn others(
    tx: &mut PgConnection,
    program: &Program,
    year: Year,
) -> Result<Vec<Standing>, AppError> {
    let mut others = Vec::new();
    for id in &program.terms().excluded_program_ids {
        others.push(standing(&mut *tx, id, year).await?);
    }
    Ok(others)
}
