//! Whether the books say what runs, budgets, orders, answers and objections say, each compared by
//! one statement; and whether programs, enrollments, runs, objections, orders, answers and open
//! items are what the trail says they came to.

mod accounts;
mod booked;
mod decided;
mod payments;
mod runs;
mod steps;
mod trail;

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use booked::Booked;

use crate::domain::ledger::verify::{BreakKind, Broken};

/// The first way in which the books, though sound in themselves, say other than their causes.
pub async fn disagreement(tx: &mut PgConnection) -> Result<Option<Broken>, StoreError> {
    let found = first(&mut *tx).await?;
    let last = super::head(tx).await?.checkpoint.entry_number;
    Ok(found.map(|detail| Broken {
        kind: BreakKind::CauseDisagrees,
        entry_number: last,
        detail,
    }))
}

async fn first(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    // First, since the others read what they find.
    if let Some(detail) = decided::versions(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = steps::runs(&mut *tx).await? {
        return Ok(Some(detail));
    }
    let booked = &Booked::load(&mut *tx).await?;
    if let Some(detail) = accounts::budgets(&mut *tx, booked).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = runs::years(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = runs::payees(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = accounts::both_ways(&mut *tx, booked).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = accounts::underway(&mut *tx, booked).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = payments::steps(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = accounts::labels(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::years(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::objections(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::enrollments(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = trail::strays(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = trail::orders(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = trail::answers(&mut *tx).await? {
        return Ok(Some(detail));
    }
    trail::open_items(tx).await
}
