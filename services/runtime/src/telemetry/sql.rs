//! What `sqlx` says of its work, as spans and a metric.
//!
//! It has no spans of its own, but an event for each statement that ended, with how long it took:
//! that is a span, told afterwards. So no query has to be wrapped to be seen. Statements never
//! carry values, those are bound, so none gets into a trace; but for the id of the platform that a
//! transaction reads for, which stands in what begins it.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context as Trace, KeyValue, global,
    metrics::Histogram,
    trace::{Span as _, SpanKind, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::Context,
};

use super::metrics;

const STATEMENT: &str = "sqlx::query";
const ACQUIRED: &str = "sqlx::pool::acquire";

/// The events that are needed; statements only where traces go anywhere.
pub(crate) fn targets(statements: bool) -> Targets {
    let level = if statements {
        LevelFilter::DEBUG
    } else {
        LevelFilter::OFF
    };
    Targets::new()
        .with_target(STATEMENT, level)
        .with_target(ACQUIRED, LevelFilter::TRACE)
}

/// Turns events of `sqlx` into spans and a metric.
pub(crate) struct Statements {
    tracer: SdkTracer,
    wait: std::sync::OnceLock<Histogram<f64>>,
}

impl Statements {
    pub(crate) fn new(tracer: SdkTracer) -> Self {
        Self {
            tracer,
            wait: std::sync::OnceLock::new(),
        }
    }

    fn acquired(&self, told: &Told) {
        let wait = self.wait.get_or_init(|| {
            global::meter("gazelle")
                .f64_histogram("gazelle.db.pool.wait")
                .with_unit("s")
                .with_description("How long calls waited for a connection of a pool")
                .with_boundaries(metrics::SECONDS.into())
                .build()
        });
        wait.record(told.seconds, &[]);
    }

    fn statement(&self, told: &Told) {
        let caller = Trace::current();
        if !caller.has_active_span() {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "of a trace, not of a decision")]
        let end = SystemTime::now();
        let start = Duration::try_from_secs_f64(told.seconds).ok();
        let start = start.and_then(|took| end.checked_sub(took)).unwrap_or(end);
        let text = if told.statement.is_empty() {
            &told.summary
        } else {
            &told.statement
        };
        let attributes = vec![
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.query.text", text.trim().to_owned()),
        ];
        let mut span = self
            .tracer
            .span_builder(format!("SQL {}", told.summary))
            .with_kind(SpanKind::Client)
            .with_start_time(start)
            .with_attributes(attributes)
            .start_with_context(&self.tracer, &caller);
        span.end_with_timestamp(end);
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        match event.metadata().target() {
            ACQUIRED => self.acquired(&told),
            _ => self.statement(&told),
        }
    }
}

#[derive(Default)]
struct Told {
    summary: String,
    statement: String,
    seconds: f64,
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if matches!(field.name(), "elapsed_secs" | "acquired_after_secs") {
            self.seconds = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
