//! Looks up what stands, then copies the rest: for what was likely sent before, and where a period
//! was found sealed.

use sqlx::PgPool;

use super::{
    error::WriteError,
    finish::{IfSealed, finish},
    open_periods::OpenPeriods,
    outcome::Written,
    strategy::Attempts,
};
use crate::{
    ingest::group::Group,
    store::{self, TransactionKind, copy_in::NewRow, copy_row},
};

/// Writes the fees of a group, and what is malformed in it.
pub async fn write(
    pool: &PgPool,
    group: &Group,
    attempts: &Attempts,
) -> Result<Written, WriteError> {
    let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
    let held = OpenPeriods::hold(&mut tx, group, attempts).await?;
    let standing = held.find_standing(&mut tx).await?;
    let mut outcomes = vec![None; group.len()];
    let free = held.decide(&standing, &mut outcomes);

    let rows: Vec<NewRow<'_>> = free.iter().map(|at| group.row(*at)).collect();
    store::copy_in::copy(&mut tx, copy_row::COPY_FEES, &rows).await?;

    let periods = held.periods();
    let refusals = group.refusals(&periods, &outcomes);
    finish(tx, group, &periods, outcomes, &refusals, IfSealed::Passes).await
}
