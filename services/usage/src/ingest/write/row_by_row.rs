//! Inserts fees row by row where nothing stands: where other writers take the same places just now.

use std::collections::HashSet;

use sqlx::PgPool;

use super::{
    error::WriteError,
    finish::{IfSealed, finish},
    open_periods::OpenPeriods,
    outcome::Written,
    strategy::Attempts,
};
use crate::{
    domain::key::Place,
    ingest::group::Group,
    store::{self, TransactionKind, record::NewRecord},
};

/// Writes the fees of a group, and what is malformed in it.
pub async fn write(
    pool: &PgPool,
    group: &Group,
    attempts: &Attempts,
) -> Result<Written, WriteError> {
    let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
    let held = OpenPeriods::hold(&mut tx, group, attempts).await?;
    let open = held.places.iter().filter(|same| held.is_open(**same));
    let new: Vec<NewRecord<'_>> = open.map(|same| group.new_fee(same.first)).collect();
    let inserted = store::record::insert(&mut tx, &new).await?;
    let inserted: HashSet<Place> = inserted.into_iter().collect();

    // What was inserted stands since now; all else stood before.
    let mut standing = held.find_standing(&mut tx).await?;
    for (same, stands) in held.places.iter().zip(&mut standing) {
        if inserted.contains(&group.place(same.first)) {
            *stands = None;
        }
    }
    let mut outcomes = vec![None; group.len()];
    let free = held.decide(&standing, &mut outcomes);
    if inserted.len() != free.len() {
        // Somebody else's was in the way, and is not seen yet, or not any more.
        return Err(WriteError::Raced);
    }

    let periods = held.periods();
    let refusals = group.refusals(&periods, &outcomes);
    finish(tx, group, &periods, outcomes, &refusals, IfSealed::Passes).await
}
