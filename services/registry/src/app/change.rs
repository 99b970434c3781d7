//! The trail of changes.

use gazelle_runtime::store::snapshot;

use super::{App, error::AppError};
use crate::{
    domain::{change::Change, revision::Revision},
    store,
};

/// Most content of a page of changes: a batch may have some megabytes, and an answer must fit
/// into a message of 4 MiB.
const CHANGES_BYTES_MAX: i64 = 1024 * 1024;

impl App {
    /// Changes after a revision (from the first on when none is given), in order: at most
    /// `limit`, fewer where they are large. And whether there are more.
    pub async fn list_changes(
        &self,
        after: Option<Revision>,
        limit: i64,
    ) -> Result<(Vec<Change>, bool), AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let present = store::revision::get(&mut tx).await?;
        let changes = store::change::page(&mut tx, after, limit, CHANGES_BYTES_MAX).await?;
        let more = changes.last().is_some_and(|last| last.revision < present);
        Ok((changes, more))
    }
}
