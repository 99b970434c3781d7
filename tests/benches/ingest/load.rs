//! The platforms' side: streams of batches, and their acknowledgements.
//!
//! Batches are prepared, and connections made, before the time starts; whatever is sent waits for
//! no acknowledgement.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::Stream;
use gazelle_client::Client;
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::{ListPeriodsRequest, ReportUsageResponse};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::data::{Lane, real};
use crate::measured::Measured;
use crate::server::Database;
use crate::service::Service;

/// Longest wait for a whole load.
const LOAD_WAIT: Duration = Duration::from_mins(10);

async fn connect(service: &Service, platform: &str) -> Result<Client> {
    let client = service.platform(platform)?;
    // Any call makes the connection; the baseline refuses this one.
    let request = ListPeriodsRequest::default();
    let _ = client.usage.clone().list_periods(request).await;
    Ok(client)
}

async fn open(
    client: Client,
    batches: impl Stream<Item = ReportUsageRequest> + Send + 'static,
) -> Result<Streaming<ReportUsageResponse>> {
    let mut usage = client.usage;
    let answers = usage.report_usage(batches).await;
    Ok(answers.context("a stream was refused")?.into_inner())
}

async fn send_all(client: Client, messages: Vec<ReportUsageRequest>) -> Result<(usize, usize)> {
    let mut left = messages.len();
    let mut answers = open(client, tokio_stream::iter(messages)).await?;
    let (mut accepted, mut duplicates) = (0, 0);
    while let Some(answer) = answers.message().await.context("a stream was cut off")? {
        ensure!(answer.refused_count == 0, "refused: {answer:?}");
        accepted += usize::try_from(answer.accepted_count)?;
        duplicates += usize::try_from(answer.duplicate_count)?;
        left = left.checked_sub(1).context("an answer to nothing")?;
    }
    ensure!(left == 0, "{left} batches without an acknowledgement");
    Ok((accepted, duplicates))
}

/// Sends all, as fast as it is taken.
pub async fn all(database: &Database<'_>, service: &Service, lanes: Vec<Lane>) -> Result<Measured> {
    let mut clients = Vec::new();
    for lane in &lanes {
        clients.push(connect(service, lane.platform).await?);
    }
    let before = database.used(Some(service.pid()?)).await?;
    let started = Instant::now();
    let mut streams = JoinSet::new();
    for (client, lane) in clients.into_iter().zip(lanes) {
        streams.spawn(send_all(client, lane.messages));
    }
    let counts = timeout(LOAD_WAIT, streams.join_all()).await;
    let seconds = started.elapsed().as_secs_f64();
    let used = database.used(Some(service.pid()?)).await?.since(&before);
    let (mut accepted, mut duplicates) = (0, 0);
    for counts in counts.context("a load takes too long")? {
        let (new, known) = counts?;
        accepted += new;
        duplicates += known;
    }
    Ok(Measured {
        seconds,
        accepted,
        duplicates,
        used,
    })
}

/// Sends at so many records a second, whether or not they are answered; returns how long each
/// acknowledgement took from when its batch was due, in milliseconds, in order. What was due
/// while it warmed up does not count.
pub async fn paced(
    service: &Service,
    lanes: Vec<Lane>,
    rate: f64,
    warm_up: Duration,
) -> Result<Vec<f64>> {
    let streams = real(lanes.len());
    let message_records = lanes.iter().flat_map(|lane| &lane.messages).next();
    let message_records = message_records.map_or(0, |message| message.records.len());
    let interval = Duration::from_secs_f64(real(message_records) * streams / rate);
    let mut clients = Vec::new();
    for lane in &lanes {
        clients.push(connect(service, lane.platform).await?);
    }
    let start = Instant::now() + Duration::from_millis(100);
    let mut tasks = JoinSet::new();
    for (number, (client, lane)) in clients.into_iter().zip(lanes).enumerate() {
        // One stream after the other, not all at once.
        let first = start + interval.mul_f64(real(number) / streams);
        let due = Due {
            first,
            interval,
            measured_from: start + warm_up,
        };
        tasks.spawn(send_when_due(client, lane.messages, due));
    }
    let latencies = timeout(LOAD_WAIT, tasks.join_all()).await;
    let latencies = latencies.context("a load takes too long")?;
    let latencies: Vec<Vec<f64>> = latencies.into_iter().collect::<Result<_>>()?;
    let mut latencies = latencies.concat();
    latencies.sort_by(f64::total_cmp);
    Ok(latencies)
}

/// When batches of a stream are due.
#[derive(Debug, Clone, Copy)]
struct Due {
    first: Instant,
    interval: Duration,
    measured_from: Instant,
}

impl Due {
    fn at(&self, position: u32) -> Instant {
        self.first + self.interval * position
    }
}

async fn send_when_due(
    client: Client,
    messages: Vec<ReportUsageRequest>,
    due: Due,
) -> Result<Vec<f64>> {
    let count = messages.len();
    // Room for all: however late the service is, the next one is sent when it is due.
    let (sender, receiver) = mpsc::channel(count.max(1));
    let sending = tokio::spawn(async move {
        for (position, message) in (0..).zip(messages) {
            sleep_until(due.at(position)).await;
            if sender.send(message).await.is_err() {
                return;
            }
        }
    });
    let mut answers = open(client, ReceiverStream::new(receiver)).await?;
    let (mut answered, mut latencies) = (0, Vec::with_capacity(count));
    while let Some(answer) = answers.message().await.context("a stream was cut off")? {
        ensure!(answer.refused_count == 0, "refused: {answer:?}");
        answered += 1;
        let due_at = due.at(u32::try_from(answer.sequence - 1)?);
        if due_at >= due.measured_from {
            latencies.push(due_at.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    sending.await?;
    ensure!(
        answered == count,
        "of {count} batches {answered} were answered"
    );
    Ok(latencies)
}
