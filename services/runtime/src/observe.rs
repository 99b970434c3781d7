//! Each call as a span and as figures: how many, with which code, how long.
//!
//! Outermost of the layers, so that refusals are seen too. Labels are methods of the contract and
//! codes, nothing that a caller makes up.

use std::{
    fmt,
    task::{Context, Poll},
    time::Instant,
};

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use opentelemetry::{
    KeyValue, global,
    metrics::{Histogram, UpDownCounter},
    propagation::Extractor,
    trace::TraceContextExt as _,
};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{access::FindRule, metrics};

/// Sees calls of one service.
#[derive(Clone)]
pub(crate) struct ObserveLayer {
    service: &'static str,
    find_rule: FindRule,
    duration: Histogram<f64>,
    under_way: UpDownCounter<i64>,
}

impl fmt::Debug for ObserveLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserveLayer").finish_non_exhaustive()
    }
}

impl ObserveLayer {
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
struct Call {
    layer: ObserveLayer,
    method: &'static str,
    began: Instant,
    code: Code,
    span: Span,
}

impl Call {
    fn begin(layer: &ObserveLayer, method: &'static str, span: Span) -> Self {
        layer
            .under_way
            .add(1, &[KeyValue::new("service", layer.service)]);
        Self {
            layer: layer.clone(),
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

impl Drop for Call {
    fn drop(&mut self) {
        let Self { layer, span, .. } = self;
        layer
            .under_way
            .add(-1, &[KeyValue::new("service", layer.service)]);
        let code = code_name(self.code);
        span.record("rpc.response.status_code", code);
        let labels = [
            KeyValue::new("service", layer.service),
            KeyValue::new("method", self.method),
            KeyValue::new("code", code),
        ];
        layer
            .duration
            .record(self.began.elapsed().as_secs_f64(), &labels);
    }
}

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Observe<S> {
        Observe {
            inner,
            layer: self.clone(),
        }
    }
}

/// See [`ObserveLayer`].
#[derive(Debug, Clone)]
pub(crate) struct Observe<S> {
    inner: S,
    layer: ObserveLayer,
}

impl<S, B> Service<Request<B>> for Observe<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Probes, reflection, and what is no method of ours.
        let Some(rule) = (self.layer.find_rule)(request.uri().path()) else {
            return Box::pin(self.inner.call(request));
        };
        let method = rule.path.trim_start_matches('/');
        let span = span(self.layer.service, method, request.headers());
        let mut call = Call::begin(&self.layer, method, span.clone());
        let answer = span.in_scope(|| self.inner.call(request));
        Box::pin(
            async move {
                let answer = answer.await?;
                call.heard(answer.headers());
                Ok(answer.map(|body| {
                    Body::new(body.map_frame(move |frame| {
                        if let Some(trailers) = frame.trailers_ref() {
                            call.heard(trailers);
                        }
                        frame
                    }))
                }))
            }
            .instrument(span),
        )
    }
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

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
