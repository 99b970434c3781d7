//! What those who run the service see of it. `deploy/metrics.md` says what each figure means.
//!
//! What is held is read from the tables every few seconds; what happens is counted where it does.

use std::{sync::LazyLock, time::Duration};

use gazelle_kernel::Period;
use gazelle_runtime::{
    clock::Clock,
    telemetry::metrics::{SECONDS, chain_head, keep_reading as keep_reading_figures},
};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge, Histogram, UpDownCounter},
};
use sqlx::PgPool;
use tokio_util::task::AbortOnDropHandle;

use crate::store::{
    TransactionKind,
    figures::{self, Platform},
};

/// Bounds of the histogram of group sizes, in records.
const GROUP_RECORDS_BOUNDS: [f64; 8] = [
    1.0, 10.0, 100.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 20_000.0,
];

struct IngestFigures {
    records: Counter<u64>,
    queued: UpDownCounter<i64>,
    group_records: Histogram<u64>,
    commit: Histogram<f64>,
    acknowledgement: Histogram<f64>,
}

static INGEST: LazyLock<IngestFigures> = LazyLock::new(|| {
    let meter = global::meter("gazelle");
    IngestFigures {
        records: meter
            .u64_counter("gazelle.usage.records")
            .with_description("Records by platform and what became of them")
            .build(),
        queued: meter
            .i64_up_down_counter("gazelle.usage.queue.records")
            .with_description("Records that wait to be written, or are being written")
            .build(),
        group_records: meter
            .u64_histogram("gazelle.usage.group.records")
            .with_description("Records of a group that was written together")
            .with_boundaries(GROUP_RECORDS_BOUNDS.into())
            .build(),
        commit: meter
            .f64_histogram("gazelle.usage.commit")
            .with_unit("s")
            .with_description("How long a group's transactions took")
            .with_boundaries(SECONDS.into())
            .build(),
        acknowledgement: meter
            .f64_histogram("gazelle.usage.acknowledgement")
            .with_unit("s")
            .with_description("From a batch's arrival to its acknowledgement")
            .with_boundaries(SECONDS.into())
            .build(),
    }
});

/// What became of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Accepted,
    /// They counted already.
    Duplicate,
    /// They do not count.
    Refused,
}

/// Records of a platform were answered. The platform must be one that may report: each is a
/// series of its own.
pub fn records(platform: &str, fate: Fate, count: u64) {
    let outcome = match fate {
        Fate::Accepted => "accepted",
        Fate::Duplicate => "duplicate",
        Fate::Refused => "refused",
    };
    let labels = [
        KeyValue::new("platform", platform.to_owned()),
        KeyValue::new("outcome", outcome),
    ];
    INGEST.records.add(count, &labels);
}

/// That many records more wait to be written; fewer, where it is negative.
pub fn queued(records: i64) {
    INGEST.queued.add(records, &[]);
}

/// A group was written and committed in that time.
pub fn group_written(records: usize, took: Duration) {
    INGEST.group_records.record(records as u64, &[]);
    INGEST.commit.record(took.as_secs_f64(), &[]);
}

/// A batch was acknowledged that long after it came.
pub fn acknowledged(after: Duration) {
    INGEST.acknowledgement.record(after.as_secs_f64(), &[]);
}

#[derive(Clone)]
struct HeldFigures {
    records: Gauge<i64>,
    periods: Gauge<i64>,
    age: Gauge<i64>,
}

impl HeldFigures {
    fn new() -> Self {
        let meter = global::meter("gazelle");
        Self {
            records: meter
                .i64_gauge("gazelle.usage.held.records")
                .with_description("Records in the tables, by platform and outcome")
                .build(),
            periods: meter
                .i64_gauge("gazelle.usage.periods")
                .with_description("Periods by platform and state")
                .build(),
            age: meter
                .i64_gauge("gazelle.usage.oldest.period.age")
                .with_unit("s")
                .with_description(
                    "Since the end of the oldest period in a state; 0: none, or not over",
                )
                .build(),
        }
    }

    fn record(&self, platform: &Platform, clock: &Clock) {
        let label = |key: &'static str, value: &'static str| {
            let id = KeyValue::new("platform", platform.id.clone());
            [id, KeyValue::new(key, value)]
        };
        let Platform {
            accepted_count,
            refused_count,
            open,
            stated,
            sealed_count,
            ..
        } = platform;
        self.records
            .record(*accepted_count, &label("outcome", "accepted"));
        self.records
            .record(*refused_count, &label("outcome", "refused"));
        self.periods.record(open.0, &label("state", "open"));
        self.periods.record(stated.0, &label("state", "stated"));
        self.periods
            .record(*sealed_count, &label("state", "sealed"));
        self.age
            .record(age_seconds(open.1, clock), &label("state", "open"));
        self.age
            .record(age_seconds(stated.1, clock), &label("state", "stated"));
    }
}

fn age_seconds(oldest: Option<Period>, clock: &Clock) -> i64 {
    let age = oldest.map(|period| clock.now().date() - period.last_day());
    age.map_or(0, |age| age.whole_seconds().max(0))
}

/// Shows what the tables hold, until the handle is dropped.
pub(crate) fn keep_reading(pool: PgPool, clock: Clock) -> AbortOnDropHandle<()> {
    // There from the start, so that a chart shows 0 and not nothing.
    queued(0);
    let held = HeldFigures::new();
    keep_reading_figures("usage", move || {
        let (pool, clock, held) = (pool.clone(), clock.clone(), held.clone());
        async move {
            let mut tx = pool.begin_with(TransactionKind::Read.begin()).await?;
            for platform in figures::platforms(&mut tx).await? {
                held.record(&platform, &clock);
            }
            chain_head("usage", figures::chain_head(&mut tx).await?);
            Ok(())
        }
    })
}
