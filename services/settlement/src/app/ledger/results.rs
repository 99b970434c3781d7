//! Whether runs, as they are stored, are what they came to; and what they give.

use gazelle_kernel::ProgramId;
use sqlx::PgConnection;
use tokio::try_join;
use uuid::Uuid;

use crate::{
    app::{blocking::blocking, error::AppError, run::stored_settlement},
    domain::{
        ledger::recount::Recount,
        program::Version,
        rules::result::Settlement,
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
    let mut judged = Judged {
        earlier: Earlier::default(),
        caused: caused.clone(),
        altered: None,
    };
    let mut read = None;
    let mut after: Option<(ProgramId, i32)> = None;
    while judged.altered.is_none() {
        let key = after.as_ref().map(|(id, number)| (id, *number));
        let runs = store::run::page(&mut *tx, None, key, RUNS_MAX).await?;
        let Some(last) = runs.last() else {
            break;
        };
        after = Some((last.program_id.clone(), last.number));
        for run in runs {
            // One is judged while the next is read.
            let next = stored(&mut *tx, run);
            let (next, so_far) = try_join!(next, judged.and(read))?;
            (judged, read) = (so_far, Some(next));
            if judged.altered.is_some() {
                break;
            }
        }
    }
    judged = judged.and(read).await?;
    *caused = judged.caused;
    Ok(judged.altered)
}

/// A run as it is stored, and the versions of its program by which it was settled and paid, where
/// both are there.
struct StoredRun {
    run: Run,
    rows: Settlement,
    versions: Option<[Version; 2]>,
}

async fn stored(tx: &mut PgConnection, run: Run) -> Result<StoredRun, AppError> {
    let rows = stored_settlement(&mut *tx, &run).await?;
    let program = store::program::version(&mut *tx, &run.program_id, run.program_version).await?;
    let budgets = store::program::version(tx, &run.program_id, run.budget_version).await?;
    Ok(StoredRun {
        versions: program
            .zip(budgets)
            .map(|(program, budgets)| [program, budgets]),
        run,
        rows,
    })
}

/// What the runs come to that were judged so far.
struct Judged {
    earlier: Earlier,
    caused: Recount,
    /// The first that is not what it came to; those after it are not judged.
    altered: Option<Uuid>,
}

impl Judged {
    /// And the next run, if there is one.
    async fn and(mut self, next: Option<StoredRun>) -> Result<Self, AppError> {
        let Some(next) = next.filter(|_| self.altered.is_none()) else {
            return Ok(self);
        };
        blocking(move || {
            if !self.judge(&next.run, next.rows, next.versions) {
                self.altered = Some(next.run.run_id);
            }
            Ok(self)
        })
        .await
    }

    fn judge(&mut self, run: &Run, rows: Settlement, versions: Option<[Version; 2]>) -> bool {
        let Some([program, budgets]) = versions else {
            return false;
        };
        let digest = ResultDigest::of(&rows, &run.scope);
        if let RunState::Approved(_) = run.state {
            let payee = program.program.terms().payee;
            self.caused.caused_gifts(run, payee, &rows);
        }
        self.earlier.agree(run, rows, &budgets.program) && digest == run.state.digest()
    }
}
