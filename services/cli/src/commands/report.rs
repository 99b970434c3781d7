//! Streaming a file of usage records to the usage service.
//!
//! A thread reads the file into batches; a bounded number of them is on its way at a time, and
//! each stays at hand until it is acknowledged. When the connection is cut, what was not
//! acknowledged is sent again on a new stream: ids make that harmless. Memory holds a few batches,
//! whatever the size of the file.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt as _, TryFutureExt as _};
use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::usage_service_client::UsageServiceClient;
use gazelle_proto::usage::v1::{Outcome, Receipt, ReportUsageResponse, UsageRecord};
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::import::{BATCH_BYTES, BATCH_ROWS, BadField, amount, field};
use crate::client::{Authorized, Tries};
use crate::failure::Failure;
use crate::input::csv::{BadRow, CsvFile};

/// The columns of a file of records.
pub const COLUMNS: &[&str] = &[
    "record_id",
    "merchant_id",
    "fee_kind",
    "occurred_on",
    "amount_fen",
    "reverses_record_id",
];

/// Batches on their way at a time.
const WINDOW: usize = 16;
/// Longest wait for an acknowledgement before the stream counts as cut.
const ACK_WAIT: Duration = Duration::from_mins(1);
/// Longest wait for the end of a stream.
const END_WAIT: Duration = Duration::from_secs(2);

/// What became of a file's records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reported {
    /// Records that were new and are now kept.
    pub accepted: u64,
    /// Records that were there already.
    pub duplicates: u64,
    /// What the service holds of the period after the last batch; none where nothing was sent.
    pub receipt: Option<Receipt>,
}

/// Records that are sent together, and the rows between them that cannot be sent.
struct Batch {
    records: Vec<UsageRecord>,
    /// The line of each record.
    lines: Vec<u64>,
    bad: Vec<BadRow>,
    bytes_read: u64,
}

/// Reports the records of `file`; `rejected` gets those that were not taken.
pub async fn run(
    client: &UsageServiceClient<Authorized>,
    platform: &PlatformId,
    period: Period,
    file: CsvFile,
    bar: &ProgressBar,
    rejected: impl FnMut(BadRow) -> Result<(), Failure>,
) -> Result<Reported, Failure> {
    let (batches, source) = mpsc::channel(2);
    let reader = tokio::task::spawn_blocking(move || read(file, &batches));
    let mut report = Report {
        client: client.clone(),
        platform_id: platform.to_string(),
        period: period.to_string(),
        source,
        drained: false,
        waiting: VecDeque::new(),
        tries: Tries::new(),
        reported: Reported::default(),
        bar,
        rejected,
    };
    while let Err(cut) = report.stream().await {
        match cut {
            Ended::Failed(failure) => return Err(failure),
            Ended::Cut(status) => {
                let waited = report.tries.wait_after(status).await;
                waited.map_err(|status| report.given_up(status))?;
            }
        }
    }
    let reported = report.reported;
    reader
        .await
        .map_err(|error| Failure::new("INTERNAL", error.to_string()))?;
    Ok(reported)
}

struct Report<'a, F> {
    client: UsageServiceClient<Authorized>,
    platform_id: String,
    period: String,
    source: mpsc::Receiver<Result<Batch, Failure>>,
    /// The file has no more.
    drained: bool,
    /// On their way, in the order in which they were sent.
    waiting: VecDeque<Batch>,
    tries: Tries,
    reported: Reported,
    bar: &'a ProgressBar,
    rejected: F,
}

/// Why a stream ended before everything was acknowledged.
enum Ended {
    /// By the service or the connection; another try may do.
    Cut(Status),
    /// For good.
    Failed(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl<F: FnMut(BadRow) -> Result<(), Failure>> Report<'_, F> {
    /// Sends what waits and what the file still has; returns when all of it is acknowledged.
    async fn stream(&mut self) -> Result<(), Ended> {
        let (sender, receiver) = mpsc::channel(WINDOW);
        let mut client = self.client.clone();
        let call = async move { client.report_usage(ReceiverStream::new(receiver)).await };
        let mut acknowledgements = pin!(
            call.map_ok(tonic::Response::into_inner)
                .try_flatten_stream()
        );
        let mut sent = 0;
        for batch in &self.waiting {
            sent += 1;
            send(&sender, self.request(sent, batch))?;
        }
        let mut acknowledged = 0;
        loop {
            if self.waiting.is_empty() && self.drained {
                // Ends the stream in an orderly way. All is acknowledged, whatever comes of that.
                drop(sender);
                let _ = tokio::time::timeout(END_WAIT, acknowledgements.next()).await;
                return Ok(());
            }
            tokio::select! {
                batch = self.source.recv(), if !self.drained && self.waiting.len() < WINDOW => {
                    match batch {
                        None => self.drained = true,
                        Some(batch) => {
                            let batch = batch?;
                            if batch.records.is_empty() {
                                batch.bad.into_iter().try_for_each(&mut self.rejected)?;
                                continue;
                            }
                            sent += 1;
                            send(&sender, self.request(sent, &batch))?;
                            self.waiting.push_back(batch);
                        }
                    }
                }
                answer = tokio::time::timeout(ACK_WAIT, acknowledgements.next()), if !self.waiting.is_empty() => {
                    let ended = || Status::unavailable("the stream ended before all was acknowledged");
                    let late = |_| Status::unavailable("no acknowledgement came");
                    let answer = answer.map_err(late).and_then(|a| a.unwrap_or_else(|| Err(ended())));
                    acknowledged += 1;
                    self.acknowledge(acknowledged, answer.map_err(Ended::Cut)?)?;
                }
            }
        }
    }

    fn given_up(&self, status: Status) -> Failure {
        let failure = Failure::from(status);
        match self.reported.accepted + self.reported.duplicates {
            0 => failure,
            kept => failure.hint(&format!(
                "{kept} records were acknowledged and stay; report the same file again for the rest"
            )),
        }
    }

    fn request(&self, sequence: i64, batch: &Batch) -> ReportUsageRequest {
        ReportUsageRequest {
            sequence,
            platform_id: self.platform_id.clone(),
            period: self.period.clone(),
            records: batch.records.iter().collect(),
        }
    }

    fn acknowledge(&mut self, expected: i64, answer: ReportUsageResponse) -> Result<(), Failure> {
        let batch = self
            .waiting
            .pop_front()
            .filter(|_| answer.sequence == expected);
        let batch = batch.ok_or_else(|| {
            let message = format!("batch {} was acknowledged out of order", answer.sequence);
            Failure::new("SEQUENCE_BROKEN", message)
        })?;
        self.tries.worked();
        self.reported.accepted += u64::try_from(answer.accepted_count).unwrap_or(0);
        self.reported.duplicates += u64::try_from(answer.duplicate_count).unwrap_or(0);
        self.reported.receipt = answer.receipt;
        self.bar.set_position(batch.bytes_read);
        let mut bad = batch.bad;
        for outcome in answer.outcomes {
            if outcome.outcome() == Outcome::Refused {
                let line = usize::try_from(outcome.index)
                    .ok()
                    .and_then(|at| batch.lines.get(at));
                bad.push(BadRow {
                    line: line.copied().unwrap_or_default(),
                    id: outcome.record_id,
                    reason: outcome.reason,
                    message: outcome.message,
                });
            }
        }
        bad.sort_by_key(|row| row.line);
        bad.into_iter().try_for_each(&mut self.rejected)
    }
}

/// Never waits: the channel holds as many as may be on their way.
fn send(
    sender: &mpsc::Sender<ReportUsageRequest>,
    request: ReportUsageRequest,
) -> Result<(), Ended> {
    let closed = |_| Ended::Cut(Status::unavailable("the stream was closed"));
    sender.try_send(request).map_err(closed)
}

/// Reads the whole file into batches; stops when nobody wants them any more.
fn read(mut file: CsvFile, batches: &mpsc::Sender<Result<Batch, Failure>>) {
    loop {
        let (batch, ended) = match read_batch(&mut file) {
            Ok((batch, ended)) => (Ok(batch), ended),
            Err(failure) => (Err(failure), true),
        };
        if batches.blocking_send(batch).is_err() || ended {
            return;
        }
    }
}

fn read_batch(file: &mut CsvFile) -> Result<(Batch, bool), Failure> {
    let mut batch = Batch {
        records: Vec::new(),
        lines: Vec::new(),
        bad: Vec::new(),
        bytes_read: 0,
    };
    let mut bytes = 0;
    let mut ended = false;
    while batch.records.len() + batch.bad.len() < BATCH_ROWS && bytes < BATCH_BYTES && !ended {
        match file.next_row()? {
            None => ended = true,
            Some(Err(bad)) => batch.bad.push(bad),
            Some(Ok(row)) => {
                // What protobuf adds to the texts of a record is less than this.
                bytes += row.fields.iter().map(String::len).sum::<usize>() + 64;
                match record(&row.fields) {
                    Ok(record) => {
                        batch.records.push(record);
                        batch.lines.push(row.line);
                    }
                    Err(BadField { reason, message }) => batch.bad.push(BadRow {
                        line: row.line,
                        id: field(&row.fields, 0),
                        reason,
                        message,
                    }),
                }
            }
        }
    }
    batch.bytes_read = file.bytes_read();
    Ok((batch, ended))
}

fn record(fields: &[String]) -> Result<UsageRecord, BadField> {
    Ok(UsageRecord {
        record_id: field(fields, 0),
        merchant_id: field(fields, 1),
        fee_kind: field(fields, 2),
        occurred_on: field(fields, 3),
        amount_fen: amount("amount_fen", &field(fields, 4))?,
        reverses_record_id: field(fields, 5),
    })
}
