//! Reporting usage, as a platform's own client does.

use std::time::Duration;

use gazelle_client::Client;
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::{
    Outcome, Period, RecordOutcome, ReportUsageResponse, SealPeriodRequest, SubmitStatementRequest,
    UsageRecord, WithdrawPeriodRequest, Withdrawal,
};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Longest wait for an answer.
const ANSWER_WAIT: Duration = Duration::from_mins(1);

/// A fee that a merchant was charged.
#[must_use]
pub fn fee(id: &str, merchant: &str, kind: &str, day: &str, amount_fen: i64) -> UsageRecord {
    UsageRecord {
        record_id: id.to_owned(),
        merchant_id: merchant.to_owned(),
        fee_kind: kind.to_owned(),
        occurred_on: day.to_owned(),
        amount_fen,
        reverses_record_id: String::new(),
    }
}

/// A fee of March 2017, where only its id and its amount matter.
#[must_use]
pub fn some_fee(id: &str, amount_fen: i64) -> UsageRecord {
    fee(id, "shop", "COMMISSION", "2017-03-05", amount_fen)
}

/// What takes back `amount_fen` of `fee`, on the same day.
#[must_use]
pub fn reversal(id: &str, fee: &UsageRecord, amount_fen: i64) -> UsageRecord {
    UsageRecord {
        record_id: id.to_owned(),
        amount_fen: -amount_fen,
        reverses_record_id: fee.record_id.clone(),
        ..fee.clone()
    }
}

/// That many fees.
#[must_use]
pub fn fees(prefix: &str, count: i64) -> Vec<UsageRecord> {
    let one = |at| {
        let id = format!("{prefix}{at}");
        fee(&id, "shop", "COMMISSION", "2017-01-05", 1 + at)
    };
    (0..count).map(one).collect()
}

/// A stream of batches. Its answers are read apart from what is sent, as many as are asked for.
#[derive(Debug)]
pub struct Stream {
    platform: String,
    sequence: i64,
    batches: mpsc::Sender<ReportUsageRequest>,
    answers: mpsc::Receiver<Result<ReportUsageResponse, Status>>,
}

impl Stream {
    /// A stream of that platform.
    #[must_use]
    pub fn open(client: &Client, platform: &str) -> Self {
        let (batches, receiver) = mpsc::channel(64);
        let (answered, answers) = mpsc::channel(64);
        let mut usage = client.usage.clone();
        tokio::spawn(async move {
            let mut responses = match usage.report_usage(ReceiverStream::new(receiver)).await {
                Ok(responses) => responses.into_inner(),
                Err(status) => {
                    let _ = answered.send(Err(status)).await;
                    return;
                }
            };
            while let Some(answer) = responses.message().await.transpose() {
                if answered.send(answer).await.is_err() {
                    return;
                }
            }
        });
        Self {
            platform: platform.to_owned(),
            sequence: 0,
            batches,
            answers,
        }
    }

    /// Sends the next batch.
    pub async fn send(&mut self, period: &str, records: Vec<UsageRecord>) {
        self.sequence += 1;
        let request = ReportUsageRequest {
            sequence: self.sequence,
            platform_id: self.platform.as_str().into(),
            period: period.into(),
            records: records.iter().collect(),
            check_only: false,
        };
        self.send_raw(request).await;
    }

    /// Sends this, whatever it is.
    pub async fn send_raw(&mut self, request: ReportUsageRequest) {
        // A stream that was refused meanwhile takes no more; its answer says so.
        let _ = timeout(ANSWER_WAIT, self.batches.send(request))
            .await
            .unwrap();
    }

    /// The next answer.
    pub async fn answer(&mut self) -> Result<ReportUsageResponse, Status> {
        let answer = timeout(ANSWER_WAIT, self.answers.recv()).await.unwrap();
        answer.unwrap_or_else(|| Err(Status::unavailable("the stream ended")))
    }
}

/// Reports one batch on a stream of its own.
pub async fn report(
    client: &Client,
    platform: &str,
    period: &str,
    records: &[UsageRecord],
) -> Result<ReportUsageResponse, Status> {
    let mut stream = Stream::open(client, platform);
    stream.send(period, records.to_vec()).await;
    stream.answer().await
}

/// Reports what must be accepted, in as many batches as it takes.
pub async fn report_all(client: &Client, platform: &str, period: &str, records: &[UsageRecord]) {
    let mut stream = Stream::open(client, platform);
    for batch in records.chunks(1_000) {
        stream.send(period, batch.to_vec()).await;
        let answer = stream.answer().await.unwrap();
        assert_eq!(answer.outcomes, [], "{platform} {period}");
    }
}

/// How many of an answer's records were accepted, duplicates and refused.
#[must_use]
pub fn counts(answer: &ReportUsageResponse) -> (i32, i32, i32) {
    (
        answer.accepted_count,
        answer.duplicate_count,
        answer.refused_count,
    )
}

/// What became of a record: `ACCEPTED` unless the answer says otherwise, `DUPLICATE`, or why it
/// was refused.
#[must_use]
pub fn fate(answer: &ReportUsageResponse, index: usize) -> String {
    let about = |outcome: &&RecordOutcome| usize::try_from(outcome.index) == Ok(index);
    let Some(outcome) = answer.outcomes.iter().find(about) else {
        return "ACCEPTED".to_owned();
    };
    match outcome.outcome() {
        Outcome::Duplicate => "DUPLICATE".to_owned(),
        Outcome::Refused => outcome.reason.clone(),
        Outcome::Unspecified => panic!("{outcome:?}"),
    }
}

/// States count and sum of a period.
pub async fn state(
    client: &Client,
    platform: &str,
    period: &str,
    record_count: i64,
    total_fen: i64,
) -> Result<Period, Status> {
    let request = SubmitStatementRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
        record_count,
        total_fen,
    };
    let answer = client.usage.clone().submit_statement(request).await?;
    Ok(answer.into_inner().period.unwrap())
}

/// Seals a period.
pub async fn seal(officer: &Client, platform: &str, period: &str) -> Result<Period, Status> {
    seal_seen(officer, platform, period, None).await
}

/// Seals a period that holds what the receipt says, where one is given.
pub async fn seal_seen(
    officer: &Client,
    platform: &str,
    period: &str,
    seen: Option<Receipt>,
) -> Result<Period, Status> {
    let request = SealPeriodRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
        receipt: seen,
    };
    let answer = officer.usage.clone().seal_period(request).await?;
    Ok(answer.into_inner().period.unwrap())
}

/// Withdraws a period that holds what the receipt says.
pub async fn withdraw(
    client: &Client,
    platform: &str,
    period: &str,
    receipt: Option<Receipt>,
) -> Result<Withdrawal, Status> {
    let request = WithdrawPeriodRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
        receipt,
    };
    let answer = client.usage.clone().withdraw_period(request).await?;
    Ok(answer.into_inner().withdrawal.unwrap())
}
