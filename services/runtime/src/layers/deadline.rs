//! How long a call may take.
//!
//! A unary call ends by its caller's `grpc-timeout`, and by our own bound where that is sooner,
//! with `DEADLINE_EXCEEDED`. What it began in [`detach`](crate::detach) comes to its end all the
//! same; what waits for a connection or a turn waits no more. What is left of the time goes on to
//! the peers that the call asks. Streams have no end of their own: they are as long as what they
//! carry.
//!
//! The answer comes a little before the caller's own end: after that nobody would hear it, and
//! `tonic` has a timer of its own on the same header, which would say `CANCELLED`.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use gazelle_client::deadline::within;
use gazelle_proto::access::ErrorReason;
use http::HeaderMap;
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status};

use crate::{access::FindRule, status::Refusal};

/// An answer is given a tenth of the time before its caller's end, but at least so long, which is
/// more than until a call comes here, and timers are as fine as a millisecond; and at most.
const AHEAD_MIN: Duration = Duration::from_millis(2);
const AHEAD_MAX: Duration = Duration::from_millis(50);

/// How long a call that nobody stands for may take: a probe is answered at once, or its caller
/// does not say what it asks.
const OPEN_CALL_MAX: Duration = Duration::from_secs(5);

/// When a call is to be answered, counted like `tonic`'s timer from when it came; and the limit
/// that is told then.
#[derive(Debug, Clone, Copy)]
struct Due {
    at: Instant,
    limit: Duration,
}

/// Where the bounds come from.
#[derive(Clone, Copy)]
pub(crate) struct Deadlines {
    max: Duration,
    find_rule: FindRule,
}

impl Deadlines {
    pub(crate) fn new(max: Duration, find_rule: FindRule) -> Self {
        Self { max, find_rule }
    }

    /// The bound of ours; none of a stream.
    fn bound(&self, path: &str) -> Option<Duration> {
        match (self.find_rule)(path) {
            Some(rule) if rule.streaming => None,
            Some(_) => Some(self.max),
            None => is_probe(path).then_some(OPEN_CALL_MAX),
        }
    }
}

/// Of calls that nobody stands for, what is no stream.
pub(super) fn is_probe(path: &str) -> bool {
    path.ends_with("/Check")
}

/// Bounds a unary call from when it comes. What is behind [`deadline`] ends by that, which is a
/// little sooner; this is for what waits before it, as for the keys of an issuer.
pub(crate) async fn arrives(
    State(deadlines): State<Deadlines>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(bound) = deadlines.bound(request.uri().path()) else {
        return next.run(request).await;
    };
    let (limit, answer_within) = limits(timeout_of(request.headers()), bound);
    // Nothing can be done in that, and nothing is begun.
    if answer_within.is_zero() {
        return Status::from(exceeded(limit)).into_http();
    }
    let at = Instant::now() + answer_within;
    request.extensions_mut().insert(Due { at, limit });
    let answer = timeout_at(at + AHEAD_MIN / 2, next.run(request));
    answer
        .await
        .unwrap_or_else(|_| Status::from(exceeded(limit)).into_http())
}

/// Ends unary calls when they are due, by an answer that tells the layers before it who called.
pub(crate) async fn deadline(request: Request, next: Next) -> Response {
    let Some(&Due { at, limit }) = request.extensions().get() else {
        return next.run(request).await;
    };
    let answer = within(at, timeout_at(at, next.run(request)));
    answer
        .await
        .unwrap_or_else(|_| Status::from(exceeded(limit)).into_http())
}

/// The limit that ends a call, its caller's or ours, and when it is answered by that.
fn limits(asked: Option<Duration>, bound: Duration) -> (Duration, Duration) {
    let before = |asked: Duration| asked.saturating_sub((asked / 10).clamp(AHEAD_MIN, AHEAD_MAX));
    let of_caller = asked.map(|asked| (asked, before(asked)));
    let sooner = of_caller.filter(|(_, answer_within)| *answer_within < bound);
    sooner.unwrap_or((bound, bound))
}

fn exceeded(limit: Duration) -> Refusal {
    Refusal::shared(
        Code::DeadlineExceeded,
        ErrorReason::DeadlineExceeded,
        "the call took longer than it may; what it began may yet be done",
    )
    .with("limit_ms", limit.as_millis())
}

/// `grpc-timeout`: at most eight digits and a unit. What is malformed is as good as none.
fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        middleware::{from_fn, from_fn_with_state},
    };
    use gazelle_client::deadline::remaining;
    use gazelle_proto::access::Rule;
    use tonic_types::StatusExt as _;
    use tower::ServiceExt as _;

    use super::*;

    const RULES: [Rule; 2] = [
        Rule {
            path: "/unary",
            callers: &[],
            second_factor: false,
            streaming: false,
            client_streaming: false,
        },
        Rule {
            path: "/stream",
            callers: &[],
            second_factor: false,
            streaming: true,
            client_streaming: false,
        },
    ];

    /// What is left of the time when a call begins, and what it is answered when it never ends.
    async fn call(path: &str, timeout: Option<&str>) -> (Option<Duration>, Option<Status>) {
        let (left, mut told) = tokio::sync::mpsc::unbounded_channel();
        let handler = async move || {
            left.send(remaining()).unwrap();
            std::future::pending::<Response>().await
        };
        let deadlines = Deadlines::new(Duration::from_mins(1), |path| {
            RULES.iter().find(|rule| rule.path == path)
        });
        let router = Router::new()
            .fallback(handler)
            .layer(from_fn(deadline))
            .layer(from_fn_with_state(deadlines, arrives));
        let mut request = Request::builder().uri(path);
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let call = router.oneshot(request.body(Body::empty()).unwrap());
        let answer = tokio::time::timeout(Duration::from_hours(1), call).await;
        let status = answer
            .ok()
            .map(|answer| Status::from_header_map(answer.unwrap().headers()).unwrap());
        (told.recv().await.flatten(), status)
    }

    #[tokio::test(start_paused = true)]
    async fn a_unary_call_ends_by_the_sooner_of_its_callers_bound_and_ours() {
        for (timeout, expected) in [
            (None, Duration::from_mins(1)),
            (Some("100m"), Duration::from_millis(90)),
            (Some("10m"), Duration::from_millis(8)),
            (Some("2H"), Duration::from_mins(1)),
            (Some("soon"), Duration::from_mins(1)),
        ] {
            let (left, status) = call("/unary", timeout).await;
            let code = status.map(|status| status.code());
            assert_eq!(
                (left, code),
                (Some(expected), Some(Code::DeadlineExceeded)),
                "{timeout:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_that_is_told_is_the_one_that_was_set() {
        for (timeout, limit_ms) in [
            (None, "60000"),
            (Some("1m"), "1"),
            (Some("200m"), "200"),
            (Some("2H"), "60000"),
        ] {
            let status = call("/unary", timeout).await.1.unwrap();
            let info = status.get_details_error_info().unwrap();
            assert_eq!(info.metadata["limit_ms"], limit_ms, "{timeout:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_before_a_call_is_let_in_is_within_its_time_too() {
        let waits = async |_: Request, _: Next| -> Response { std::future::pending().await };
        let deadlines = Deadlines::new(Duration::from_mins(1), |_| Some(&RULES[0]));
        let router = Router::new()
            .fallback(async || "never")
            .layer(from_fn(deadline))
            .layer(from_fn(waits))
            .layer(from_fn_with_state(deadlines, arrives));
        let request = Request::builder().header("grpc-timeout", "1S");
        let began = Instant::now();
        let call = router.oneshot(request.body(Body::empty()).unwrap());
        let status = Status::from_header_map(call.await.unwrap().headers()).unwrap();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_has_no_end_of_its_own() {
        let (left, status) = call("/stream", Some("1S")).await;
        assert!(left.is_none() && status.is_none());
    }
}
