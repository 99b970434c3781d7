//! `ReportUsage`: a stream of messages and their acknowledgements.
//!
//! Each stream has a task that reads ahead, as many records as a stream may have under way; then
//! HTTP/2 slows the client. Small messages that came together are written together, since one
//! record a message would otherwise cost as much as a thousand. The answers leave in the order of
//! the messages, whichever is written first. A stream that only checks is answered message by
//! message.

mod acknowledge;
mod check;
mod open;
mod reader;
mod warn;

use std::{pin::Pin, sync::Arc};

use futures::{Stream, StreamExt, stream};
use gazelle_proto::{
    batch::ReportUsageRequest,
    usage::v1::{ErrorReason, ReportUsageResponse},
};
use gazelle_runtime::{clock::Clock, status::with_word};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status, Streaming};

use self::{
    acknowledge::Acknowledging,
    check::Checking,
    open::{OpenStream, OpenStreams},
    reader::{Read, Reader, SentMessage},
};
use super::{parse, status::refusal};
use crate::{
    app::App,
    config::IngestConfig,
    domain::acknowledgement::Acknowledgement,
    ingest::{Answer, Batch, Ingest, IngestError},
    tuning::BATCH_RECORDS_MAX,
};

/// The acknowledgements of a stream.
pub type Acknowledgements = Pin<Box<dyn Stream<Item = Result<ReportUsageResponse, Status>> + Send>>;

/// How streams are taken. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reports {
    ingest: Ingest,
    clock: Clock,
    shutdown: CancellationToken,
    streams: OpenStreams,
    stream_records_max: usize,
}

impl Reports {
    /// Streams whose batches go to `ingest`, until `shutdown`.
    pub fn new(
        ingest: Ingest,
        clock: Clock,
        shutdown: CancellationToken,
        config: &IngestConfig,
    ) -> Self {
        Self {
            ingest,
            clock,
            shutdown,
            streams: OpenStreams::new(config.platform_streams.get()),
            // A batch must fit, whatever the configuration says.
            stream_records_max: config.stream_records.max(BATCH_RECORDS_MAX),
        }
    }
}

/// Takes a stream of a platform's messages; returns the stream of their acknowledgements.
pub fn take(
    reports: &Reports,
    app: &App,
    request: Request<Streaming<ReportUsageRequest>>,
) -> Result<Response<Acknowledgements>, Status> {
    let platform = parse::calling_platform(&request)?;
    let open = reports.streams.open(&platform)?;
    let reader = Reader::new(
        request.into_inner(),
        platform.clone(),
        reports.clock.clone(),
    );
    let taking = Taking {
        reports: reports.clone(),
        check: Checking::new(
            app.check_usage(platform, reports.ingest.clone()),
            reports.clock.clone(),
        ),
    };
    // Every message has a record or more, so no more can be under way.
    let (answers, waiting) = mpsc::channel(reports.stream_records_max + 1);
    tokio::spawn(taking.run(reader, answers));
    let acknowledging = Acknowledging::new(reports.clock.clone());
    let answers = acknowledgements(open, waiting, acknowledging);
    Ok(Response::new(Box::pin(answers)))
}

fn acknowledgements(
    open: OpenStream,
    waiting: mpsc::Receiver<Next>,
    mut acknowledging: Acknowledging,
) -> impl Stream<Item = Result<ReportUsageResponse, Status>> {
    let answers = ReceiverStream::new(waiting).then(Next::wait);
    answers.flat_map(move |answer| {
        // The platform has this stream open until the last answer is sent.
        let _ = &open;
        let responses = match answer {
            Ok(Answered::Written(messages, acknowledgement)) => {
                let responses = acknowledging.acknowledge(&messages, acknowledgement);
                responses.into_iter().map(Ok).collect()
            }
            Ok(Answered::Checked(response)) => vec![Ok(*response)],
            Err(status) => vec![Err(status)],
        };
        stream::iter(responses)
    })
}

/// A stream that is being read.
struct Taking {
    reports: Reports,
    check: Checking,
}

impl Taking {
    async fn run(mut self, mut reader: Reader, answers: mpsc::Sender<Next>) {
        let room = Arc::new(Semaphore::new(self.reports.stream_records_max));
        // What only checks and what writes are told apart by the first message.
        let mut checks = None;
        loop {
            let read = tokio::select! {
                read = reader.next() => read,
                () = answers.closed() => return,
                () = self.reports.shutdown.cancelled() => Err(IngestError::Stopping.into()),
            };
            let sequence = match &read {
                Ok(Some(read)) => read.sequence(),
                Ok(None) | Err(_) => reader.next_sequence(),
            };
            let next = match read {
                Ok(None) => return,
                Ok(Some(read)) if *checks.get_or_insert(read.checks()) != read.checks() => {
                    Next::End(Box::new(mixed(read.sequence())))
                }
                Ok(Some(Read::Batch(messages, batch))) => self.submit(messages, batch, &room).await,
                Ok(Some(Read::Check(message, period))) => {
                    match self.check.judge(&message, period).await {
                        Ok(response) => Next::Checked(Box::new(response)),
                        Err(status) => Next::End(Box::new(status)),
                    }
                }
                Err(status) => Next::End(Box::new(status)),
            };
            let next = match next {
                Next::End(status) => Next::End(Box::new(at(*status, sequence))),
                going_on => going_on,
            };
            let ended = matches!(next, Next::End(_));
            if answers.send(next).await.is_err() || ended {
                return;
            }
        }
    }

    async fn submit(
        &self,
        messages: Vec<SentMessage>,
        batch: Batch,
        room: &Arc<Semaphore>,
    ) -> Next {
        let Ok(room) = room.clone().acquire_many_owned(batch.len()).await else {
            return Next::End(Box::new(IngestError::Stopping.into()));
        };
        match self.reports.ingest.submit(batch).await {
            Ok(answer) => Next::Answer(messages, answer, room),
            Err(error) => Next::End(Box::new(error.into())),
        }
    }
}

/// The refusal with the number of the batch that it is about.
fn at(status: Status, sequence: i64) -> Status {
    with_word(status, "sequence", sequence)
}

fn mixed(sequence: i64) -> Status {
    let message = "a stream either checks or reports; open another for the other";
    refusal(Code::InvalidArgument, ErrorReason::CheckMixed, message)
        .with("sequence", sequence)
        .into()
}

/// What comes next in the stream of answers.
#[derive(Debug)]
enum Next {
    Answer(Vec<SentMessage>, Answer, OwnedSemaphorePermit),
    Checked(Box<ReportUsageResponse>),
    End(Box<Status>),
}

/// What was answered.
enum Answered {
    Written(Vec<SentMessage>, Acknowledgement),
    Checked(Box<ReportUsageResponse>),
}

impl Next {
    async fn wait(self) -> Result<Answered, Status> {
        match self {
            Self::Answer(messages, answer, _room) => {
                let answer = answer.await.unwrap_or(Err(IngestError::WriterLost));
                match answer {
                    Ok(acknowledgement) => Ok(Answered::Written(messages, acknowledgement)),
                    Err(error) => {
                        let first = messages.first().map_or(0, |first| first.sequence);
                        Err(at(error.into(), first))
                    }
                }
            }
            Self::Checked(response) => Ok(Answered::Checked(response)),
            Self::End(status) => Err(*status),
        }
    }
}
