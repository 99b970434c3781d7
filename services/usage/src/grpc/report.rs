//! A stream of messages and their acknowledgements.
//!
//! Each stream has a task that reads ahead, as many records as a stream may have under way; then
//! HTTP/2 slows the client. Small messages that came together are written together, since one
//! record a message would otherwise cost as much as a thousand. The answers leave in the order of
//! the messages, whichever is written first.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{FutureExt, Stream, StreamExt, stream};
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
    ingest::{Acknowledgement, Answer, BATCH_RECORDS_MAX, Batch, Ingest, IngestError},
    store::period::Holding,
};

/// Records of a message at most.
const RECORDS_MAX: usize = 1_000;

/// How streams are taken. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reports {
    ingest: Ingest,
    clock: Clock,
    shutdown: CancellationToken,
    streams: Arc<Mutex<HashMap<PlatformId, usize>>>,
    platform_streams_max: usize,
    stream_records_max: usize,
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
            platform_streams_max: config.platform_streams.get(),
            // A batch must fit, whatever the configuration says.
            stream_records_max: config.stream_records.max(BATCH_RECORDS_MAX),
        }
    }

    /// Takes a stream of a platform's messages; returns the stream of their acknowledgements.
    pub fn take(
        &self,
        platform: PlatformId,
        messages: Streaming<ReportUsageRequest>,
    ) -> Result<impl Stream<Item = Result<ReportUsageResponse, Status>> + use<>, Status> {
        let open = self.open(&platform)?;
        // Every message has a record or more, so no more can be under way.
        let (answers, waiting) = mpsc::channel(self.stream_records_max + 1);
        let reader = Reader {
            messages,
            sequence: 0,
            ahead: None,
            platform,
            clock: self.clock.clone(),
        };
        tokio::spawn(self.clone().read(reader, answers));
        let mut newest = Newest::default();
        Ok(ReceiverStream::new(waiting)
            .then(Next::wait)
            .flat_map(move |answer| {
                // The platform has this stream open until the last answer is sent.
                let _ = &open;
                let responses = match answer {
                    Ok((messages, mut acknowledgement)) => {
                        newest.keep(&mut acknowledgement);
                        convert::acknowledgements(&messages, acknowledgement)
                    }
                    Err(status) => vec![Err(status)],
                };
                stream::iter(responses)
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

    async fn read(self, mut reader: Reader, answers: mpsc::Sender<Next>) {
        let room = Arc::new(Semaphore::new(self.stream_records_max));
        loop {
            let read = tokio::select! {
                read = reader.next() => read,
                () = answers.closed() => return,
                () = self.shutdown.cancelled() => Err(IngestError::Stopping.into()),
            };
            let next = match read {
                Ok(None) => return,
                Ok(Some((messages, batch))) => self.submit(messages, batch, &room).await,
                Err(status) => Next::End(Box::new(status)),
            };
            let ended = matches!(next, Next::End(_));
            if answers.send(next).await.is_err() || ended {
                return;
            }
        }
    }

    async fn submit(&self, messages: Vec<Message>, batch: Batch, room: &Arc<Semaphore>) -> Next {
        let Ok(room) = room.clone().acquire_many_owned(batch.len()).await else {
            return Next::End(Box::new(IngestError::Stopping.into()));
        };
        match self.ingest.submit(batch).await {
            Ok(answer) => Next::Answer(messages, answer, room),
            Err(error) => Next::End(Box::new(error.into())),
        }
    }
}

/// A message that was read.
#[derive(Debug)]
pub struct Message {
    /// Its number in the stream.
    pub sequence: i64,
    /// How many records it has.
    pub records: u32,
}

/// Reads a stream's messages into batches.
struct Reader {
    messages: Streaming<ReportUsageRequest>,
    /// The number of the last message that was taken.
    sequence: i64,
    /// What was read and is not taken yet.
    ahead: Option<Result<ReportUsageRequest, Status>>,
    platform: PlatformId,
    clock: Clock,
}

impl Reader {
    /// The next message, and what is there already of those after it, up to a thousand records of
    /// the same period. None at the end.
    async fn next(&mut self) -> Result<Option<(Vec<Message>, Batch)>, Status> {
        let first = match self.ahead.take() {
            Some(ahead) => Some(ahead),
            None => self.messages.next().await,
        };
        let Some(first) = first.transpose().map_err(too_long)? else {
            return Ok(None);
        };
        let period = self.check(&first)?;
        let mut batch = Batch::new(self.platform.clone(), period, self.clock.now());
        let mut messages = vec![self.add(&first, &mut batch)?];
        while (batch.len() as usize) < RECORDS_MAX
            && let Some(Some(next)) = self.messages.next().now_or_never()
        {
            // What can't be added comes first in the next batch, or ends the stream there.
            match next {
                Ok(next) if next.period == first.period && self.check(&next).is_ok() => {
                    let is_well_formed = || next.records.iter().all(|record| record.is_ok());
                    // Nothing is added of a single record that is malformed; of several some would.
                    if next.records.len() > 1 && !is_well_formed() {
                        self.ahead = Some(Ok(next));
                        break;
                    }
                    match self.add(&next, &mut batch) {
                        Ok(message) => messages.push(message),
                        Err(status) => {
                            self.ahead = Some(Err(status));
                            break;
                        }
                    }
                }
                other => {
                    self.ahead = Some(other);
                    break;
                }
            }
        }
        Ok(Some((messages, batch)))
    }

    /// Checks all of a message but its records.
    fn check(&self, request: &ReportUsageRequest) -> Result<Period, Status> {
        let expected = self.sequence + 1;
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
        if request.platform_id != self.platform.as_str() {
            own_platform(&request.platform_id, &self.platform)?;
        }
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
        Ok(period)
    }

    fn add(&mut self, request: &ReportUsageRequest, batch: &mut Batch) -> Result<Message, Status> {
        let before = batch.len();
        batch.reserve(request.records.len(), request.records.encoded_len());
        for view in &request.records {
            let view = view.map_err(|error| {
                let reason = ErrorReason::BatchMalformed;
                refusal(Code::InvalidArgument, reason, error.to_string())
            })?;
            batch.push(convert::sent(view));
        }
        self.sequence = request.sequence;
        Ok(Message {
            sequence: request.sequence,
            records: batch.len() - before,
        })
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
    Answer(Vec<Message>, Answer, OwnedSemaphorePermit),
    End(Box<Status>),
}

impl Next {
    async fn wait(self) -> Result<(Vec<Message>, Acknowledgement), Status> {
        match self {
            Self::Answer(messages, answer, _room) => match answer.await {
                Ok(Ok(acknowledgement)) => Ok((messages, acknowledgement)),
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
