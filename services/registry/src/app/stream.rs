//! Streams of one snapshot, in parts.
//!
//! A task reads a page, waits until there is room for it, and reads the next, all in one
//! snapshot: memory is bounded, and whoever stops reading ends it.

use std::time::Duration;

use gazelle_runtime::{detach::detached, store::StoreError, turn::Turn};
use sqlx::{Postgres, Transaction};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::SendTimeoutError};
use tracing::Instrument;

use super::{App, error::AppError};
use crate::domain::revision::Revision;

/// Most rows of a part.
pub(super) const PART_MAX: i64 = 1_000;

/// Parts that may wait to be read.
const WAITING_MAX: usize = 1;

/// How long a part may wait: until then the snapshot and its connection are held.
const STALL_MAX: Duration = Duration::from_mins(1);

/// Begins a snapshot that PostgreSQL does not end, as it does others, while a part waits.
const BEGIN: &str = "begin isolation level repeatable read read only; \
                     set local idle_in_transaction_session_timeout = '90s'";

/// A stream of one revision.
#[derive(Debug)]
pub struct Streamed<T> {
    pub revision: Revision,
    /// The parts, in order. A stream that fails ends with an error.
    pub parts: Receiver<Result<T, AppError>>,
}

/// A snapshot to stream from, with the turn to do so.
pub(super) struct Snapshot {
    pub(super) tx: Transaction<'static, Postgres>,
    turn: Turn,
}

impl App {
    /// Waits for a turn and begins the snapshot.
    pub(super) async fn snapshot_to_stream(&self) -> Result<Snapshot, AppError> {
        let turn = self.stream_turns.take().await?;
        let tx = self
            .pool
            .begin_with(BEGIN)
            .await
            .map_err(StoreError::from)?;
        Ok(Snapshot { tx, turn })
    }
}

impl Snapshot {
    /// Streams what `send` sends of the snapshot.
    pub(super) fn stream<T, F>(
        self,
        revision: Revision,
        send: impl FnOnce(Transaction<'static, Postgres>, Parts<T>) -> F,
    ) -> Streamed<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<(), AppError>> + Send + 'static,
    {
        let (sender, parts) = channel(WAITING_MAX);
        let Self { tx, turn } = self;
        let sending = send(tx, Parts(sender.clone()));
        let reading = async move {
            let result = sending.await;
            drop(turn);
            result
        };
        let reported = async move {
            // Also a panic must end the stream with an error: a short one would pass for whole.
            if let Err(error) = detached(reading).await {
                // Whoever went away needs no reason.
                let _ = sender.send(Err(error)).await;
            }
        };
        tokio::spawn(reported.in_current_span());
        Streamed { revision, parts }
    }
}

/// Where the parts go.
pub(super) struct Parts<T>(Sender<Result<T, AppError>>);

impl<T> Parts<T> {
    /// Whether there is still somebody who reads.
    pub(super) async fn send(&self, part: T) -> Result<bool, AppError> {
        match self.0.send_timeout(Ok(part), STALL_MAX).await {
            Ok(()) => Ok(true),
            Err(SendTimeoutError::Closed(_)) => Ok(false),
            Err(SendTimeoutError::Timeout(_)) => Err(AppError::StreamStalled),
        }
    }
}
