//! Takes records in, as fast as the database can.
//!
//! Batches of all streams go into one [`queue`]. A few writers take what waits, in groups, and
//! write each group in a transaction or two ([`writer`]); then every batch of it is acknowledged.
//! Writers run in tasks of their own, so nothing that a client does stops a write halfway.

mod batch;
mod fees;
mod group;
mod queue;
mod reach;
mod recent;
mod retry;
mod reversals;
mod writer;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use gazelle_kernel::Period;
use sqlx::PgPool;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::IngestConfig,
    domain::Outcome,
    metrics,
    names::Names,
    store::{StoreError, period::Holding},
};
pub use batch::Batch;
use queue::Intake;
use reach::Reach;
use writer::Writer;

/// Batches that may wait, however few records they have.
const QUEUE_BATCHES: usize = 16_384;

/// Records of a batch at most: of several messages that came together, the last with as many as
/// the contract allows.
pub const BATCH_RECORDS_MAX: usize = 2_000;

/// How long what is queued may take to be written when the service stops.
const FINISH_WAIT: Duration = Duration::from_secs(5);

/// What became of a batch. It is durable.
#[derive(Debug)]
pub struct Acknowledgement {
    /// Each record that was not simply accepted, by its place in the batch.
    pub remarks: Vec<Remark>,
    /// Of which period.
    pub period: Period,
    /// What is now held of the platform's period.
    pub holding: Holding,
}

/// What became of a record that was not simply accepted.
#[derive(Debug)]
pub struct Remark {
    /// Its place in the batch, from 0.
    pub index: u32,
    /// Its id, as it was sent.
    pub record_id: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Why a batch was not acknowledged. Some of it may be kept; whoever sends it again finds out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestError {
    /// The period is being sealed just now, and that takes long.
    #[error("the period is being sealed")]
    PeriodBusy,
    /// What came before it, and may be reversed by it, is not written yet.
    #[error("what was sent before is not written yet")]
    Behind,
    /// The service stops.
    #[error("the service stops")]
    Stopping,
    /// The writer panicked.
    #[error("the writer was lost")]
    WriterLost,
    /// The store failed, and went on failing.
    #[error("the records could not be written")]
    Store(#[source] Arc<StoreError>),
}

/// The answer to a batch, once there is one.
pub type Answer = oneshot::Receiver<Result<Acknowledgement, IngestError>>;

/// A batch in the queue.
#[derive(Debug)]
struct Queued {
    batch: Batch,
    answer: oneshot::Sender<Result<Acknowledgement, IngestError>>,
    place: QueuePlace,
}

/// A batch's place in the queue; until dropped its records wait to be written.
#[derive(Debug)]
struct QueuePlace {
    _room: OwnedSemaphorePermit,
    records: u32,
    since: Instant,
}

impl QueuePlace {
    fn new(room: OwnedSemaphorePermit, records: u32) -> Self {
        metrics::queued(records.into());
        Self {
            _room: room,
            records,
            since: Instant::now(),
        }
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        metrics::queued(-i64::from(self.records));
    }
}

/// Where batches are handed in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

impl Ingest {
    /// Queues a batch; waits while the queue is full.
    pub async fn submit(&self, batch: Batch) -> Result<Answer, IngestError> {
        let room = self.room.clone().acquire_many_owned(batch.len()).await;
        let (answer, receiver) = oneshot::channel();
        let room = room.map_err(|_| IngestError::Stopping)?;
        let queued = Queued {
            place: QueuePlace::new(room, batch.len()),
            batch,
            answer,
        };
        self.queue
            .send(queued)
            .await
            .map_err(|_| IngestError::Stopping)?;
        Ok(receiver)
    }
}

/// The writers.
#[derive(Debug)]
pub struct Writers {
    tasks: JoinSet<()>,
    closing: CancellationToken,
}

impl Writers {
    /// Starts them on a pool that has [`connections`](Self::connections).
    #[must_use]
    pub fn start(config: &IngestConfig, pool: PgPool, names: Arc<Names>) -> (Ingest, Self) {
        let (queue, receiver) = mpsc::channel(QUEUE_BATCHES);
        let closing = CancellationToken::new();
        let intake = Intake::new(receiver, config.group_records, closing.clone());
        let intake = Arc::new(intake);
        let reach = Arc::new(Reach::default());
        let writer = Arc::new(Writer::new(pool.clone(), names, reach.clone()));
        let mut tasks = JoinSet::new();
        let keep_reading = closing.clone();
        tasks.spawn(async move { reach.keep_reading(pool, keep_reading).await });
        for _ in 0..config.writers.max(1) {
            tasks.spawn(run(intake.clone(), writer.clone()));
        }
        // A batch must fit, whatever the configuration says.
        let room = usize::try_from(config.queue_records)
            .unwrap_or(usize::MAX)
            .max(BATCH_RECORDS_MAX);
        let room = Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS)));
        (Ingest { queue, room }, Self { tasks, closing })
    }

    /// One for each writer, and one to read what they need to know.
    #[must_use]
    pub fn connections(config: &IngestConfig) -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(config.writers.max(1))
    }

    /// Takes no more, and returns when what is queued is written; or after 5 s.
    pub async fn finish(mut self) {
        self.closing.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FINISH_WAIT, all).await.is_err() {
            tracing::warn!("what is still queued is not written");
        }
    }
}

async fn run(intake: Arc<Intake>, writer: Arc<Writer>) {
    while let Some((batches, ticket)) = intake.next_group().await {
        let writer = writer.clone();
        // A task of its own: should it panic, its streams end and the next group is written.
        let written = tokio::spawn(async move { writer.write(batches, ticket).await });
        if let Err(lost) = written.await {
            tracing::error!(%lost, "a group of records was not written");
        }
    }
}
