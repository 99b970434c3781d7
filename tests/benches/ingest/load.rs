//! The platforms' side: streams of batches, and their acknowledgements.

use std::time::Duration;

use futures::Stream;
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::ReportUsageResponse;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::data::{self, Lane};
use crate::report::Measured;
use crate::server::Used;
use crate::service::Service;

/// Longest wait for a whole load.
const LOAD_WAIT: Duration = Duration::from_mins(10);

async fn open(
    service: &Service,
    platform: &str,
    batches: impl Stream<Item = ReportUsageRequest> + Send + 'static,
) -> Streaming<ReportUsageResponse> {
    let mut usage = service.client(platform).usage;
    usage.report_usage(batches).await.unwrap().into_inner()
}

/// Sends all, as fast as it is taken.
pub async fn all(service: &Service, lanes: Vec<Lane>) -> Measured {
    let started = Instant::now();
    let mut streams = JoinSet::new();
    for Lane { platform, messages } in lanes {
        let mut left = messages.len();
        let mut answers = open(service, platform, tokio_stream::iter(messages)).await;
        streams.spawn(async move {
            let (mut accepted, mut duplicates) = (0, 0);
            while let Some(answer) = answers.message().await.unwrap() {
                assert_eq!(answer.refused_count, 0, "{answer:?}");
                accepted += usize::try_from(answer.accepted_count).unwrap();
                duplicates += usize::try_from(answer.duplicate_count).unwrap();
                left -= 1;
            }
            assert_eq!(left, 0, "batches without an acknowledgement");
            (accepted, duplicates)
        });
    }
    let counts = timeout(LOAD_WAIT, streams.join_all()).await.unwrap();
    Measured {
        seconds: started.elapsed().as_secs_f64(),
        accepted: counts.iter().map(|(accepted, _)| accepted).sum(),
        duplicates: counts.iter().map(|(_, duplicates)| duplicates).sum(),
        used: Used::default(),
    }
}

/// Sends at so many records a second, whether or not they are answered; returns how long each
/// acknowledgement took from when its batch was due, in milliseconds, in order.
pub async fn paced(service: &Service, lanes: Vec<Lane>, rate: f64) -> Vec<f64> {
    let streams = lanes.len();
    let message_records = lanes[0].messages[0].records.len();
    let interval = Duration::from_secs_f64(data::real(message_records * streams) / rate);
    let mut tasks = JoinSet::new();
    for (number, Lane { platform, messages }) in lanes.into_iter().enumerate() {
        let (sender, receiver) = mpsc::channel(messages.len().max(1));
        let mut answers = open(service, platform, ReceiverStream::new(receiver)).await;
        let offset = interval.mul_f64(data::real(number) / data::real(streams));
        let first = Instant::now() + Duration::from_millis(100) + offset;
        let due = move |position: u32| first + interval * position;
        tokio::spawn(async move {
            for (position, message) in (0..).zip(messages) {
                sleep_until(due(position)).await;
                sender.send(message).await.unwrap();
            }
        });
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            while let Some(answer) = answers.message().await.unwrap() {
                let position = u32::try_from(answer.sequence).unwrap() - 1;
                latencies.push(due(position).elapsed().as_secs_f64() * 1_000.0);
            }
            latencies
        });
    }
    let latencies = timeout(LOAD_WAIT, tasks.join_all()).await.unwrap();
    let mut latencies = latencies.concat();
    latencies.sort_by(f64::total_cmp);
    latencies
}
