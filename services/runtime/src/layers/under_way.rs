//! What is under way on the connection that a call came over.

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tonic::Code;

use crate::{auth::Principal, port::remote::Remote};

/// What is said to those who should not have called, or not so often.
const REFUSED: [Code; 5] = [
    Code::Unauthenticated,
    Code::PermissionDenied,
    Code::ResourceExhausted,
    Code::Unimplemented,
    Code::Cancelled,
];

/// Counts a call as under way until the end of its answer's body, and as one that came to nothing
/// where it was not answered; puts the workload of its connection beside it.
pub(crate) async fn count(mut request: Request, next: Next) -> Response {
    let Some(remote) = request.extensions().get::<Remote>().cloned() else {
        return next.run(request).await;
    };
    let mut call = remote.activity.begin();
    if let Some(workload) = remote.workload {
        request.extensions_mut().insert(workload);
    }
    let answer = next.run(request).await;
    let is_known = answer.extensions().get::<Principal>().is_some();
    if is_known && !answer.headers().contains_key("grpc-status") {
        call.admitted();
    }
    let mut heard = move |headers: &HeaderMap| {
        if is_known && is_answered(headers) {
            call.answered();
        }
    };
    heard(answer.headers());
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(trailers) = frame.trailers_ref() {
                heard(trailers);
            }
            frame
        }))
    })
}

/// Whether a call has ended, and not by a refusal of who called.
fn is_answered(headers: &HeaderMap) -> bool {
    let code = headers.get("grpc-status");
    code.is_some_and(|code| !REFUSED.contains(&Code::from_bytes(code.as_bytes())))
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn};
    use gazelle_kernel::PlatformId;
    use http_body_util::Empty;
    use tonic::Status;
    use tower::ServiceExt as _;

    use super::*;

    fn known(mut answer: Response) -> Response {
        let platform = Principal::Platform(PlatformId::parse("alpha").unwrap());
        answer.extensions_mut().insert(platform);
        answer
    }

    fn refusal(code: Code) -> Response {
        Status::new(code, "").into_http()
    }

    /// An answer that says in its trailers how it ended.
    fn whole(code: Code) -> Response {
        let trailers = refusal(code).headers().clone();
        let body = Empty::new().with_trailers(async { Some(Ok(trailers)) });
        Response::new(Body::new(body))
    }

    /// What a connection owes after a call with that answer, whose body is read or not.
    async fn owed(answer: fn() -> Response, is_read: bool) -> u32 {
        let remote = Remote::new("127.0.0.1:1".parse().unwrap());
        let activity = remote.activity.clone();
        let router = Router::new()
            .fallback(async move || answer())
            .layer(from_fn(count));
        let mut request = Request::new(Body::new(Empty::new()));
        request.extensions_mut().insert(remote);
        let answer = router.oneshot(request).await.unwrap();
        let body = answer.into_body();
        if is_read {
            body.collect().await.unwrap();
        } else {
            drop(body);
        }
        activity.owing(|owed| *owed)
    }

    #[tokio::test]
    async fn calls_that_are_refused_open_or_dropped_come_to_nothing() {
        assert_eq!(owed(|| known(whole(Code::Ok)), true).await, 0);
        assert_eq!(owed(|| known(refusal(Code::NotFound)), true).await, 0);
        assert_eq!(owed(|| known(whole(Code::Internal)), true).await, 0);

        assert_eq!(owed(|| known(whole(Code::Ok)), false).await, 1, "dropped");
        assert_eq!(owed(|| whole(Code::Ok), true).await, 1, "of nobody known");
        assert_eq!(owed(|| refusal(Code::Unauthenticated), true).await, 1);
        assert_eq!(
            owed(|| known(refusal(Code::PermissionDenied)), true).await,
            1
        );
        assert_eq!(
            owed(|| known(refusal(Code::ResourceExhausted)), true).await,
            1
        );
    }
}
