//! Lists of runs, and of what they decide.

use gazelle_kernel::{FeeKind, PlatformId, ProgramId, Uscc};
use gazelle_runtime::store::snapshot;
use uuid::Uuid;

use super::find::find_run;
use crate::{
    app::{App, error::AppError},
    domain::{
        rules::result::{EnterpriseResult, Exclusion, Line},
        run::Run,
    },
    store,
};

impl App {
    /// Runs after a key, by program and number; of one program where it is named.
    pub async fn list_runs(
        &self,
        program: Option<&ProgramId>,
        after: Option<(&ProgramId, i32)>,
        limit: i64,
    ) -> Result<Vec<Run>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        Ok(store::run::page(&mut tx, program, after, limit).await?)
    }

    /// What a run decides after a key, by enterprise.
    pub async fn list_run_enterprises(
        &self,
        run_id: Uuid,
        after: Option<&Uscc>,
        limit: i64,
    ) -> Result<Vec<EnterpriseResult>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::run::result::enterprises(&mut tx, run_id, after, limit).await?)
    }

    /// A run's lines after a key, by enterprise, platform and fee kind.
    pub async fn list_run_lines(
        &self,
        run_id: Uuid,
        after: Option<&(Uscc, PlatformId, FeeKind)>,
        limit: i64,
    ) -> Result<Vec<Line>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::run::result::lines(&mut tx, run_id, after, limit).await?)
    }

    /// What a run excluded, by reason.
    pub async fn list_run_exclusions(&self, run_id: Uuid) -> Result<Vec<Exclusion>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::run::result::exclusions(&mut tx, run_id).await?)
    }
}
