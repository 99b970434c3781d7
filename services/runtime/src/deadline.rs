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

use std::{
    fmt,
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use gazelle_proto::access::ErrorReason;

use crate::{access::FindRule, status::Refusal};

tokio::task_local! {
    static DEADLINE: Instant;
}

/// What is left of the time of the call that this task answers; `None` without a bound.
#[must_use]
pub fn remaining() -> Option<Duration> {
    let deadline = DEADLINE.try_with(|deadline| *deadline).ok()?;
    Some(deadline.saturating_duration_since(Instant::now()))
}

/// The longest that an answer is given before its caller's end.
const AHEAD_MAX: Duration = Duration::from_millis(50);

/// Ends unary calls by their deadline.
#[derive(Clone)]
pub(crate) struct DeadlineLayer {
    max: Duration,
    find_rule: FindRule,
}

impl fmt::Debug for DeadlineLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineLayer").finish_non_exhaustive()
    }
}

impl DeadlineLayer {
    pub(crate) fn new(max: Duration, find_rule: FindRule) -> Self {
        Self { max, find_rule }
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Deadline<S> {
        Deadline {
            inner,
            layer: self.clone(),
        }
    }
}

/// See [`DeadlineLayer`].
#[derive(Debug, Clone)]
pub(crate) struct Deadline<S> {
    inner: S,
    layer: DeadlineLayer,
}

impl<S, B> Service<Request<B>> for Deadline<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let rule = (self.layer.find_rule)(request.uri().path());
        if rule.is_none_or(|rule| rule.streaming) {
            return Box::pin(self.inner.call(request));
        }
        let asked = timeout_of(request.headers())
            .map(|asked| asked.saturating_sub(AHEAD_MAX.min(asked / 10)));
        let deadline =
            Instant::now() + asked.map_or(self.layer.max, |asked| asked.min(self.layer.max));
        let answer = self.inner.call(request);
        Box::pin(DEADLINE.scope(deadline, async move {
            match timeout_at(deadline, answer).await {
                Ok(answer) => answer,
                Err(_) => Ok(Status::from(exceeded()).into_http()),
            }
        }))
    }
}

fn exceeded() -> Refusal {
    Refusal::shared(
        Code::DeadlineExceeded,
        ErrorReason::DeadlineExceeded,
        "the call took longer than it may; what it began may yet be done",
    )
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
    use std::convert::Infallible;

    use gazelle_proto::access::Rule;
    use tower::ServiceExt as _;

    use super::*;

    const RULES: [Rule; 2] = [
        Rule {
            path: "/unary",
            callers: &[],
            streaming: false,
        },
        Rule {
            path: "/stream",
            callers: &[],
            streaming: true,
        },
    ];

    /// What is left of the time when a call begins, and what it is answered when it never ends.
    async fn call(path: &str, timeout: Option<&str>) -> (Option<Duration>, Option<Code>) {
        let (sender, left) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let handler = tower::service_fn(move |_: Request<()>| {
            let sender = sender.take();
            async move {
                let _ = sender.unwrap().send(remaining());
                std::future::pending::<Result<Response<Body>, Infallible>>().await
            }
        });
        let layer = DeadlineLayer::new(Duration::from_mins(1), |path| {
            RULES.iter().find(|rule| rule.path == path)
        });
        let mut request = Request::builder().uri(path);
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let call = layer.layer(handler).oneshot(request.body(()).unwrap());
        let answer = tokio::time::timeout(Duration::from_hours(1), call).await;
        let status = answer.ok().map(|answer| {
            Status::from_header_map(answer.unwrap().headers())
                .unwrap()
                .code()
        });
        (left.await.unwrap(), status)
    }

    #[tokio::test(start_paused = true)]
    async fn a_unary_call_ends_by_the_sooner_of_its_callers_bound_and_ours() {
        let exceeded = Some(Code::DeadlineExceeded);
        assert_eq!(
            call("/unary", None).await,
            (Some(Duration::from_mins(1)), exceeded)
        );
        assert_eq!(
            call("/unary", Some("100m")).await,
            (Some(Duration::from_millis(90)), exceeded)
        );
        assert_eq!(
            call("/unary", Some("2H")).await,
            (Some(Duration::from_mins(1)), exceeded)
        );
        assert_eq!(
            call("/unary", Some("soon")).await,
            (Some(Duration::from_mins(1)), exceeded)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_has_no_end_of_its_own() {
        assert_eq!(call("/stream", Some("1S")).await, (None, None));
    }
}
