//! How fast large messages come in, and that one comes where one is taken.
//!
//! A message of megabytes costs who sends it next to nothing, and whoever calls meanwhile their
//! place on the processors, even where it is refused: it is sent, received, deciphered and put
//! together in one go. So what a body has beyond [`FREE_BYTES`] comes piece by piece, with a pause
//! for each out of one measure for all calls of a server; HTTP/2 slows the sender. A stream of
//! messages, which are read one by one and bounded by what becomes of them, is read as ever. Where
//! one message is all that a call takes, a second one ends it here, where bytes pass anyway.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::stream::{Stream, unfold};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};
use tonic::Status;

use super::{
    reflected::REFLECTION,
    single::{Single, refused},
};
use crate::access::FindRule;

/// What is read of a body at once: as much as a thousand rows of an import take.
const FREE_BYTES: usize = 256 * 1024;

/// What is read of the rest before a pause, and how long that is at least: 32 MiB a second at most,
/// of all calls together.
const PIECE_BYTES: usize = 128 * 1024;
const PAUSE: Duration = Duration::from_millis(4);

/// The measure of one server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Large {
    find_rule: FindRule,
    next: Arc<Mutex<Instant>>,
}

impl Large {
    pub(crate) fn new(find_rule: FindRule) -> Self {
        Self {
            find_rule,
            next: Arc::new(Mutex::new(Instant::now())),
        }
    }

    /// Waits for those before, and for a pause.
    async fn pause(&self) {
        let turn = {
            let mut next = self.next.lock();
            *next = (*next).max(Instant::now()) + PAUSE;
            *next
        };
        sleep_until(turn).await;
    }

    fn slowed(
        self,
        body: Body,
        single: Option<Single>,
    ) -> impl Stream<Item = Result<Frame<Bytes>, axum::Error>> {
        let begun = (body, FREE_BYTES, single);
        unfold(begun, move |(mut body, mut left, mut single)| {
            let measure = self.clone();
            async move {
                let frame = body.frame().await?;
                let data = frame.as_ref().ok().and_then(Frame::data_ref);
                let bytes = data.map_or(0, Bytes::len);
                if let (Some(single), Some(data)) = (&mut single, data)
                    && !single.takes(data)
                {
                    let refused = axum::Error::new(Status::from(refused()));
                    return Some((Err(refused), (Body::empty(), left, None)));
                }
                while bytes > left {
                    measure.pause().await;
                    left += PIECE_BYTES;
                }
                Some((frame, (body, left - bytes, single)))
            }
        })
    }
}

/// Slows what is large, and ends a body at its second message.
pub(crate) async fn large(State(large): State<Large>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let rule = (large.find_rule)(path);
    if rule.is_some_and(|rule| rule.client_streaming) {
        return next.run(request).await;
    }
    let single = (!path.starts_with(REFLECTION)).then(Single::default);
    let slowed = |body| Body::new(StreamBody::new(large.slowed(body, single)));
    next.run(request.map(slowed)).await
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn_with_state};
    use futures::stream::iter;
    use gazelle_proto::access::Rule;
    use tower::ServiceExt as _;

    use super::*;

    const STREAM: Rule = Rule {
        path: "/stream",
        callers: &[],
        second_factor: false,
        streaming: true,
        client_streaming: true,
    };

    /// Calls with a message in so many frames of 16 KiB; returns how many bytes the handler read,
    /// and when it had them all.
    async fn call(large: &Large, path: &str, frames: usize) -> (usize, Duration) {
        let mut message = vec![0; frames * 16 * 1024];
        let length = u32::try_from(message.len() - 5).unwrap();
        message[1..5].copy_from_slice(&length.to_be_bytes());
        let frames: Vec<_> = message.chunks(16 * 1024).map(<[u8]>::to_vec).collect();
        let body = iter(frames.into_iter().map(Ok::<_, axum::Error>));
        let mut request = Request::new(Body::from_stream(body));
        *request.uri_mut() = path.parse().unwrap();
        let began = Instant::now();
        let handler = async |request: Request| {
            let read = request.into_body().collect().await.unwrap();
            read.to_bytes().len().to_string()
        };
        let router = Router::new().fallback(handler);
        let router = router.layer(from_fn_with_state(large.clone(), super::large));
        let answer = router.oneshot(request).await.unwrap();
        let read = answer.into_body().collect().await.unwrap().to_bytes();
        let read = String::from_utf8(read.to_vec()).unwrap().parse().unwrap();
        (read, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_large_takes_its_time_and_what_is_not_none() {
        let find_rule: FindRule = |path| (path == STREAM.path).then_some(&STREAM);
        let large = Large::new(find_rule);
        let (small, whole) = (16, 256);

        assert_eq!(call(&large, "/", small).await, (256 << 10, Duration::ZERO));
        assert_eq!(call(&large, "/", whole).await, (4 << 20, 30 * PAUSE));
        let (one, other) = tokio::join!(call(&large, "/", whole), call(&large, "/", whole));
        assert_eq!(one.1.max(other.1), 60 * PAUSE, "out of one measure");
        assert_eq!((one.0, other.0), (4 << 20, 4 << 20));
        let stream = call(&large, STREAM.path, whole).await;
        assert_eq!(stream, (4 << 20, Duration::ZERO));
    }
}
