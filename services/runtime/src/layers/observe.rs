//! Each call as a span and as figures: how many, with which code, how long.
//!
//! Labels are methods of the contract and codes, nothing that a caller makes up.

use std::time::Instant;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use gazelle_client::code;
use http::HeaderMap;
use http_body_util::BodyExt as _;
use opentelemetry::{
    KeyValue, global,
    metrics::{Histogram, UpDownCounter},
    propagation::Extractor,
    trace::TraceContextExt as _,
};
use tonic::{Code, Status};
use tracing::{Instrument as _, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{access::FindRule, telemetry::metrics};

/// Sees calls of one service.
#[derive(Clone)]
pub(crate) struct Observer {
    service: &'static str,
    find_rule: FindRule,
    duration: Histogram<f64>,
    under_way: UpDownCounter<i64>,
}

impl Observer {
    pub(crate) fn new(service: &'static str, find_rule: FindRule) -> Self {
        let meter = global::meter("gazelle");
        Self {
            service,
            find_rule,
            duration: meter
                .f64_histogram("gazelle.rpc.duration")
                .with_unit("s")
                .with_description("How long calls took, by method and code; a stream until its end")
                .with_boundaries(metrics::SECONDS.into())
                .build(),
            under_way: meter
                .i64_up_down_counter("gazelle.rpc.under.way")
                .with_description("Calls and streams under way")
                .build(),
        }
    }
}

/// A call under way. Dropped, it has ended: as its trailers said, or cancelled.
struct ObservedCall {
    observer: Observer,
    method: &'static str,
    began: Instant,
    code: Code,
    span: Span,
}

impl ObservedCall {
    fn begin(observer: &Observer, method: &'static str, span: Span) -> Self {
        observer
            .under_way
            .add(1, &[KeyValue::new("service", observer.service)]);
        Self {
            observer: observer.clone(),
            method,
            began: Instant::now(),
            code: Code::Cancelled,
            span,
        }
    }

    /// Nothing is said before the end of a body.
    fn heard(&mut self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            self.code = status.code();
        }
    }
}

impl Drop for ObservedCall {
    fn drop(&mut self) {
        let Self { observer, span, .. } = self;
        observer
            .under_way
            .add(-1, &[KeyValue::new("service", observer.service)]);
        let code = code::name(self.code);
        span.record("rpc.response.status_code", code);
        let labels = [
            KeyValue::new("service", observer.service),
            KeyValue::new("method", self.method),
            KeyValue::new("code", code),
        ];
        observer
            .duration
            .record(self.began.elapsed().as_secs_f64(), &labels);
    }
}

/// Sees a call of the contract, until the end of its answer's body. Outermost of the layers, so
/// that refusals are seen too.
pub(crate) async fn observe(
    State(observer): State<Observer>,
    request: Request,
    next: Next,
) -> Response {
    // Probes, reflection, and what is no method of ours.
    let Some(rule) = (observer.find_rule)(request.uri().path()) else {
        return next.run(request).await;
    };
    let method = rule.path.trim_start_matches('/');
    let span = span(observer.service, method, request.headers());
    let mut call = ObservedCall::begin(&observer, method, span.clone());
    let answer = next.run(request).instrument(span).await;
    call.heard(answer.headers());
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(trailers) = frame.trailers_ref() {
                call.heard(trailers);
            }
            frame
        }))
    })
}

/// The span of a call; its trace is the caller's, or begins here.
fn span(service: &'static str, method: &'static str, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        rpc.system.name = "grpc",
        rpc.response.status_code = Empty,
        service,
        trace_id = Empty,
    );
    let caller =
        global::get_text_map_propagator(|propagator| propagator.extract(&Carrier(headers)));
    // It fails where nobody traces, as in a test.
    let _ = span.set_parent(caller);
    let trace = span.context().span().span_context().trace_id();
    span.record("trace_id", tracing::field::display(trace));
    span
}

struct Carrier<'a>(&'a HeaderMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
