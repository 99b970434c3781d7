//! What a step of a run means for the books, in the transaction that takes it.

use gazelle_kernel::{Fen, PayeeId, Uscc};
use gazelle_runtime::store::event::Doing;
use sqlx::PgConnection;

use crate::{
    app::{
        error::AppError,
        ledger::{book, book_within},
        payment::Gifts,
    },
    domain::{
        ledger::{CauseKind, book as books},
        run::{Run, RunState},
    },
    store::{self, program::Pin},
};

/// Books what a run's step from `before` to `after` changes: its state, or its sums where the
/// objection of `objector` was upheld. Every step of a run that was computed goes through here,
/// once.
pub(in crate::app) async fn post(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    before: &Run,
    after: &Run,
    objector: Option<&Uscc>,
) -> Result<(), AppError> {
    let (program_id, year, id) = (&after.program_id, after.year, after.run_id.to_string());
    let grants = after.totals.granted_fen;
    match (&before.state, &after.state) {
        (RunState::Computed(_), RunState::Published(_)) => {
            let postings = books::committed(program_id, year, grants);
            let cause = (CauseKind::RunPublished, id);
            book(tx, doing, cause, program_id, postings.into_iter().collect()).await
        }
        (RunState::Published(_), RunState::Cancelled(_)) => {
            let postings = books::uncommitted(program_id, year, grants);
            let cause = (CauseKind::RunCancelled, id);
            book(tx, doing, cause, program_id, postings.into_iter().collect()).await
        }
        (RunState::Published(_), RunState::Published(_)) => {
            let taken = before.totals.granted_fen.get() - grants.get();
            let postings = books::uncommitted(program_id, year, Fen::new(taken));
            let objector = objector.map_or("", Uscc::as_str);
            let cause = (CauseKind::ObjectionUpheld, format!("{id} {objector}"));
            book(tx, doing, cause, program_id, postings.into_iter().collect()).await
        }
        (RunState::Published(_), RunState::Approved(_)) => approve(tx, doing, after).await,
        _ => Ok(()),
    }
}

/// The year is settled by the run's program from now on, the budget grants, and payees are owed.
async fn approve(tx: &mut PgConnection, doing: &Doing<'_>, run: &Run) -> Result<(), AppError> {
    let year = Pin {
        program_id: run.program_id.clone(),
        year: run.year,
        version: run.program_version,
    };
    store::program::pin(&mut *tx, &year).await?;
    let given = store::payment::given(&mut *tx, run.run_id).await?;
    let payees: Vec<PayeeId> = given.iter().map(|(payee, _)| payee.clone()).collect();
    let mut gifts = Gifts::load(&mut *tx, &run.program_id, &payees).await?;
    for (payee_id, amount) in &given {
        gifts.give((run.year, run.number), payee_id, *amount)?;
    }
    let totals = &run.totals;
    let budget = books::granted(
        &run.program_id,
        run.year,
        totals.granted_fen,
        totals.clawed_back_fen,
    );
    let postings = budget.chain(gifts.save(&mut *tx).await?).collect();
    let cause = (CauseKind::RunApproved, run.run_id.to_string());
    let released = Some(totals.released_fen);
    book_within(tx, doing, cause, &run.program_id, postings, released).await
}
