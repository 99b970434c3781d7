//! Whether runs, as they are stored, are what they came to.

use gazelle_kernel::ProgramId;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::{blocking::blocking, error::AppError, run::stored_settlement},
    domain::run::{Earlier, ResultDigest, Run},
    store,
};

/// Runs that are read at a time.
const RUNS_MAX: i64 = 100;

/// The first run whose tables are not those of its digest, or whose sums are not those of its
/// tables, its budget and the runs before it.
pub(super) async fn altered(tx: &mut PgConnection) -> Result<Option<String>, AppError> {
    match first(tx).await {
        Err(AppError::Store(StoreError::Corrupt { column, .. })) => Ok(Some(format!(
            "{column} of a run holds what was never written"
        ))),
        found => Ok(found?.map(|run_id| format!("run {run_id} is not what it came to"))),
    }
}

async fn first(tx: &mut PgConnection) -> Result<Option<Uuid>, AppError> {
    let mut earlier = Earlier::default();
    let mut after: Option<(ProgramId, i32)> = None;
    loop {
        let key = after.as_ref().map(|(id, number)| (id, *number));
        let runs = store::run::page(&mut *tx, None, key, RUNS_MAX).await?;
        let Some(last) = runs.last() else {
            return Ok(None);
        };
        after = Some((last.program_id.clone(), last.number));
        for run in runs {
            let run_id = run.run_id;
            let agrees;
            (earlier, agrees) = check(&mut *tx, earlier, run).await?;
            if !agrees {
                return Ok(Some(run_id));
            }
        }
    }
}

async fn check(
    tx: &mut PgConnection,
    mut earlier: Earlier,
    run: Run,
) -> Result<(Earlier, bool), AppError> {
    let rows = stored_settlement(&mut *tx, &run).await?;
    let budgets = store::program::version(tx, &run.program_id, run.budget_version).await?;
    let Some(budgets) = budgets else {
        return Ok((earlier, false));
    };
    blocking(move || {
        let digest = ResultDigest::of(&rows, &run.scope);
        let agree = earlier.agree(&run, rows, &budgets.program) && digest == run.state.digest();
        Ok((earlier, agree))
    })
    .await
}
