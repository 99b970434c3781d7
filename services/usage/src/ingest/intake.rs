//! Where batches are handed in, and the tasks that write them.

use std::{num::NonZeroU32, sync::Arc};

use gazelle_kernel::Period;
use gazelle_runtime::failure::told;
use parking_lot::Mutex;
use sqlx::PgPool;
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    answer::{Answer, IngestError},
    batch::Batch,
    memory::{
        period_filters::PeriodFilters,
        recent::{Recent, recall},
    },
    queue::{Queue, QueueSlot, Queued},
    write::writer::Writer,
};
use crate::{
    config::IngestConfig,
    domain::key::{Place, PlaceStart, RecordKey},
    names::Names,
    tuning::{BATCH_RECORDS_MAX, FINISH_WAIT, QUEUE_BATCHES, RECALL_WAIT},
};

/// Where batches are handed in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
    recent: Arc<Mutex<Recent>>,
}

impl Ingest {
    /// Queues a batch; waits while the queue is full.
    pub async fn submit(&self, batch: Batch) -> Result<Answer, IngestError> {
        let room = self.room.clone().acquire_many_owned(batch.len()).await;
        let (answer, receiver) = oneshot::channel();
        let room = room.map_err(|_| IngestError::Stopping)?;
        let queued = Queued {
            slot: QueueSlot::new(room, batch.len()),
            batch,
            answer,
        };
        self.queue
            .send(queued)
            .await
            .map_err(|_| IngestError::Stopping)?;
        Ok(receiver)
    }

    /// In which other periods the ids of these came, as far as that is remembered: the database
    /// tells whether they are there.
    #[must_use]
    pub fn came_elsewhere(&self, places: &[Place]) -> Vec<(RecordKey, Period)> {
        let recent = self.recent.lock();
        let mut elsewhere = Vec::new();
        for place in places {
            recent.find(PlaceStart::of(*place), &mut |period| {
                elsewhere.push((place.key, period));
            });
        }
        elsewhere
    }
}

/// The tasks that write groups.
#[derive(Debug)]
pub struct Writers {
    tasks: JoinSet<()>,
    closing: CancellationToken,
}

impl Writers {
    /// Starts them on a pool that has [`connections`](Self::connections).
    #[must_use]
    pub fn start(config: &IngestConfig, pool: PgPool, names: Arc<Names>) -> (Ingest, Self) {
        let (sender, receiver) = mpsc::channel(QUEUE_BATCHES);
        let closing = CancellationToken::new();
        let queue = Arc::new(Queue::new(receiver, config.group_records, closing.clone()));
        let filters = Arc::new(PeriodFilters::default());
        let recent = Arc::new(Mutex::new(Recent::new(config.remembered_records)));
        let writer = Writer::new(pool.clone(), names, recent.clone(), filters.clone());
        let writer = Arc::new(writer);
        let remembering = recent.clone();
        let (recalling, recalled) = watch::channel(());
        let mut tasks = JoinSet::new();
        let (reading, remembered) = (closing.clone(), config.remembered_records);
        tasks.spawn(async move {
            let recalled = reading.run_until_cancelled(recall(&pool, &recent, remembered));
            if let Some(Err(error)) = recalled.await {
                let cause = told(&error);
                tracing::warn!(cause, "what came before the start is not remembered");
            }
            drop(recalling);
            filters.keep_reading(pool, reading).await;
        });
        for _ in 0..config.writers.max(1) {
            tasks.spawn(run(queue.clone(), writer.clone(), recalled.clone()));
        }
        // A batch must fit, whatever the configuration says.
        let room = usize::try_from(config.queue_records)
            .unwrap_or(usize::MAX)
            .max(BATCH_RECORDS_MAX);
        let room = Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS)));
        let ingest = Ingest {
            queue: sender,
            room,
            recent: remembering,
        };
        (ingest, Self { tasks, closing })
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
        if timeout(FINISH_WAIT, all).await.is_err() {
            tracing::warn!("what is still queued is not written");
        }
    }
}

async fn run(queue: Arc<Queue>, writer: Arc<Writer>, mut recalled: watch::Receiver<()>) {
    // Whoever was cut off by a restart sends again at once. Nothing is ever sent there: it ends.
    let _ = timeout(RECALL_WAIT, recalled.changed()).await;
    while let Some((batches, ticket)) = queue.next_group().await {
        let writer = writer.clone();
        // A task of its own: should it panic, its streams end and the next group is written.
        let written = tokio::spawn(async move { writer.write(batches, ticket).await });
        if let Err(lost) = written.await {
            tracing::error!(lost = told(&lost), "a group of records was not written");
        }
    }
}
