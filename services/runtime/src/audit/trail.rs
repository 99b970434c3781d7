//! What can be done with a trail.

use std::sync::Arc;

use gazelle_kernel::Actor;
use sqlx::PgPool;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tonic::Status;
use tonic_types::StatusExt as _;

use super::{
    comparison::Comparison,
    note::{KeyError, KeyUse, Note, SignerKey},
    rates::{Rates, RefusedAttempt},
    reading::{Reading, Readings},
    tables::{Roles, Tables},
    writer::{self, Word},
};
use crate::{
    clock::Clock,
    config::AuditConfig,
    store::{
        StoreError,
        event::{self, Checkpoint, Entry, EntryFilter, StoredEntry},
    },
};

/// Most content of a page of entries; an answer must fit into a message of 4 MiB.
const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Trails that are read whole at a time.
pub(super) const WHOLE_READS_MAX: usize = 2;

/// The trail of a service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trail {
    pub(super) tables: Tables,
    clock: Clock,
    signer: Option<Arc<SignerKey>>,
    pub(super) whole_reads: Arc<Semaphore>,
    rates: Arc<Rates>,
    readings: Arc<Readings>,
    words: mpsc::Sender<Word>,
    pub(super) comparison: Option<Arc<dyn Comparison>>,
}

impl Trail {
    /// The trail in the database of `pool`, whose checkpoints are signed as `config` says, and with
    /// which `comparison` compares what else is there.
    pub fn start(
        pool: PgPool,
        roles: Roles,
        clock: Clock,
        config: Option<&AuditConfig>,
        comparison: Option<Arc<dyn Comparison>>,
    ) -> Result<Self, KeyError> {
        let tables = Tables::new(pool, roles);
        let signer = signer(config)?.map(Arc::new);
        let (rates, readings) = (Arc::<Rates>::default(), Arc::<Readings>::default());
        let words = writer::start(
            tables.clone(),
            clock.clone(),
            rates.clone(),
            readings.clone(),
        );
        Ok(Self {
            tables,
            clock,
            signer,
            rates,
            readings,
            words,
            comparison,
            whole_reads: Arc::new(Semaphore::new(WHOLE_READS_MAX)),
        })
    }

    /// Where it stands.
    pub(super) async fn head(&self) -> Result<Checkpoint, StoreError> {
        let mut tx = self.tables.read().await?;
        let head = event::find_head(&mut tx).await?;
        head.ok_or_else(|| StoreError::corrupt("event_head", "it is not one row that can be read"))
    }

    /// A checkpoint, signed; `None` without a key.
    pub(super) fn note(&self, checkpoint: Checkpoint) -> Option<(Note, String)> {
        let signer = self.signer.as_deref()?;
        Some((
            Note::signed(checkpoint, signer),
            signer.verifier().to_string(),
        ))
    }

    /// A page of entries, by number, and whether its size left any out.
    pub(super) async fn list(
        &self,
        filter: EntryFilter<'_>,
        after: i64,
        limit: i64,
    ) -> Result<(Vec<StoredEntry>, bool), StoreError> {
        let mut tx = self.tables.read().await?;
        event::page(&mut tx, filter, after, limit, PAGE_BYTES_MAX).await
    }

    /// Writes down that `actor` reads so many rows; they may be shown once it returns.
    pub async fn read(
        &self,
        actor: Actor,
        reading: Reading,
        row_count: usize,
    ) -> Result<(), StoreError> {
        let row_count = row_count as u64;
        if self.readings.count(&actor, &reading, row_count) {
            return Ok(());
        }
        let content = reading.content(row_count, false);
        self.shown(&actor, &reading.platform_id, &content).await?;
        self.readings.began(actor, reading);
        Ok(())
    }

    /// Writes down that `actor` is shown what `content` tells of `subject`, an entry each time; it
    /// may be shown once this returns.
    pub async fn shown(
        &self,
        actor: &Actor,
        subject: &str,
        content: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.tables.append().await?;
        let entry = Entry {
            at: self.clock.now(),
            actor: actor.as_str(),
            action: "read",
            subject,
            content: content.as_bytes(),
        };
        event::append(&mut tx, &entry).await?;
        Ok(tx.commit().await?)
    }

    /// Has an attempt written down, if it is not one too many.
    pub(super) fn refused(&self, actor: &Actor, method: &'static str, status: &Status) {
        let Some(left_out) = self.rates.admit(actor) else {
            return;
        };
        let info = status.get_details_error_info();
        let refused = RefusedAttempt {
            at: self.clock.now(),
            actor: actor.clone(),
            method,
            code: status.code(),
            reason: info.map(|info| info.reason).unwrap_or_default(),
            left_out,
        };
        if self.words.try_send(Word::Refused(refused)).is_err() {
            self.rates.give_back(actor, left_out + 1);
        }
    }

    /// Has everything written that waits.
    pub async fn finish(&self) {
        let (done, finished) = oneshot::channel();
        if self.words.send(Word::Finish(done)).await.is_ok() {
            // The writer is gone where this fails.
            let _ = finished.await;
        }
    }
}

/// Opens the key that a configuration names, if it names one.
pub fn signer(config: Option<&AuditConfig>) -> Result<Option<SignerKey>, KeyError> {
    config
        .map(|config| SignerKey::open(&config.signing_key_file, &config.origin, KeyUse::Origin))
        .transpose()
}
