//! The books: what is read of them, and how they are checked.

mod export;
mod results;
mod trail;
mod verify;

use gazelle_kernel::{Fen, ProgramId};
use gazelle_runtime::store::{event::Doing, snapshot};
use sqlx::PgConnection;

use super::{
    App,
    error::{AppError, PaymentRefused},
};
use crate::{
    domain::ledger::{Cause, CauseKind, Entry, Posting, verify::Head},
    store::{self, ledger::PostError},
};

/// Pieces of a stream that wait to be sent.
pub(super) const PIECES_WAITING_MAX: usize = 4;

impl App {
    /// The end of the books.
    pub async fn get_ledger_checkpoint(&self) -> Result<Head, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        Ok(store::ledger::head(&mut tx).await?)
    }
}

/// Books what something caused, late in the transaction that does it; nothing where there is
/// nothing to move.
pub(super) async fn book(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    (kind, id): (CauseKind, String),
    program_id: &ProgramId,
    postings: Vec<Posting>,
) -> Result<(), AppError> {
    book_within(tx, doing, (kind, id), program_id, postings, None).await
}

/// The same where the budget grants: never more than was released.
pub(super) async fn book_within(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    (kind, id): (CauseKind, String),
    program_id: &ProgramId,
    postings: Vec<Posting>,
    released: Option<Fen>,
) -> Result<(), AppError> {
    if postings.is_empty() {
        return Ok(());
    }
    let at = doing.at;
    let entry = Entry {
        cause: Cause { kind, id },
        program_id: program_id.clone(),
        // The tables hold microseconds, and what is hashed is what they hold.
        recorded_at: at
            .replace_nanosecond(at.microsecond() * 1_000)
            .unwrap_or(at),
        recorded_by: doing.by.clone(),
        released,
        postings,
    };
    store::ledger::post(tx, &entry).await?;
    Ok(())
}

impl From<PostError> for AppError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Overflow(_) => PaymentRefused::BooksOverflow.into(),
            PostError::Store(error) => error.into(),
        }
    }
}
