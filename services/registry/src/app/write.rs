//! How everything is written: one writer at a time, to its end, with a trail.

use std::{collections::BTreeSet, sync::Arc};

use gazelle_kernel::{Actor, Instant};
use gazelle_runtime::{
    auth::Principal,
    database::retry_serialization,
    detach::detached,
    store::{StoreError, begin_by_key, event::Doing},
};
use sqlx::{Postgres, Transaction};

use super::{App, error::AppError};
use crate::{
    domain::{change::Content, import::Item, revision::Revision},
    store,
};

impl App {
    /// Waits for the turn to write and does `work`, again where the database ended it for
    /// another's sake. Waiting may be cancelled; the work after it may not.
    pub(super) async fn write<T, F>(
        &self,
        caller: &Principal,
        work: impl Fn(Writer) -> F + Send + Sync + 'static,
    ) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send,
    {
        let turn = self.write_turns.take().await?;
        let writer = Writer {
            app: self.clone(),
            actor: caller.actor(),
        };
        detached(async move {
            let result = retry_serialization(|| work(writer.clone())).await;
            drop(turn);
            result
        })
        .await
    }

    /// Writes a batch, likewise.
    pub(super) async fn write_batch<I, T, F>(
        &self,
        caller: &Principal,
        items: Vec<I>,
        work: fn(Writer, Arc<[I]>) -> F,
    ) -> Result<T, AppError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let items: Arc<[I]> = items.into();
        self.write(caller, move |writer| work(writer, Arc::clone(&items)))
            .await
    }
}

/// Who writes, in their turn.
#[derive(Clone)]
pub(super) struct Writer {
    app: App,
    pub(super) actor: Actor,
}

impl Writer {
    /// Locks the revision, so that whatever is read from here on holds until the end, also
    /// against writers of other replicas.
    pub(super) async fn begin(self) -> Result<Write, AppError> {
        let mut tx = begin_by_key(&self.app.pool).await?;
        let present = store::revision::lock(&mut tx).await?;
        let now = store::clock::now(&mut tx).await?;
        Ok(Write {
            tx,
            actor: self.actor,
            now,
            present,
            next: present.next(),
        })
    }
}

/// A transaction that holds the lock of the revision. Dropped, it changes nothing.
pub(super) struct Write {
    pub(super) tx: Transaction<'static, Postgres>,
    pub(super) actor: Actor,
    pub(super) now: Instant,
    pub(super) present: Revision,
    /// The revision that this write makes if it changes anything.
    pub(super) next: Revision,
}

impl Write {
    /// Raises the revision, writes down what changed, and commits.
    pub(super) async fn commit(
        mut self,
        action: &'static str,
        content: &Content,
    ) -> Result<Revision, AppError> {
        store::revision::set(&mut self.tx, self.next).await?;
        let doing = Doing {
            by: &self.actor,
            at: self.now,
        };
        let subject = self.next.to_string();
        doing
            .record(&mut self.tx, action, &subject, content)
            .await?;
        self.tx.commit().await.map_err(StoreError::from)?;
        Ok(self.next)
    }
}

/// A property of all items that could be read.
pub(super) fn all<T, P: Ord>(items: &[Item<T>], property: impl Fn(&T) -> P) -> BTreeSet<P> {
    items.iter().flatten().map(property).collect()
}
