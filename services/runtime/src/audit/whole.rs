//! Reading a trail from one end to the other, as of one moment.

use std::time::Duration;

use futures::TryStreamExt as _;
use sqlx::PgConnection;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument as _;

use super::{
    comparison::Comparison,
    tables::Tables,
    trail::Trail,
    verify::{Broken, ChainVerifier},
};
use crate::{
    silence::told_of,
    store::{
        StoreError,
        event::{self, Checkpoint, entry_hash},
    },
};

/// Entries between two words on how far it is.
const STEP_ENTRIES: i64 = 10_000;

/// Hashes that are sent at a time.
const HASHES_MAX: usize = 16 * 1024;

/// Pieces that wait to be sent, and how long the next may wait for a reader.
const PIECES_WAITING_MAX: usize = 4;
const PIECE_WAIT: Duration = Duration::from_secs(30);

/// Why a trail was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum WholeError {
    /// It is not what was written.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// It does not go so far.
    #[error("the trail has {entry_count} entries, and {asked} are asked for")]
    Ahead {
        /// How far it was to go.
        asked: i64,
        /// How far it goes.
        entry_count: i64,
    },
    /// Others read it whole.
    #[error("others read the whole trail; try again later")]
    Overloaded,
    /// The store failed.
    #[error("the trail cannot be read")]
    Store(#[from] StoreError),
    /// The database failed.
    #[error("the trail cannot be read")]
    Database(#[from] sqlx::Error),
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Entries that are there.
    pub entry_count: i64,
    /// Entries that were found right.
    pub verified_count: i64,
    /// Once all were: the last.
    pub done: Option<Checkpoint>,
    /// Once all were: whether what is stored was compared with them, and is what they say.
    pub state_compared: bool,
}

/// What is sent piece by piece.
pub(super) type Pieces<T> = ReceiverStream<Result<T, WholeError>>;
type Sender<T> = mpsc::Sender<Result<T, WholeError>>;

impl Trail {
    /// Checks it, also against a checkpoint that was kept elsewhere, and `with_state` what is
    /// stored against it. The last piece says that all is right, or what is wrong first.
    pub(super) fn verify(
        &self,
        checkpoint: Option<Checkpoint>,
        with_state: bool,
    ) -> Result<Pieces<Progress>, WholeError> {
        let turn = self.whole_read()?;
        let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
        let tables = self.tables.clone();
        let comparison = self.comparison.clone().filter(|_| with_state);
        let reading = async move {
            let _turn = turn;
            let ended = verify(&tables, checkpoint, comparison.as_deref(), &sender).await;
            if let Err(WholeError::Broken(broken)) = &ended {
                // What exactly is said to the auditor who asked: it can name an enterprise.
                let (kind, entry_number) = (broken.kind.as_str(), broken.entry_number);
                tracing::error!(kind, entry_number, "the trail is broken");
            }
            end(&sender, ended).await;
        };
        tokio::spawn(reading.in_current_span());
        Ok(ReceiverStream::new(receiver))
    }

    /// The hashes of the entries after one and through another.
    pub(super) fn entry_hashes(
        &self,
        after: i64,
        through: i64,
    ) -> Result<Pieces<Vec<u8>>, WholeError> {
        let turn = self.whole_read()?;
        let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
        let tables = self.tables.clone();
        let reading = async move {
            let _turn = turn;
            let ended = hashes(&tables, after, through, &sender).await;
            end(&sender, ended).await;
        };
        tokio::spawn(reading.in_current_span());
        Ok(ReceiverStream::new(receiver))
    }

    fn whole_read(&self) -> Result<OwnedSemaphorePermit, WholeError> {
        let turn = self.whole_reads.clone().try_acquire_owned();
        turn.map_err(|_| WholeError::Overloaded)
    }
}

/// Sends how it ended. Where nobody listens any more there is nothing to say.
async fn end<T>(sender: &Sender<T>, ended: Result<Option<T>, WholeError>) {
    if let Some(last) = ended.transpose() {
        let _ = sender.send_timeout(last, PIECE_WAIT).await;
    }
}

/// Whether somebody takes the piece.
async fn send<T>(sender: &Sender<T>, piece: T) -> bool {
    sender.send_timeout(Ok(piece), PIECE_WAIT).await.is_ok()
}

/// `None` where nobody listens any more.
async fn verify(
    tables: &Tables,
    checkpoint: Option<Checkpoint>,
    comparison: Option<&dyn Comparison>,
    sender: &Sender<Progress>,
) -> Result<Option<Progress>, WholeError> {
    let mut tx = tables.read_whole().await?;
    let head = event::find_head(&mut tx).await?;
    let entry_count = head.map_or(0, |head| head.number);
    let mut verifier = ChainVerifier::new(checkpoint);
    // Whatever is there, also where no entry may stand.
    let mut entries = Box::pin(event::entries_from(&mut tx, i64::MIN));
    while let Some(entry) = entries.try_next().await? {
        if let Err(broken) = verifier.entry(&entry) {
            drop(entries);
            return Err(name(&mut tx, &verifier, broken, head).await?.into());
        }
        let verified_count = verifier.reached().number;
        let progress = Progress {
            entry_count,
            verified_count,
            done: None,
            state_compared: false,
        };
        if verified_count % STEP_ENTRIES == 0 && !send(sender, progress).await {
            return Ok(None);
        }
    }
    drop(entries);
    let done = verifier.finish(head)?;
    let checked = Progress {
        entry_count,
        verified_count: done.number,
        done: None,
        state_compared: false,
    };
    if let Some(comparison) = comparison {
        // To its end, also where nobody listens any more: the database would not stop either, and
        // the turn that is held bounds how many of these it has.
        let comparing = comparison.difference(&mut tx);
        if let Some(difference) = told_of(comparing, sender, || Ok(checked)).await? {
            return Err(difference.broken(entry_count).into());
        }
    }
    Ok(Some(Progress {
        done: Some(done),
        state_compared: comparison.is_some(),
        ..checked
    }))
}

/// The better word for what is wrong.
async fn name(
    tx: &mut PgConnection,
    verifier: &ChainVerifier,
    broken: Broken,
    head: Option<Checkpoint>,
) -> Result<Broken, StoreError> {
    let mut namer = verifier.namer(broken, head);
    let mut entries = Box::pin(event::entries_from(tx, verifier.reached().number + 1));
    while let Some(entry) = entries.try_next().await? {
        if let Some(named) = namer.entry(entry) {
            return Ok(named);
        }
    }
    Ok(namer.finish())
}

async fn hashes(
    tables: &Tables,
    after: i64,
    through: i64,
    sender: &Sender<Vec<u8>>,
) -> Result<Option<Vec<u8>>, WholeError> {
    let mut tx = tables.read_whole().await?;
    let head = event::find_head(&mut tx).await?;
    let entry_count = head.map_or(0, |head| head.number);
    if through > entry_count {
        return Err(WholeError::Ahead {
            asked: through,
            entry_count,
        });
    }
    let mut entries = Box::pin(event::entries_from(&mut tx, after.saturating_add(1)));
    let mut piece = Vec::new();
    while let Some(entry) = entries.try_next().await? {
        if entry.number > through {
            break;
        }
        piece.extend(entry_hash(&entry.entry()));
        if piece.len() >= HASHES_MAX * 32 && !send(sender, std::mem::take(&mut piece)).await {
            return Ok(None);
        }
    }
    Ok((!piece.is_empty()).then_some(piece))
}
