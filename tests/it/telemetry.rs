//! What others see of the services: traces, logs and metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gazelle_proto::settlement::v1::ApplyProgramRequest;
use gazelle_runtime::auth::Role;
use gazelle_tests::WAIT;
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::binary;
use gazelle_tests::city::program;
use gazelle_tests::leaks;
use gazelle_tests::metrics::documented;
use gazelle_tests::report::{counts, fee, report, seal, state};
use gazelle_tests::running::Running;
use gazelle_tests::suite::person;
use opentelemetry_proto::tonic::collector::logs::v1 as logs;
use opentelemetry_proto::tonic::collector::metrics::v1 as metrics;
use opentelemetry_proto::tonic::collector::trace::v1 as traces;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// A collector that keeps what it gets, each with the service that sent it.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Got>>);

#[derive(Default)]
struct Got {
    spans: Vec<(String, Span)>,
    /// Trace ids of log lines.
    lines: Vec<(String, Vec<u8>)>,
    metrics: BTreeSet<(String, String)>,
}

fn sender(resource: Option<Resource>) -> String {
    let attributes = resource.map(|it| it.attributes).unwrap_or_default();
    let name = attributes.into_iter().find(|it| it.key == "service.name");
    match name.and_then(|it| it.value?.value) {
        Some(Value::StringValue(name)) => name,
        other => panic!("{other:?}"),
    }
}

#[tonic::async_trait]
impl traces::trace_service_server::TraceService for Sink {
    async fn export(
        &self,
        request: Request<traces::ExportTraceServiceRequest>,
    ) -> Result<Response<traces::ExportTraceServiceResponse>, Status> {
        for sent in request.into_inner().resource_spans {
            let from = sender(sent.resource);
            let spans = sent.scope_spans.into_iter().flat_map(|it| it.spans);
            let mut got = self.0.lock().unwrap();
            let spans = spans.inspect(|it| {
                let events: Vec<_> = it.events.iter().map(|event| &event.attributes).collect();
                let text = format!("{} {:?} {:?} {events:?}", it.name, it.status, it.attributes);
                leaks::keep("traces", &text);
            });
            got.spans.extend(spans.map(|span| (from.clone(), span)));
        }
        Ok(Response::new(traces::ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl logs::logs_service_server::LogsService for Sink {
    async fn export(
        &self,
        request: Request<logs::ExportLogsServiceRequest>,
    ) -> Result<Response<logs::ExportLogsServiceResponse>, Status> {
        for sent in request.into_inner().resource_logs {
            let from = sender(sent.resource);
            let lines = sent.scope_logs.into_iter().flat_map(|it| it.log_records);
            let mut got = self.0.lock().unwrap();
            got.lines
                .extend(lines.map(|line| (from.clone(), line.trace_id)));
        }
        Ok(Response::new(logs::ExportLogsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl metrics::metrics_service_server::MetricsService for Sink {
    async fn export(
        &self,
        request: Request<metrics::ExportMetricsServiceRequest>,
    ) -> Result<Response<metrics::ExportMetricsServiceResponse>, Status> {
        for sent in request.into_inner().resource_metrics {
            let from = sender(sent.resource);
            let figures = sent.scope_metrics.into_iter().flat_map(|it| it.metrics);
            let mut got = self.0.lock().unwrap();
            got.metrics
                .extend(figures.map(|it| (from.clone(), it.name)));
        }
        Ok(Response::new(
            metrics::ExportMetricsServiceResponse::default(),
        ))
    }
}

async fn sink() -> (Sink, SocketAddr) {
    let sink = Sink::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder()
        .add_service(traces::trace_service_server::TraceServiceServer::new(
            sink.clone(),
        ))
        .add_service(logs::logs_service_server::LogsServiceServer::new(
            sink.clone(),
        ))
        .add_service(metrics::metrics_service_server::MetricsServiceServer::new(
            sink.clone(),
        ));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (sink, address)
}

/// A sealed month and a program, so that a run can be computed.
async fn something_to_settle(apart: &Apart) {
    let mall = apart.platform("mall");
    let records = [fee("r-1", "shop", "COMMISSION", "2017-01-05", 1_000)];
    let answer = report(&mall, "mall", "2017-01", &records).await.unwrap();
    assert_eq!(counts(&answer), (1, 0, 0));
    state(&mall, "mall", "2017-01", 1, 1_000).await.unwrap();
    seal(&apart.officer(), "mall", "2017-01").await.unwrap();
    let apply = ApplyProgramRequest {
        program: Some(program("seen", &[])),
    };
    apart.officer().programs.apply_program(apply).await.unwrap();
}

/// Runs `gazelle` as somebody with these roles, with the collector known to it.
async fn gazelle(apart: &Apart, sink: &str, roles: &[Role], arguments: &str) -> binary::Ran {
    let home = apart.profile("somebody", &person("somebody", roles));
    let mut command = binary::command(&home, "somebody", arguments);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", sink);
    binary::run(command).await
}

#[tokio::test]
async fn one_trace_goes_from_the_command_line_through_all_services_to_the_sql() {
    let apart = Apart::new().await;
    let (sink, address) = sink().await;
    let url = format!("http://{address}");
    let settings = [("TELEMETRY__OTLP_ENDPOINT", url.as_str())];
    let mut running = Vec::new();
    for service in SERVICES {
        running.push(apart.serve(service, &settings).await);
    }
    something_to_settle(&apart).await;

    let compute = "settlement compute --program seen --through 2017-01";
    let ran = gazelle(&apart, &url, &[Role::Officer], compute).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = gazelle(&apart, &url, &[Role::Auditor], compute).await;
    ran.refused("PERMISSION_DENIED");
    // What is left is sent at the end.
    for service in running {
        service.ends_well().await;
    }

    let got = sink.0.lock().unwrap();
    let roots = got.spans.iter().filter(|(from, _)| from == "gazelle");
    let roots: Vec<&Span> = roots.map(|(_, span)| span).collect();
    assert_eq!(roots.len(), 2, "a span a command");
    assert!(
        roots
            .iter()
            .all(|it| it.name == "gazelle settlement compute")
    );
    let (computed, refused) = (&roots[0].trace_id, &roots[1].trace_id);
    assert_ne!(computed, refused);
    for service in SERVICES {
        let from = format!("gazelle-{service}");
        let ours = |span: &&(String, Span)| span.0 == from && span.1.trace_id == *computed;
        let spans: Vec<&Span> = got
            .spans
            .iter()
            .filter(ours)
            .map(|(_, span)| span)
            .collect();
        let rpc = spans.iter().find(|it| it.name.starts_with("gazelle."));
        let rpc = rpc.unwrap_or_else(|| panic!("{from}: no call in {spans:?}"));
        let sql = |it: &&&Span| it.name.starts_with("SQL ") && it.parent_span_id == rpc.span_id;
        assert!(
            spans.iter().any(|it| sql(&it)),
            "{from}: no SQL in {spans:?}"
        );
        let metric = "gazelle.rpc.duration".to_owned();
        assert!(got.metrics.contains(&(from, metric)), "{:?}", got.metrics);
    }
    let line = ("gazelle-settlement".to_owned(), refused.clone());
    assert!(
        got.lines.contains(&line),
        "the refusal was logged in its trace"
    );
    let logged = format!("\"trace_id\":\"{}\"", gazelle_tests::receipt::hex(refused));
    assert!(apart.log("settlement").contains(&logged), "{logged}");
}

/// Every metric that `/metrics` shows, with its type and labels.
async fn scrape(running: &Running) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let (status, text) = running.get("/metrics").await.unwrap();
    assert_eq!(status, 200);
    let mut all: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for line in text.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family.split_once(' ').unwrap();
            all.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| name.strip_suffix(suffix).filter(|it| all.contains_key(*it)));
            let family = all.get_mut(family.unwrap_or(name)).unwrap();
            // No value has a comma or a quote in it.
            let labels = labels.trim_end_matches('}').split(',');
            let names = labels.filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
            family.1.extend(names.filter(|name| name != "le"));
        }
    }
    all
}

#[tokio::test]
async fn every_metric_is_documented_and_every_documented_one_is_shown() {
    let apart = Apart::new().await;
    let mut running = Vec::new();
    for service in SERVICES {
        running.push(apart.serve(service, &[]).await);
    }
    something_to_settle(&apart).await;
    // A call that asks the registry.
    let list = gazelle_proto::registry::v1::ListPlatformsRequest::default();
    apart.officer().registry.list_platforms(list).await.unwrap();

    for (service, running) in SERVICES.iter().zip(&running) {
        let expected: BTreeMap<_, _> = documented()
            .into_iter()
            .filter(|(_, (.., by))| by == "all" || by == service)
            .map(|(name, (kind, labels, _))| (name, (kind, labels)))
            .collect();
        // What is read from the tables comes within seconds.
        let all_shown = async {
            while scrape(running).await != expected {
                sleep(Duration::from_millis(100)).await;
            }
        };
        if timeout(WAIT / 4, all_shown).await.is_err() {
            assert_eq!(scrape(running).await, expected, "{service}");
        }
    }
    for service in running {
        service.ends_well().await;
    }
}
