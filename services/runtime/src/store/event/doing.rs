//! Something that is being done, to be written down.

use gazelle_kernel::{Actor, Instant};
use serde::Serialize;
use sqlx::PgConnection;

use super::{append, chain::Entry};
use crate::store::StoreError;

/// Who does something, and when.
#[derive(Debug)]
pub struct Doing<'a> {
    /// By whom it is done.
    pub by: &'a Actor,
    /// At which moment.
    pub at: Instant,
}

impl Doing<'_> {
    /// Writes down what is done to what, and on which content, as the last statement of the
    /// transaction that does it.
    pub async fn record(
        &self,
        tx: &mut PgConnection,
        action: &str,
        subject: &str,
        content: &impl Serialize,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_string(content)
            .map_err(|error| StoreError::corrupt("event.content", error))?;
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
