//! How a process is seen: its log, its traces, its metrics.
//!
//! Metrics are always kept, for the admin port. With an OTLP endpoint all three signals go there
//! as well. Every log line of a call has its trace id, which comes from the caller (W3C
//! `traceparent`) or starts here.

use std::{
    env,
    io::{IsTerminal, stderr},
    sync::OnceLock,
    time::Duration,
};

use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithExportConfig as _,
};
use opentelemetry_sdk::{
    Resource, logs::SdkLoggerProvider, metrics::SdkMeterProvider,
    propagation::TraceContextPropagator, trace::SdkTracerProvider,
};
use prometheus::{Registry, TextEncoder};
use tracing_subscriber::{
    EnvFilter, Layer as _, Registry as Subscriber,
    filter::{Directive, LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::TelemetryConfig;

pub mod metrics;
mod panics;
mod process;
pub(crate) mod seldom;
mod sql;

/// For whom the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Text,
    /// For a collector: one JSON object a line.
    Json,
    /// For nobody: a command's output is its answer.
    Off,
}

/// Longest wait for the collector to take what is left at the end.
const FLUSH_WAIT: Duration = Duration::from_secs(1);

/// Longest wait for the collector otherwise.
const EXPORT_WAIT: Duration = Duration::from_secs(3);

/// What `/metrics` shows; set by the first [`init`].
static METRICS: OnceLock<Registry> = OnceLock::new();

/// Telemetry could not be set up as configured.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The endpoint is not one.
    #[error("`telemetry.otlp_endpoint` cannot be used")]
    Endpoint(#[from] ExporterBuildError),
    /// The metrics of the admin port.
    #[error("metrics cannot be kept")]
    Metrics(#[from] opentelemetry_sdk::error::OTelSdkError),
}

/// The exporters of a process; see [`Telemetry::flush`].
#[derive(Debug)]
pub struct Telemetry {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    logs: SdkLoggerProvider,
}

impl Telemetry {
    /// Hands what is left to the collector, a second at most.
    pub async fn flush(self) {
        let flush = tokio::task::spawn_blocking(move || {
            // A collector that is away is nobody's failure at this point.
            let _ = self.traces.shutdown_with_timeout(FLUSH_WAIT);
            let _ = self.logs.shutdown_with_timeout(FLUSH_WAIT);
            let _ = self.metrics.shutdown_with_timeout(FLUSH_WAIT);
        });
        let _ = tokio::time::timeout(FLUSH_WAIT, flush).await;
    }
}

/// The metrics of this process, as Prometheus text; empty before [`init`].
#[must_use]
pub fn metrics_text() -> String {
    let families = METRICS.get().map(Registry::gather).unwrap_or_default();
    TextEncoder::new()
        .encode_to_string(&families)
        .unwrap_or_else(|error| {
            tracing::error!(%error, "metrics cannot be written");
            String::new()
        })
}

/// Logs to stderr from here on, as `service`. `GAZELLE_LOG` filters, in the syntax of `tracing`'s
/// `EnvFilter`, such as `info,gazelle_usage=debug`; the default is `info`. Within a runtime, since
/// exporters work on it. Once a process.
pub fn init(
    service: String,
    format: Format,
    config: &TelemetryConfig,
) -> Result<Telemetry, TelemetryError> {
    let resource = Resource::builder().with_service_name(service).build();
    let registry = Registry::new();
    let reader = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .without_target_info()
        .scope_info_enabled(false)
        .build()?;
    let mut traces = SdkTracerProvider::builder().with_resource(resource.clone());
    let mut logs = SdkLoggerProvider::builder().with_resource(resource.clone());
    let mut metrics = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(reader);
    if let Some(endpoint) = &config.otlp_endpoint {
        let spans = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
        traces = traces.with_batch_exporter(spans.with_timeout(EXPORT_WAIT).build()?);
        let lines = LogExporter::builder().with_tonic().with_endpoint(endpoint);
        logs = logs.with_batch_exporter(lines.with_timeout(EXPORT_WAIT).build()?);
        let figures = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint);
        metrics = metrics.with_periodic_exporter(figures.with_timeout(EXPORT_WAIT).build()?);
    }
    let telemetry = Telemetry {
        traces: traces.build(),
        metrics: metrics.build(),
        logs: logs.build(),
    };
    subscribe(format, config, &telemetry);
    if format != Format::Off {
        panics::tell();
    }
    // A second suite in one process, as in a test, goes on with the first one's.
    if METRICS.set(registry).is_ok() {
        global::set_text_map_propagator(TraceContextPropagator::new());
        global::set_tracer_provider(telemetry.traces.clone());
        global::set_meter_provider(telemetry.metrics.clone());
        process::observe();
    }
    Ok(telemetry)
}

/// What is told where nobody asks for something else. Libraries of telemetry speak of themselves,
/// and those of the wire warn, each time, of what any stranger may send.
const USUAL: &str = "info,opentelemetry=warn,h2=error,rustls=error";

/// The parts of `GAZELLE_LOG` that are no filters, and so are not used.
#[must_use]
pub fn unreadable_filters() -> Vec<String> {
    unreadable(&asked()).map(str::to_owned).collect()
}

fn asked() -> String {
    env::var("GAZELLE_LOG").unwrap_or_default()
}

fn unreadable(asked: &str) -> impl Iterator<Item = &str> {
    let parts = asked.split(',').filter(|part| !part.is_empty());
    parts.filter(|part| !is_filter(part))
}

fn is_filter(part: &str) -> bool {
    part.parse::<Directive>().is_ok()
}

/// Without what is no filter, of which the library would speak in its own way.
fn filter(asked: &str) -> EnvFilter {
    let usual = USUAL.split(',');
    let asked = asked.split(',').filter(|part| is_filter(part));
    let filters: Vec<_> = usual.chain(asked).collect();
    EnvFilter::builder().parse_lossy(filters.join(","))
}

fn subscribe(format: Format, config: &TelemetryConfig, telemetry: &Telemetry) {
    let filter = filter(&asked());
    // A closed stderr is nothing to panic about, which is how it would be told.
    let log = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .log_internal_errors(false);
    let log = match format {
        Format::Text => log.with_ansi(stderr().is_terminal()).boxed(),
        Format::Json => log.json().flatten_event(true).with_span_list(false).boxed(),
        Format::Off => log.with_filter(LevelFilter::OFF).boxed(),
    };
    let tracer = telemetry.traces.tracer("gazelle");
    let exports = config.otlp_endpoint.is_some();
    // What the exporters themselves do on the wire would be exported for ever.
    let exported = Targets::new().with_default(LevelFilter::INFO).with_targets(
        [
            "h2",
            "hyper",
            "hyper_util",
            "opentelemetry",
            "tonic",
            "tower",
        ]
        .map(|library| (library, LevelFilter::OFF)),
    );
    let lines = exports.then(|| OpenTelemetryTracingBridge::new(&telemetry.logs));
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracer.clone())
        .with_location(false)
        .with_threads(false);
    // An error means that a subscriber is set, as in a test with several suites.
    let _ = Subscriber::default()
        .with(spans.with_filter(exported.clone()))
        // Filtered also where there are none: a layer without a filter wants all that libraries
        // would tell, each frame of HTTP/2 for one.
        .with(lines.with_filter(exported))
        .with(sql::Statements::new(tracer).with_filter(sql::targets(exports)))
        .with(log.with_filter(filter))
        .try_init();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_strangers_may_send_is_no_line_unless_somebody_asks_for_it() {
        for (asked, lines) in [
            (
                "",
                ["h2=error", "info", "opentelemetry=warn", "rustls=error"],
            ),
            (
                "warn,rustls=debug",
                ["h2=error", "opentelemetry=warn", "rustls=debug", "warn"],
            ),
        ] {
            let filter = filter(asked).to_string();
            assert_eq!(filter.split(',').collect::<BTreeSet<_>>(), lines.into());
        }
    }

    #[test]
    fn what_is_no_filter_is_told_and_takes_no_other_with_it() {
        let asked = "foo=bar=baz,warn,,a=nonsense";
        let told: Vec<_> = unreadable(asked).collect();
        assert_eq!(told, ["foo=bar=baz", "a=nonsense"]);
        let filter = filter(asked).to_string();
        assert!(filter.split(',').any(|part| part == "warn"), "{filter}");
        assert!(
            !filter.contains("nonsense") && !filter.contains("baz"),
            "{filter}"
        );
    }
}
