//! The trail of what was done.

use gazelle_kernel::{Actor, Instant};
use gazelle_runtime::{
    audit::Entry,
    store::{StoreError, event::append},
};
use serde::Serialize;
use sqlx::PgConnection;

use crate::store::column::to_json;

/// Who did something, and when, by the database's clock.
#[derive(Debug)]
pub(super) struct Doing<'a> {
    pub by: &'a Actor,
    pub at: Instant,
}

impl Doing<'_> {
    /// Writes down what was done to what, as the last statement of the transaction that does it.
    pub async fn record(
        &self,
        tx: &mut PgConnection,
        action: &str,
        subject: &str,
        content: &impl Serialize,
    ) -> Result<(), StoreError> {
        let content = to_json(content);
        let entry = Entry {
            at: self.at,
            actor: self.by.as_str(),
            action,
            subject,
            content: content.as_bytes(),
        };
        append(tx, &entry).await
    }
}
