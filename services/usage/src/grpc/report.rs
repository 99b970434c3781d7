//! A stream of batches and its acknowledgements.
//!
//! Each stream has a task that reads ahead: it takes a place in a short queue of answers before
//! it reads a batch, so that no more are under way than the queue has places, nor more records
//! than a stream may have under way, and HTTP/2 slows the client. The answers leave that queue in the order of the batches, whichever is written
//! first.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{Stream, StreamExt};
use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::{ErrorReason, ReportUsageResponse};
use gazelle_runtime::{clock::Clock, status::FieldExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use super::{convert, status::refusal};
use crate::{
    domain::SentRecord,
    ingest::{Acknowledgement, Answer, Batch, Ingest, IngestError},
    store::period::Holding,
};

/// Records of a batch at most.
const RECORDS_MAX: usize = 1_000;

/// Records of a stream that are under way at most: batches may be as small as they like.
const STREAM_RECORDS: usize = 20_000;

/// How streams are taken. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reports {
    ingest: Ingest,
    clock: Clock,
    shutdown: CancellationToken,
    streams: Arc<Mutex<HashMap<PlatformId, usize>>>,
    platform_streams_max: usize,
    batches_max: usize,
}

impl Reports {
    pub fn new(
        ingest: Ingest,
        clock: Clock,
        shutdown: CancellationToken,
        config: &crate::config::IngestConfig,
    ) -> Self {
        Self {
            ingest,
            clock,
            shutdown,
            streams: Arc::default(),
            platform_streams_max: config.platform_streams,
            batches_max: config.stream_batches,
        }
    }

    /// Takes a stream of a platform's batches; returns the stream of their acknowledgements.
    pub fn take(
        &self,
        platform: PlatformId,
        batches: Streaming<ReportUsageRequest>,
    ) -> Result<impl Stream<Item = Result<ReportUsageResponse, Status>> + use<>, Status> {
        let open = self.open(&platform)?;
        // One more is under way than waits: the one whose answer is waited for.
        let (answers, waiting) = mpsc::channel(self.batches_max.saturating_sub(1).max(1));
        tokio::spawn(self.clone().read(platform, batches, answers));
        let mut newest = Newest::default();
        Ok(ReceiverStream::new(waiting)
            .then(Next::wait)
            .map(move |answer| {
                // The platform has this stream open until the last answer is sent.
                let _ = &open;
                let (sequence, mut acknowledgement) = answer?;
                newest.keep(&mut acknowledgement);
                Ok(convert::acknowledgement(sequence, acknowledgement))
            }))
    }

    fn open(&self, platform: &PlatformId) -> Result<OpenStream, Status> {
        let mut streams = lock(&self.streams);
        let open = streams.entry(platform.clone()).or_default();
        if *open >= self.platform_streams_max {
            let max = self.platform_streams_max;
            let message = format!("the platform has {max} streams open, as many as it may");
            return Err(refusal(
                Code::ResourceExhausted,
                ErrorReason::TooManyStreams,
                message,
            )
            .with("streams_max", max)
            .into());
        }
        *open += 1;
        Ok(OpenStream {
            platform: platform.clone(),
            streams: self.streams.clone(),
        })
    }

    async fn read(
        self,
        platform: PlatformId,
        mut batches: Streaming<ReportUsageRequest>,
        answers: mpsc::Sender<Next>,
    ) {
        let room = Arc::new(Semaphore::new(STREAM_RECORDS));
        for sequence in 1.. {
            let Ok(place) = answers.reserve().await else {
                return;
            };
            let message = tokio::select! {
                message = batches.message() => message,
                () = answers.closed() => return,
                () = self.shutdown.cancelled() => Err(IngestError::Stopping.into()),
            };
            let batch = match message {
                Ok(Some(request)) => self.parse(request, sequence, &platform),
                Ok(None) => return,
                Err(status) => Err(too_long(status)),
            };
            let batch = match batch {
                Ok(batch) => batch,
                Err(status) => return place.send(Next::End(Box::new(status))),
            };
            let records = u32::try_from(batch.len()).unwrap_or(u32::MAX);
            let Ok(room) = room.clone().acquire_many_owned(records).await else {
                return;
            };
            match self.ingest.submit(batch).await {
                Ok(answer) => place.send(Next::Answer(sequence, answer, room)),
                Err(error) => return place.send(Next::End(Box::new(error.into()))),
            }
        }
    }

    fn parse(
        &self,
        request: ReportUsageRequest,
        expected: i64,
        caller: &PlatformId,
    ) -> Result<Batch, Status> {
        let received_at = self.clock.now();
        if request.sequence != expected {
            let message = format!(
                "batch {} came where {expected} was expected",
                request.sequence
            );
            return Err(
                refusal(Code::InvalidArgument, ErrorReason::SequenceBroken, message)
                    .with("sequence", request.sequence)
                    .with("expected", expected)
                    .into(),
            );
        }
        let platform = own_platform(&request.platform_id, caller)?;
        let period = Period::parse(&request.period).field("period")?;
        let count = request.records.len();
        if !(1..=RECORDS_MAX).contains(&count) {
            let message = format!("a batch has 1 to {RECORDS_MAX} records, this one has {count}");
            return Err(
                refusal(Code::InvalidArgument, ErrorReason::BatchSize, message)
                    .with("record_count", count)
                    .into(),
            );
        }
        let records: Result<Vec<SentRecord>, _> = request
            .records
            .iter()
            .map(|view| view.map(Into::into))
            .collect();
        let records = records.map_err(|error| {
            refusal(
                Code::InvalidArgument,
                ErrorReason::BatchMalformed,
                error.to_string(),
            )
        })?;
        Ok(Batch::new(platform, period, received_at, records))
    }
}

/// The platform that a message names, which must be the caller's own.
pub fn own_platform(named: &str, caller: &PlatformId) -> Result<PlatformId, Status> {
    let named = PlatformId::parse(named).field("platform_id")?;
    if named == *caller {
        return Ok(named);
    }
    let message = "a platform reports and states for itself alone";
    Err(refusal(
        Code::PermissionDenied,
        ErrorReason::NotYourPlatform,
        message,
    )
    .into())
}

/// What comes next in the stream of answers.
#[derive(Debug)]
enum Next {
    Answer(i64, Answer, OwnedSemaphorePermit),
    End(Box<Status>),
}

impl Next {
    async fn wait(self) -> Result<(i64, Acknowledgement), Status> {
        match self {
            Self::Answer(sequence, answer, _room) => match answer.await {
                Ok(Ok(acknowledgement)) => Ok((sequence, acknowledgement)),
                Ok(Err(error)) => Err(error.into()),
                Err(_) => Err(IngestError::WriterLost.into()),
            },
            Self::End(status) => Err(*status),
        }
    }
}

/// The newest receipt of each period that a stream has shown.
///
/// A batch may be written before one that stands earlier in the stream and is acknowledged
/// earlier. Its own receipt would lack that one; the other's, which is newer, has both.
#[derive(Debug, Default)]
struct Newest(HashMap<Period, Holding>);

impl Newest {
    fn keep(&mut self, acknowledgement: &mut Acknowledgement) {
        let newest = self
            .0
            .entry(acknowledgement.period)
            .or_insert(acknowledgement.holding);
        if newest.revision < acknowledgement.holding.revision {
            *newest = acknowledgement.holding;
        }
        acknowledgement.holding = *newest;
    }
}

/// A message beyond the limit is a batch that is too large; anything else is what it is.
fn too_long(status: Status) -> Status {
    if status.code() != Code::OutOfRange {
        return status;
    }
    let message = "a batch has at most 512 KiB; send fewer records";
    refusal(Code::InvalidArgument, ErrorReason::BatchSize, message).into()
}

/// A platform's open stream; counted until dropped.
#[derive(Debug)]
struct OpenStream {
    platform: PlatformId,
    streams: Arc<Mutex<HashMap<PlatformId, usize>>>,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut streams = lock(&self.streams);
        if let Some(open) = streams.get_mut(&self.platform) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.platform);
            }
        }
    }
}

/// A count is whole after every step, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Receipt;

    #[test]
    fn a_receipt_is_never_older_than_one_shown_before_it() {
        let mut newest = Newest::default();
        let mut shown = |period: &str, revision| {
            let mut acknowledgement = Acknowledgement {
                accepted_count: 0,
                duplicate_count: 0,
                refused_count: 0,
                remarks: Vec::new(),
                period: Period::parse(period).unwrap(),
                holding: Holding {
                    receipt: Receipt::default(),
                    revision,
                },
            };
            newest.keep(&mut acknowledgement);
            acknowledgement.holding.revision
        };
        assert_eq!(shown("2017-03", 2), 2);
        assert_eq!(shown("2017-03", 1), 2);
        assert_eq!(shown("2017-04", 1), 1);
        assert_eq!(shown("2017-03", 3), 3);
    }
}
