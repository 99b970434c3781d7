//! Whether runs, as they are stored, are what they came to; and what they give.

use gazelle_kernel::ProgramId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::{blocking::blocking, error::AppError, run::stored_settlement},
    domain::{
        ledger::recount::Recount,
        run::{Earlier, ResultDigest, Run, RunState},
    },
    store,
};

/// Runs that are read at a time.
const RUNS_MAX: i64 = 100;

/// The first run whose tables are not those of its digest, or whose sums are not those of its
/// tables, its budget and the runs before it; takes in what approved ones give, up to that one.
pub(super) async fn altered(
    tx: &mut PgConnection,
    caused: &mut Recount,
) -> Result<Option<String>, AppError> {
    let found = first(tx, caused).await?;
    Ok(found.map(|run_id| format!("run {run_id} is not what it came to")))
}

async fn first(tx: &mut PgConnection, caused: &mut Recount) -> Result<Option<Uuid>, AppError> {
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
            (earlier, *caused, agrees) = check(&mut *tx, earlier, caused.clone(), run).await?;
            if !agrees {
                return Ok(Some(run_id));
            }
        }
    }
}

async fn check(
    tx: &mut PgConnection,
    mut earlier: Earlier,
    mut caused: Recount,
    run: Run,
) -> Result<(Earlier, Recount, bool), AppError> {
    let rows = stored_settlement(&mut *tx, &run).await?;
    let program = store::program::version(&mut *tx, &run.program_id, run.program_version).await?;
    let budgets = store::program::version(tx, &run.program_id, run.budget_version).await?;
    let (Some(program), Some(budgets)) = (program, budgets) else {
        return Ok((earlier, caused, false));
    };
    blocking(move || {
        let digest = ResultDigest::of(&rows, &run.scope);
        if let RunState::Approved(_) = run.state {
            caused.caused_gifts(&run, program.program.terms().payee, &rows);
        }
        let agree = earlier.agree(&run, rows, &budgets.program) && digest == run.state.digest();
        Ok((earlier, caused, agree))
    })
    .await
}
