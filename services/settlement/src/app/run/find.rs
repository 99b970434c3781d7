//! Finding a run, and its result as it is stored.

use gazelle_runtime::store::{StoreError, snapshot};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::{
        App,
        error::{AppError, NotFound},
    },
    domain::{
        rules::result::Settlement,
        run::{Run, RunDetail, RunName},
    },
    store,
};

impl App {
    /// The run of that name.
    pub async fn get_run(&self, name: &RunName) -> Result<RunDetail, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let run = match name {
            RunName::Id(run_id) => find_run(&mut tx, *run_id).await?,
            RunName::Numbered { program_id, number } => {
                let run = store::run::find_numbered(&mut tx, program_id, *number).await?;
                run.ok_or_else(|| NotFound::RunNumber {
                    program_id: program_id.clone(),
                    number: *number,
                })?
            }
        };
        Ok(detail(&mut tx, run).await?)
    }
}

/// A run with its seals.
pub(in crate::app) async fn detail(
    tx: &mut PgConnection,
    run: Run,
) -> Result<RunDetail, StoreError> {
    let seals = store::run::input::seals(tx, run.run_id).await?;
    Ok(RunDetail { run, seals })
}

/// The run, or that there is none.
pub(in crate::app) async fn find_run(tx: &mut PgConnection, run_id: Uuid) -> Result<Run, AppError> {
    let run = store::run::find(tx, run_id).await?;
    run.ok_or_else(|| NotFound::Run(run_id).into())
}

/// The run, which with its program nobody else changes until the transaction ends.
pub(in crate::app) async fn lock_run(tx: &mut PgConnection, run_id: Uuid) -> Result<Run, AppError> {
    let run = find_run(&mut *tx, run_id).await?;
    store::program::lock(&mut *tx, &run.program_id).await?;
    let run = store::run::lock(tx, run_id).await?;
    run.ok_or_else(|| NotFound::Run(run_id).into())
}

/// A run's result as it is stored.
pub(in crate::app) async fn stored_settlement(
    tx: &mut PgConnection,
    run: &Run,
) -> Result<Settlement, StoreError> {
    Ok(Settlement {
        enterprises: store::run::result::all_enterprises(&mut *tx, run.run_id).await?,
        lines: store::run::result::all_lines(&mut *tx, run.run_id).await?,
        exclusions: store::run::result::exclusions(tx, run.run_id).await?,
        totals: run.totals,
    })
}
