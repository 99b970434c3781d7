//! Whether the books say what runs, budgets, orders, answers and objections say, each compared by
//! one statement; and whether entries, programs, enrollments, runs, objections, orders, answers and
//! open items are what the trail says they came to.

mod accounts;
mod booked;
mod decided;
mod deeds;
mod payments;
mod runs;
mod steps;
mod trail;

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use booked::Booked;

/// The first way in which the books, though sound in themselves, say other than their causes.
pub async fn booked_otherwise(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let booked = &Booked::load(&mut *tx).await?;
    if let Some(detail) = accounts::years(&mut *tx, booked).await? {
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
    accounts::labels(tx).await
}

/// The first way in which entries, programs, enrollments, runs, objections, orders, answers and
/// open items are other than the trail says that they came to.
pub async fn done_otherwise(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    if let Some(detail) = deeds::entries(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::versions(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = steps::runs(&mut *tx).await? {
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
