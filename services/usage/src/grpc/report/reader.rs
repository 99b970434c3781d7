//! Reads a stream's messages into batches.

use futures::{FutureExt, StreamExt, stream::Fuse};
use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::{batch::ReportUsageRequest, usage::v1::ErrorReason};
use gazelle_runtime::{
    clock::Clock,
    status::{FieldExt, unread},
};
use tonic::{Code, Status, Streaming};

use crate::{
    domain::days::DayCounts,
    grpc::{parse, status::refusal},
    ingest::Batch,
};

/// Records of a message at most.
const RECORDS_MAX: usize = 1_000;

/// A message that was read.
#[derive(Debug)]
pub struct SentMessage {
    /// Its number in the stream.
    pub sequence: i64,
    /// How many records it has.
    pub records: u32,
    /// How their days lie.
    pub days: DayCounts,
}

/// What was read.
pub enum Read {
    /// Messages that came together, as the batch that they make.
    Batch(Vec<SentMessage>, Batch),
    /// A message that is only checked, and its period.
    Check(ReportUsageRequest, Period),
}

impl Read {
    /// Whether it is only checked.
    pub fn checks(&self) -> bool {
        matches!(self, Self::Check(..))
    }

    /// The number of its first message.
    pub fn sequence(&self) -> i64 {
        match self {
            Self::Batch(messages, _) => messages.first().map_or(0, |first| first.sequence),
            Self::Check(message, _) => message.sequence,
        }
    }
}

/// Reads a stream's messages into batches.
pub struct Reader {
    messages: Fuse<Streaming<ReportUsageRequest>>,
    /// The number of the last message that was taken.
    sequence: i64,
    /// What was read and is not taken yet.
    ahead: Option<Result<ReportUsageRequest, Status>>,
    platform: PlatformId,
    clock: Clock,
}

impl Reader {
    /// Of a platform's stream.
    pub fn new(
        messages: Streaming<ReportUsageRequest>,
        platform: PlatformId,
        clock: Clock,
    ) -> Self {
        Self {
            messages: messages.fuse(),
            sequence: 0,
            ahead: None,
            platform,
            clock,
        }
    }

    /// The number of the message that is to come.
    pub fn next_sequence(&self) -> i64 {
        self.sequence + 1
    }

    /// The next message, and what is there already of those after it, up to a thousand records of
    /// the same period. None at the end.
    pub async fn next(&mut self) -> Result<Option<Read>, Status> {
        let first = match self.ahead.take() {
            Some(ahead) => Some(ahead),
            None => self.messages.next().await,
        };
        let Some(first) = first.transpose().map_err(not_read)? else {
            return Ok(None);
        };
        let period = self.check(&first)?;
        if first.check_only {
            self.sequence = first.sequence;
            return Ok(Some(Read::Check(first, period)));
        }
        let mut batch = Batch::new(self.platform.clone(), period, self.clock.now());
        let mut messages = vec![self.add(&first, &mut batch)?];
        while (batch.len() as usize) < RECORDS_MAX
            && let Some(Some(next)) = self.messages.next().now_or_never()
        {
            // What can't be added comes first in the next batch, or ends the stream there.
            match next {
                Ok(next) if self.may_be_added(&next, &first.period) => {
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
        Ok(Some(Read::Batch(messages, batch)))
    }

    /// Whether a message belongs into a batch of that period. Nothing is added of a single record
    /// that is malformed; of several some would.
    fn may_be_added(&self, next: &ReportUsageRequest, period: &str) -> bool {
        let is_well_formed = || next.records.iter().all(|record| record.is_ok());
        next.period == period
            && !next.check_only
            && self.check(next).is_ok()
            && (next.records.len() <= 1 || is_well_formed())
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
            parse::own_platform(&request.platform_id, &self.platform)?;
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

    fn add(
        &mut self,
        request: &ReportUsageRequest,
        batch: &mut Batch,
    ) -> Result<SentMessage, Status> {
        let before = batch.len();
        batch.begin_message(request.records.len(), request.records.encoded_len());
        for (index, view) in request.records.iter().enumerate() {
            batch.push(parse::sent(view.map_err(|_| malformed(index))?));
        }
        self.sequence = request.sequence;
        Ok(SentMessage {
            sequence: request.sequence,
            records: batch.len() - before,
            days: batch.days(),
        })
    }
}

/// A record that is no record ends the stream.
pub fn malformed(index: usize) -> Status {
    let message = format!("record {index} of the batch can't be read");
    refusal(Code::InvalidArgument, ErrorReason::BatchMalformed, message)
        .with("index", index)
        .into()
}

/// A message beyond the limit is a batch that is too large; one that is none is refused here, where
/// it is known which it is.
fn not_read(status: Status) -> Status {
    let inflated = "Error decompressing: size limit";
    let is_too_long = status.code() == Code::OutOfRange
        || status.code() == Code::ResourceExhausted && status.message().starts_with(inflated);
    if !is_too_long {
        return unread(&status).unwrap_or(status);
    }
    let message = "a batch has at most 512 KiB; send fewer records";
    refusal(Code::InvalidArgument, ErrorReason::BatchSize, message).into()
}
