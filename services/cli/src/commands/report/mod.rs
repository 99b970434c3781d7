//! Streaming a file of usage records to the usage service.
//!
//! A thread reads the file into batches; a bounded number of them is on its way at a time, and
//! each stays at hand until it is acknowledged. When the connection is cut, what was not
//! acknowledged is sent again on a new stream: ids make that harmless. Memory holds a few batches,
//! whatever the size of the file.
//!
//! Of what was acknowledged a receipt is kept, and compared with the service's.

mod evidence;
mod file;
mod parts;
mod receipt;
mod remarks;

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryFutureExt as _};
use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::usage_service_client::UsageServiceClient;
use gazelle_proto::usage::v1::{GetPeriodRequest, Outcome, ReportUsageResponse};
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

pub use self::evidence::{Evidence, begin as begin_receipt};
use self::file::Batch;
pub use self::file::{COLUMNS, Source, repeats};
use self::parts::Parts;
pub use self::receipt::{Check, Sum, Tally};
use self::remarks::Remarks;
pub use self::remarks::{Expected, Remark};
use crate::client::{Patient, Tell, Tries};
use crate::failure::Failure;
use crate::input::rows::BadRow;
use crate::input::stamp::changed;
use crate::output::{progress, thousands};
use crate::words;

/// Batches on their way at a time.
const WINDOW: usize = 16;
/// Longest wait for an acknowledgement before the stream counts as cut.
const ACK_WAIT: Duration = Duration::from_mins(1);
/// Longest wait for the end of a stream.
const END_WAIT: Duration = Duration::from_secs(2);

/// What became of a file's records.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// Records that were acknowledged, and what the period held before and after.
    pub tally: Tally,
    /// What the service holds of the period after the last batch, as it says it; none where
    /// nothing was sent.
    pub receipt: Option<Receipt>,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// What is remarkable about the records, and refuses none.
    pub remarks: Vec<Remark>,
    /// What people should know of how the file was read.
    pub notes: Vec<String>,
}

/// What to report.
pub struct Job<'a> {
    /// The platform that the records are of.
    pub platform: &'a PlatformId,
    /// The month that they are reported for.
    pub period: Period,
    /// The file that has them, a row each.
    pub source: Source,
    /// Judge them, and keep nothing.
    pub check_only: bool,
    /// What is known of the platform and of programs beforehand.
    pub expected: Expected,
}

/// Reports the records of a file; `rejected` gets those that were not taken.
pub async fn run(
    client: &UsageServiceClient<Patient>,
    job: Job<'_>,
    bar: &ProgressBar,
    rejected: impl FnMut(BadRow) -> Result<(), Failure>,
) -> Result<Reported, Failure> {
    let (platform_id, period) = (job.platform.to_string(), job.period.to_string());
    let before = held(client, &platform_id, &period).await?;
    let mut tries = Tries::new();
    tries.worked();
    let mut report = Report {
        client: client.clone(),
        platform_id,
        period,
        check_only: job.check_only,
        source: mpsc::channel(1).1,
        drained: false,
        waiting: VecDeque::new(),
        tries,
        tell: Box::new(progress::trying_again()),
        tally: Tally {
            before,
            after: before,
            ..Tally::default()
        },
        receipt: None,
        remarks: Remarks::new(job.expected),
        bar,
        rejected,
    };
    let (file_sha256, notes) = report.send_all(job.source).await?;
    Ok(Reported {
        tally: report.tally,
        receipt: report.receipt,
        file_sha256,
        remarks: report.remarks.found(job.check_only),
        notes,
    })
}

/// What the service holds of a period before anything is sent.
async fn held(
    client: &UsageServiceClient<Patient>,
    platform_id: &str,
    period: &str,
) -> Result<Sum, Failure> {
    let request = GetPeriodRequest {
        platform_id: platform_id.to_owned(),
        period: period.to_owned(),
    };
    match client.clone().get_period(request).await {
        Ok(answer) => {
            let received = answer
                .into_inner()
                .period
                .and_then(|period| period.received);
            received.map_or(Ok(Sum::default()), |received| Sum::read(&received))
        }
        // Nothing was reported yet.
        Err(status) if status.code() == Code::NotFound => Ok(Sum::default()),
        Err(status) => Err(status.into()),
    }
}

struct Report<'a, F> {
    client: UsageServiceClient<Patient>,
    platform_id: String,
    period: String,
    check_only: bool,
    source: mpsc::Receiver<Result<Batch, Failure>>,
    /// The file has no more.
    drained: bool,
    /// On their way, in the order in which they were sent.
    waiting: VecDeque<Batch>,
    tries: Tries,
    tell: Tell,
    tally: Tally,
    receipt: Option<Receipt>,
    remarks: Remarks,
    bar: &'a ProgressBar,
    rejected: F,
}

/// Why a stream ended before everything was acknowledged.
enum Ended {
    /// By the service or the connection; another try may do.
    Cut(Status),
    /// Sending again would fail again.
    Failed(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl<F: FnMut(BadRow) -> Result<(), Failure>> Report<'_, F> {
    /// Sends the whole file. Returns SHA-256 of it, and what people should know of how it was read.
    async fn send_all(&mut self, source: Source) -> Result<([u8; 32], Vec<String>), Failure> {
        let again = source.again.clone();
        let parts = match again.clone().filter(|_| self.check_only) {
            Some(path) => tokio::task::spawn_blocking(move || file::parts(&path))
                .await
                .map_err(|error| fault(&error))??,
            None => Parts::whole(),
        };
        let parts = Arc::new(parts);
        let read = self.send_part(source, parts.clone(), 0).await?;
        for part in 1..parts.count() {
            let Some(path) = &again else { break };
            let source = Source::open(path)?;
            let (sha256, _) = self.send_part(source, parts.clone(), part).await?;
            if sha256 != read.0 {
                return Err(changed(path));
            }
        }
        Ok(read)
    }

    /// Sends a part of a file, on a new stream whenever one is cut.
    async fn send_part(
        &mut self,
        source: Source,
        parts: Arc<Parts>,
        part: u64,
    ) -> Result<([u8; 32], Vec<String>), Failure> {
        let (batches, receiver) = mpsc::channel(2);
        let whose = (self.platform_id.clone(), self.period.clone());
        let reader = tokio::task::spawn_blocking(move || {
            file::read(source, &whose, (&*parts, part), &batches)
        });
        (self.source, self.drained) = (receiver, false);
        self.remarks.begin_stream();
        while let Err(cut) = self.stream().await {
            match cut {
                Ended::Failed(failure) => return Err(self.given_up(failure)),
                // Nothing was kept of what was judged, so the rest alone would be judged otherwise.
                Ended::Cut(status) if self.check_only => return Err(status.into()),
                Ended::Cut(status) => {
                    (self.tell)(true);
                    let waited = self.tries.wait_after(status).await;
                    waited.map_err(|status| self.given_up(status.into()))?;
                }
            }
        }
        reader.await.map_err(|error| fault(&error))
    }

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
        for batch in &mut self.waiting {
            batch.sent_before = true;
        }
        // Once it is closed, why comes after the acknowledgements that are still under way.
        let mut open = true;
        for batch in &self.waiting {
            sent += 1;
            open &= send(&sender, self.request(sent, batch));
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
                batch = self.source.recv(), if open && !self.drained && self.waiting.len() < WINDOW => {
                    match batch {
                        None => self.drained = true,
                        Some(batch) => {
                            let batch = batch?;
                            if batch.records.is_empty() {
                                batch.bad.into_iter().try_for_each(&mut self.rejected)?;
                                continue;
                            }
                            batch.records.iter().for_each(|record| self.remarks.look(record));
                            sent += 1;
                            let request = self.request(sent, &batch);
                            // At hand first: a stream that is cut just now does not take it.
                            self.waiting.push_back(batch);
                            open = send(&sender, request);
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

    fn given_up(&self, failure: Failure) -> Failure {
        (self.tell)(false);
        match self.tally.taken().record_count() {
            0 => failure,
            kept => failure.hint(&words::KEPT_SO_FAR.with(&[("count", &thousands(kept))])),
        }
    }

    fn request(&self, sequence: i64, batch: &Batch) -> ReportUsageRequest {
        ReportUsageRequest {
            sequence,
            platform_id: self.platform_id.as_str().into(),
            period: self.period.as_str().into(),
            records: batch.records.iter().collect(),
            check_only: self.check_only,
        }
    }

    fn acknowledge(&mut self, expected: i64, answer: ReportUsageResponse) -> Result<(), Failure> {
        let batch = self
            .waiting
            .pop_front()
            .filter(|_| answer.sequence == expected);
        let batch = batch.ok_or_else(|| {
            let message = words::OUT_OF_ORDER.with(&[("sequence", &answer.sequence)]);
            Failure::new("SEQUENCE_BROKEN", message)
        })?;
        self.tries.worked();
        (self.tell)(false);
        self.count(&batch, &answer)?;
        // Back at the beginning for what comes last.
        self.bar.set_position(batch.bytes_read);
        let mut bad = batch.bad;
        for outcome in answer.outcomes {
            if outcome.outcome() == Outcome::Refused {
                let at = usize::try_from(outcome.index).ok();
                let line = at.and_then(|at| batch.lines.get(at));
                let record = at.and_then(|at| batch.records.get(at));
                let message = match outcome.other_period.as_str() {
                    "" => outcome.message,
                    held if outcome.message.contains(held) => outcome.message,
                    held => format!("{} ({held})", outcome.message),
                };
                bad.push(BadRow {
                    line: line.copied().unwrap_or_default(),
                    id: outcome.record_id,
                    message: file::with_value(message, &outcome.reason, record),
                    reason: outcome.reason,
                });
            }
        }
        bad.sort_by_key(|row| row.line);
        bad.into_iter().try_for_each(&mut self.rejected)
    }

    /// Adds a batch to the platform's own receipt, once its acknowledgement agrees with itself.
    fn count(&mut self, batch: &Batch, answer: &ReportUsageResponse) -> Result<(), Failure> {
        let tally = &mut self.tally;
        let fates = fates(batch, answer)?;
        let mut counts = [0; 3];
        let mut added = Sum::default();
        for (sum, fate) in batch.sums.iter().zip(fates) {
            match fate {
                None => {
                    counts[0] += 1;
                    added = added.plus(sum);
                }
                Some(Outcome::Duplicate) => {
                    counts[1] += 1;
                    tally.duplicates = tally.duplicates.plus(sum);
                    if batch.sent_before {
                        tally.again = tally.again.plus(sum);
                    }
                }
                Some(Outcome::Refused) => {
                    counts[2] += 1;
                    tally.refused = true;
                }
                Some(Outcome::Unspecified) => return Err(broken("leaves a record's fate open")),
            }
        }
        let told = [
            answer.accepted_count,
            answer.duplicate_count,
            answer.refused_count,
        ];
        if counts != told {
            return Err(broken("has counts that are not those of its outcomes"));
        }
        let shown = answer.added.as_ref();
        let shown = shown.ok_or_else(|| broken("does not say what the batch added"))?;
        if !added.agrees(&Sum::read(shown)?) {
            return Err(broken(
                "says that other records were added than were accepted",
            ));
        }
        tally.accepted = tally.accepted.plus(&added);
        self.remarks.told(&answer.warnings);
        if self.check_only {
            return Ok(());
        }
        let receipt = answer.receipt.as_ref();
        let receipt = receipt.ok_or_else(|| broken("has no receipt"))?;
        tally.after = Sum::read(receipt)?;
        self.receipt = Some(receipt.clone());
        Ok(())
    }
}

fn fault(error: &tokio::task::JoinError) -> Failure {
    Failure::new("INTERNAL", error.to_string())
}

fn broken(what: &str) -> Failure {
    let message = format!("the acknowledgement of a batch {what}");
    Failure::said("ACKNOWLEDGEMENT_BROKEN", &message)
}

/// What became of each record of a batch; none: it was accepted.
fn fates(batch: &Batch, answer: &ReportUsageResponse) -> Result<Vec<Option<Outcome>>, Failure> {
    let mut fates = vec![None; batch.sums.len()];
    for outcome in &answer.outcomes {
        let at = usize::try_from(outcome.index).ok();
        let fate = at
            .and_then(|at| fates.get_mut(at))
            .ok_or_else(|| broken("speaks of a record that was not in it"))?;
        *fate = Some(outcome.outcome());
    }
    Ok(fates)
}

/// Whether it goes out. Never waits: the channel holds as many as may be on their way.
fn send(sender: &mpsc::Sender<ReportUsageRequest>, request: ReportUsageRequest) -> bool {
    sender.try_send(request).is_ok()
}
