//! Everything once: all contenders in turn, those next to each other that are compared.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::baseline;
use crate::data::{self, Hundredth, Lane, Shape};
use crate::load;
use crate::measured::Measured;
use crate::progress::Progress;
use crate::server::{Memory, Servers};
use crate::service::Service;

/// Records of a message, where not said otherwise: as many as the contract allows.
pub const MESSAGE_RECORDS: usize = 1_000;

/// How long the latency of acknowledgements is measured, after so long to warm up.
pub const LATENCY_TIME: Duration = Duration::from_secs(10);
const WARM_UP: Duration = Duration::from_secs(1);

/// How long commits are measured right before, and how often meanwhile: seldom enough to be no
/// load.
pub const COMMIT_TIME: Duration = Duration::from_secs(1);
pub const COMMIT_PAUSE: Duration = Duration::from_millis(50);

/// The loads of a round, prepared once.
#[derive(Debug)]
pub struct Loads {
    shape: Shape,
    streams: usize,
    five_times: bool,
    same_table: Vec<u8>,
    text_table: Vec<u8>,
    lanes: Vec<Lane>,
    repeating: Vec<Lane>,
    reversing: Vec<Lane>,
    single: Vec<Lane>,
}

/// What a round measured.
#[derive(Debug)]
pub struct Round {
    pub copy_same: Measured,
    pub end_to_end: Measured,
    pub replay: Measured,
    pub certificates: Measured,
    pub own_writer: Measured,
    pub copy_text: Measured,
    pub unnest: Measured,
    pub one_stream: Measured,
    pub one_per_message: Measured,
    pub duplicates: Measured,
    pub reversals: Measured,
    pub many_streams: Measured,
    pub quarter_load: Latency,
    pub half_load: Latency,
    pub five_times: Option<Measured>,
}

/// At a part of the load.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "units end names")]
pub struct Latency {
    /// Of acknowledgements from when their batch was due, in order.
    pub ack_ms: Vec<f64>,
    /// A commit of one small row right before, with nothing else to do.
    pub commit_ms: f64,
    /// And meanwhile, in order.
    pub commits_under_load_ms: Vec<f64>,
}

/// A value that so many of a hundred are below.
pub fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted
        .get((sorted.len() * percent / 100).min(last))
        .copied()
}

/// Half of the values are below, and half above.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (lower, upper) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(f64::midpoint(*values.get(lower)?, *values.get(upper)?))
}

impl Loads {
    /// Steps of a round.
    pub const fn steps(five_times: bool) -> usize {
        if five_times { 13 } else { 12 }
    }

    /// Makes the data of all loads.
    pub fn prepare(shape: Shape, streams: usize, five_times: bool) -> Self {
        let with = |each_100th| Shape {
            each_100th,
            ..shape
        };
        // A fifth of the records is enough, and keeps the time of a slow one short.
        let fewer = Shape {
            count: (shape.count / 5).max(1),
            ..shape
        };
        Self {
            shape,
            streams,
            five_times,
            same_table: baseline::same_table(shape),
            text_table: baseline::text_table(shape),
            lanes: shape.lanes(MESSAGE_RECORDS, streams),
            repeating: with(Hundredth::Repeat).lanes(MESSAGE_RECORDS, streams),
            reversing: with(Hundredth::Reversal).lanes(MESSAGE_RECORDS, streams),
            single: fewer.lanes(1, streams),
        }
    }

    /// Loads once, so that the first round finds what the later ones find.
    pub async fn warm_up(&self, servers: &Servers) -> Result<()> {
        let database = servers.fresh(Memory::Ample).await?;
        baseline::copy_same(&database, &self.same_table).await?;
        for memory in [Memory::Ample, Memory::Default] {
            self.end_to_end(servers, memory, self.lanes.clone()).await?;
        }
        Ok(())
    }

    async fn end_to_end(
        &self,
        servers: &Servers,
        memory: Memory,
        lanes: Vec<Lane>,
    ) -> Result<Measured> {
        let database = servers.fresh(memory).await?;
        let service = Service::usage(&database).await?;
        let measured = load::all(&database, &service, lanes).await?;
        service.stop().await?;
        Ok(measured)
    }

    /// Measures all loads once.
    pub async fn round(&self, servers: &Servers, progress: &Progress) -> Result<Round> {
        let count = self.shape.count;
        let ample = Memory::Ample;
        progress.step("COPY into the same table");
        let database = servers.fresh(ample).await?;
        let copy_same = baseline::copy_same(&database, &self.same_table).await?;
        progress.step("end to end, and everything again");
        let (end_to_end, replay) = self.first_and_again(servers).await?;
        progress.step("end to end, TLS with certificates");
        let certificates = self.by_certificates(servers).await?;
        progress.step("our writer without gRPC");
        let database = servers.fresh(ample).await?;
        let own_writer = baseline::own_writer(&database, self.lanes.clone()).await?;
        progress.step("COPY into the textbook table");
        let database = servers.fresh(ample).await?;
        let copy_text = baseline::copy_text(&database, &self.text_table).await?;
        progress.step("gRPC + unnest + ON CONFLICT");
        let database = servers.fresh(ample).await?;
        let service = Service::unnest(&database).await?;
        let unnest = load::all(&database, &service, self.lanes.clone()).await?;
        service.stop().await?;
        progress.step("one stream a platform");
        let lanes = self.shape.lanes(MESSAGE_RECORDS, 1);
        let one_stream = self.end_to_end(servers, ample, lanes).await?;
        progress.step("one record a message");
        let one_per_message = self.end_to_end(servers, ample, self.single.clone()).await?;
        progress.step("1 % duplicates");
        let duplicates = self
            .end_to_end(servers, ample, self.repeating.clone())
            .await?;
        progress.step("1 % reversals of earlier months");
        let lanes = self.reversing.clone();
        let reversals = self.end_to_end(servers, ample, lanes).await?;
        progress.step("64 streams");
        let many_streams = self.many_streams(servers).await?;
        progress.step("latency at a quarter of the load");
        let quarter_load = self.latency(servers, end_to_end.rate() / 4.0).await?;
        progress.step("latency at half load");
        let half_load = self.latency(servers, end_to_end.rate() / 2.0).await?;
        let five_times = self.five_times_if_asked(servers, progress).await?;
        Ok(Round {
            copy_same: copy_same.all_of(count)?,
            end_to_end: end_to_end.all_of(count)?,
            replay: replay.all_of(count)?,
            certificates: certificates.all_of(count)?,
            own_writer: own_writer.all_of(count)?,
            copy_text: copy_text.all_of(count)?,
            unnest: unnest.all_of(count)?,
            one_stream: one_stream.all_of(count)?,
            one_per_message: one_per_message.all_of((count / 5).max(1))?,
            duplicates: duplicates.all_of(count)?,
            reversals: reversals.all_of(count)?,
            many_streams: many_streams.all_of(count)?,
            quarter_load,
            half_load,
            five_times,
        })
    }

    async fn many_streams(&self, servers: &Servers) -> Result<Measured> {
        let shape = Shape {
            platforms: 4,
            ..self.shape
        };
        let lanes = shape.lanes(MESSAGE_RECORDS, 16);
        self.end_to_end(servers, Memory::Ample, lanes).await
    }

    async fn five_times_if_asked(
        &self,
        servers: &Servers,
        progress: &Progress,
    ) -> Result<Option<Measured>> {
        if !self.five_times {
            return Ok(None);
        }
        progress.step("5 times the records, PostgreSQL's defaults");
        Ok(Some(self.load_five_times(servers).await?))
    }

    async fn first_and_again(&self, servers: &Servers) -> Result<(Measured, Measured)> {
        let database = servers.fresh(Memory::Ample).await?;
        let service = Service::usage(&database).await?;
        let first = load::all(&database, &service, self.lanes.clone()).await?;
        servers.checkpoint().await?;
        let again = load::all(&database, &service, self.lanes.clone()).await?;
        service.stop().await?;
        Ok((first, again))
    }

    /// Right after the same in plain text, with which it is compared.
    async fn by_certificates(&self, servers: &Servers) -> Result<Measured> {
        let database = servers.fresh(Memory::Ample).await?;
        let service = Service::usage_by_certificates(&database).await?;
        let measured = load::all(&database, &service, self.lanes.clone()).await?;
        service.stop().await?;
        Ok(measured)
    }

    async fn latency(&self, servers: &Servers, rate: f64) -> Result<Latency> {
        let time = WARM_UP + LATENCY_TIME;
        // As many months as the load of whose rate it is a part: the larger a month, the slower it
        // takes the next record.
        let shape = Shape {
            count: data::count(rate * time.as_secs_f64()).max(MESSAGE_RECORDS),
            ..self.shape
        };
        let lanes = shape.lanes(MESSAGE_RECORDS, self.streams);
        let database = servers.fresh(Memory::Ample).await?;
        let service = Service::usage(&database).await?;
        let before = database.commits_ms(COMMIT_TIME, Duration::ZERO).await?;
        let commit_ms = median(before).context("no commit in a second")?;
        let (ack_ms, meanwhile) = tokio::try_join!(
            load::paced(&service, lanes, rate, WARM_UP),
            database.commits_ms(time, COMMIT_PAUSE)
        )?;
        service.stop().await?;
        let mut commits_under_load_ms = meanwhile;
        commits_under_load_ms.sort_by(f64::total_cmp);
        Ok(Latency {
            ack_ms,
            commit_ms,
            commits_under_load_ms,
        })
    }

    async fn load_five_times(&self, servers: &Servers) -> Result<Measured> {
        let shape = Shape {
            count: 5 * self.shape.count,
            ..self.shape
        };
        let lanes = shape.lanes(MESSAGE_RECORDS, self.streams);
        let measured = self.end_to_end(servers, Memory::Default, lanes).await?;
        measured.all_of(shape.count)
    }
}
