//! Runs, from publication to the end.

use gazelle_kernel::{FeeKind, PlatformId, ProgramId, Uscc};
use gazelle_runtime::detach::detached;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{App, AppError, record};
use crate::{
    domain::{
        rules::render::ResultDigest,
        rules::settle::{EnterpriseResult, Exclusion, Line, Settlement},
        run::{Actor, RunState},
    },
    seal::Seal,
    store::{self, StoreError, budget, program::Pin, run::Run},
};

/// A run with the seals that it was decided from.
#[derive(Debug)]
pub struct RunDetail {
    /// The run.
    pub run: Run,
    /// By platform and period.
    pub seals: Vec<Seal>,
}

impl App {
    /// Puts a computed run on public notice.
    pub async fn publish_run(&self, by: Actor, run_id: Uuid) -> Result<RunDetail, AppError> {
        let app = self.clone();
        detached(async move {
            let mut tx = app.begin().await?;
            let run = lock_run(&mut tx, run_id).await?;
            let version =
                store::program::version(&mut tx, &run.program_id, run.program_version).await?;
            let version = version
                .ok_or_else(|| StoreError::corrupt("run.program_version", &run.program_version))?;
            let now = app.clock.now();

            let notice_days = version.program.terms().notice_days;
            let state = run.state.clone().publish(by.clone(), now, notice_days)?;

            app.save(tx, &by, "run.publish", run, state).await
        })
        .await
    }

    /// Approves what was published: grants its lines and posts them to the budget.
    pub async fn approve_run(
        &self,
        by: Actor,
        run_id: Uuid,
        digest: ResultDigest,
    ) -> Result<RunDetail, AppError> {
        let app = self.clone();
        detached(async move {
            let mut tx = app.begin().await?;
            store::program::share_catalog(&mut tx).await?;
            let run = lock_run(&mut tx, run_id).await?;
            let objection_open = store::objection::any_open(&mut tx, run_id).await?;
            let now = app.clock.now();

            let state = run
                .state
                .clone()
                .approve(by.clone(), now, digest, objection_open)?;

            if state != run.state {
                let year = Pin {
                    program_id: run.program_id.clone(),
                    year: run.year,
                    version: run.program_version,
                };
                store::program::pin(&mut tx, &year).await?;
                budget::post(&mut tx, &entry(&run)).await?;
            }
            app.save(tx, &by, "run.approve", run, state).await
        })
        .await
    }

    /// Drops an open run.
    pub async fn cancel_run(&self, by: Actor, run_id: Uuid) -> Result<RunDetail, AppError> {
        let app = self.clone();
        detached(async move {
            let mut tx = app.begin().await?;
            let run = lock_run(&mut tx, run_id).await?;

            let state = run.state.clone().cancel(by.clone(), app.clock.now())?;

            app.save(tx, &by, "run.cancel", run, state).await
        })
        .await
    }

    /// A run.
    pub async fn run(&self, run_id: Uuid) -> Result<RunDetail, AppError> {
        let mut tx = self.begin().await?;
        let run = find_run(&mut tx, run_id).await?;
        let seals = store::input::seals(&mut tx, run_id).await?;
        Ok(RunDetail { run, seals })
    }

    /// Runs after a key, by program and number.
    pub async fn runs(
        &self,
        of: Option<&ProgramId>,
        after: Option<(&ProgramId, i32)>,
        limit: i64,
    ) -> Result<Vec<Run>, AppError> {
        let mut tx = self.begin().await?;
        Ok(store::run::page(&mut tx, of, after, limit).await?)
    }

    /// What a run decides after a key, by enterprise.
    pub async fn run_enterprises(
        &self,
        run_id: Uuid,
        after: Option<&Uscc>,
        limit: i64,
    ) -> Result<Vec<EnterpriseResult>, AppError> {
        let mut tx = self.begin().await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::result::enterprises(&mut tx, run_id, after, Some(limit)).await?)
    }

    /// A run's lines after a key, by enterprise, platform and fee kind.
    pub async fn run_lines(
        &self,
        run_id: Uuid,
        after: Option<&(Uscc, PlatformId, FeeKind)>,
        limit: i64,
    ) -> Result<Vec<Line>, AppError> {
        let mut tx = self.begin().await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::result::lines(&mut tx, run_id, after, Some(limit)).await?)
    }

    /// What a run excluded, by reason.
    pub async fn run_exclusions(&self, run_id: Uuid) -> Result<Vec<Exclusion>, AppError> {
        let mut tx = self.begin().await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::result::exclusions(&mut tx, run_id).await?)
    }

    /// Saves the state that a run came to, if it is another, and ends the transaction.
    async fn save(
        &self,
        mut tx: sqlx::Transaction<'static, sqlx::Postgres>,
        by: &Actor,
        action: &str,
        run: Run,
        state: RunState,
    ) -> Result<RunDetail, AppError> {
        let seals = store::input::seals(&mut tx, run.run_id).await?;
        if state == run.state {
            return Ok(RunDetail { run, seals });
        }
        let run = Run { state, ..run };
        store::run::update(&mut tx, &run).await?;
        let content = serde_json::json!({ "digest": run.state.digest().to_string() }).to_string();
        let subject = run.run_id.to_string();
        record(&mut tx, by, self.clock.now(), action, &subject, &content).await?;
        tx.commit().await?;
        Ok(RunDetail { run, seals })
    }
}

/// The run, or that there is none.
pub(super) async fn find_run(tx: &mut PgConnection, run_id: Uuid) -> Result<Run, AppError> {
    store::run::find(tx, run_id)
        .await?
        .ok_or(AppError::RunNotFound(run_id))
}

/// The run, which with its program nobody else changes until the transaction ends.
pub(super) async fn lock_run(tx: &mut PgConnection, run_id: Uuid) -> Result<Run, AppError> {
    let run = find_run(&mut *tx, run_id).await?;
    store::program::lock(&mut *tx, &run.program_id).await?;
    store::run::lock(tx, run_id)
        .await?
        .ok_or(AppError::RunNotFound(run_id))
}

/// What approving a run posts to the year's budget.
fn entry(run: &Run) -> budget::Entry {
    budget::Entry {
        program_id: run.program_id.clone(),
        year: run.year,
        run_id: run.run_id,
        released_fen: run.totals.released_fen,
        before_fen: run.totals.granted_before_fen,
        granted_fen: run.totals.granted_fen,
        clawed_back_fen: run.totals.clawed_back_fen,
    }
}

/// A run's result as it is stored.
pub(super) async fn stored_settlement(
    tx: &mut PgConnection,
    run: &Run,
) -> Result<Settlement, StoreError> {
    Ok(Settlement {
        enterprises: store::result::enterprises(&mut *tx, run.run_id, None, None).await?,
        lines: store::result::lines(&mut *tx, run.run_id, None, None).await?,
        exclusions: store::result::exclusions(tx, run.run_id).await?,
        totals: run.totals,
    })
}
