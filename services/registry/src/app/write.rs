//! How everything is written: one writer at a time, to its end, with a trail.

use gazelle_runtime::{
    audit::{self, Entry},
    auth::Principal,
};
use sqlx::{Postgres, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::{AppError, Registry, in_turn};
use crate::{
    domain::revision::Revision,
    store::{self, change::Change, content::Content},
};

/// Whose turn it is to write. Waiting for the turn may be cancelled; the work after it may not,
/// so it runs inside `detached` and takes the turn along.
pub(super) struct Writer {
    pub(super) registry: Registry,
    actor: String,
    _turn: OwnedMutexGuard<()>,
}

impl Registry {
    pub(super) async fn writer(&self, by: &Principal) -> Result<Writer, AppError> {
        Ok(Writer {
            registry: self.clone(),
            actor: by.actor().to_string(),
            _turn: in_turn(self.write_turn.clone().lock_owned()).await?,
        })
    }
}

impl Writer {
    /// Locks the revision, so that whatever is read from here on holds until the end, also
    /// against writers of other replicas.
    pub(super) async fn begin(&self) -> Result<Write, AppError> {
        let mut tx = self
            .registry
            .pool
            .begin()
            .await
            .map_err(AppError::Transaction)?;
        let present = store::revision::lock(&mut tx).await?;
        Ok(Write {
            tx,
            present,
            next: present.next(),
        })
    }

    /// Raises the revision, writes down what changed, and commits.
    pub(super) async fn commit(
        &self,
        mut write: Write,
        action: &'static str,
        content: &Content<'_>,
    ) -> Result<Revision, AppError> {
        let previous = match store::change::digest(&mut write.tx, write.present).await? {
            Some(digest) => digest,
            None if write.present.get() == 0 => audit::START,
            None => return Err(AppError::ChangeMissing(write.present)),
        };
        let changed_at = self.registry.clock.now();
        let content = content.to_json();
        let entry = Entry {
            at: changed_at,
            actor: &self.actor,
            action,
            subject: &write.next.to_string(),
            content: content.as_bytes(),
        };
        let change = Change {
            revision: write.next,
            changed_at,
            actor: self.actor.clone(),
            action: action.into(),
            digest: audit::next_digest(&previous, &entry),
            content,
        };
        store::change::insert(&mut write.tx, &change).await?;
        store::revision::set(&mut write.tx, write.next).await?;
        write.tx.commit().await.map_err(AppError::Transaction)?;
        Ok(write.next)
    }
}

/// A transaction that holds the lock of the revision. Dropped, it changes nothing.
pub(super) struct Write {
    pub(super) tx: Transaction<'static, Postgres>,
    pub(super) present: Revision,
    /// The revision that this write makes if it changes anything.
    pub(super) next: Revision,
}
