//! Whether the books say what runs, payments and open items say: by one sum of either side, and
//! where these differ, by statements that say where; whether they say what budgets say; and whether
//! entries, programs, enrollments, runs, objections, orders, answers and open items are what the
//! trail says they came to.

mod accounts;
mod booked;
mod caused;
mod decided;
mod deeds;
mod enrolled;
mod payments;
mod runs;
mod steps;
mod trail;

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::domain::ledger::weighed::WeighedSum;

use booked::Booked;
pub use caused::count_causes;

/// The first way in which the books, though sound in themselves, say other than their causes;
/// `agree` is whether both come to the same sum.
pub async fn booked_otherwise(
    tx: &mut PgConnection,
    agree: bool,
) -> Result<Option<String>, StoreError> {
    if let Some(detail) = accounts::years(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if !agree && let Some(detail) = where_otherwise(&mut *tx).await? {
        return Ok(Some(detail));
    }
    accounts::released(tx).await
}

/// Of what the sums are of, the first that the books say otherwise.
async fn where_otherwise(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let booked = &Booked::load(&mut *tx).await?;
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
    payments::steps(tx).await
}

/// The first way in which entries, programs, enrollments, runs, objections, orders, answers and
/// open items are other than the trail says that they came to; `enrolled` are the enrollments that
/// it says were put.
pub async fn done_otherwise(
    tx: &mut PgConnection,
    enrolled: &WeighedSum,
) -> Result<Option<String>, StoreError> {
    if let Some(detail) = deeds::entries(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::versions(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = steps::runs(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = steps::notices(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::years(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if let Some(detail) = decided::objections(&mut *tx).await? {
        return Ok(Some(detail));
    }
    if !enrolled::versions(&mut *tx, enrolled.weights())
        .await?
        .agrees(enrolled)
    {
        let detail = decided::enrollments(tx).await?;
        let unknown = "the enrollments are not what was put";
        return Ok(Some(detail.unwrap_or_else(|| unknown.to_owned())));
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
