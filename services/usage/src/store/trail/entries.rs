//! The entries that tell of periods.

use futures::{Stream, StreamExt};
use gazelle_kernel::Actor;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::domain::trail::{Told, TrailEntry};

/// Those that tell of periods, in their order, as they come from the database.
pub fn entries(tx: &mut PgConnection) -> impl Stream<Item = Result<TrailEntry, StoreError>> {
    sqlx::query!(
        "select number, at, actor, action, subject, content from event
         where action = any($1)
         order by number",
        &Told::ACTIONS.map(str::to_owned) as &[String],
    )
    .fetch(tx)
    .map(|row| {
        let row = row?;
        Ok(TrailEntry {
            number: row.number,
            at: row.at,
            actor: Actor::new(row.actor),
            action: row.action,
            subject: row.subject,
            content: row.content,
        })
    })
}
