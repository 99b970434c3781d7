//! How fast large messages come in, and that one comes where one is taken.
//!
//! A message of megabytes costs who sends it next to nothing, and whoever calls meanwhile their
//! place on the processors, even where it is refused: it is sent, received, deciphered and put
//! together in one go. So what a body has beyond [`FREE_BYTES`] comes piece by piece, with a pause
//! for each out of one measure for all calls of a server, and for a few calls at a time, since what
//! came stays in memory until the answer; HTTP/2 slows the sender. A stream of
//! messages, which are read one by one and bounded by what becomes of them, is read as ever. Where
//! one message is all that a call takes, a second one ends it here, where bytes pass anyway.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::{
    StreamExt as _,
    stream::{Stream, unfold},
};
use gazelle_kernel::Actor;
use gazelle_proto::access::ErrorReason;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tonic::{Code, Status};

use super::{
    reflected::REFLECTION,
    single::{Single, refused},
};
use crate::{access::FindRule, auth::Principal, status::Refusal};

/// What is read of a body at once: as much as a thousand rows of an import take.
const FREE_BYTES: usize = 256 * 1024;

/// What is read of the rest before a pause, and how long that is at least: 32 MiB a second at most,
/// of all calls together.
const PIECE_BYTES: usize = 128 * 1024;
const PAUSE: Duration = Duration::from_millis(4);

/// How many such calls may be under way, from when more is read of their bodies until they are
/// answered: each takes its bytes, and as much again for what is made of them, or some times that.
/// The others wait, as long as their callers do.
const CALLS_MAX: usize = 8;

/// Of those, one caller's: who sends slowly keeps nobody else waiting.
const CALLS_PER_CALLER_MAX: usize = 2;

/// How long a call waits for its place; and how long the rest of its body may take then.
const PLACE_WAIT: Duration = Duration::from_mins(1);
const REST_WAIT: Duration = Duration::from_secs(30);

/// The measure of one server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Large {
    find_rule: FindRule,
    next: Arc<Mutex<Instant>>,
    all: Arc<Semaphore>,
    each: Arc<Mutex<HashMap<Actor, Weak<Semaphore>>>>,
}

/// The place of a call, once its message is large; it is kept beside the body, which ends before.
#[derive(Clone, Default)]
struct HeldPlaces(Arc<Mutex<Vec<OwnedSemaphorePermit>>>);

/// A body that is being read.
struct SlowedBody {
    body: Body,
    /// What may be read of it before the next pause.
    left: usize,
    single: Single,
    caller: Option<Actor>,
    place: HeldPlaces,
    /// When the rest must have come; none: it is not large yet.
    until: Option<Instant>,
}

impl Large {
    pub(crate) fn new(find_rule: FindRule) -> Self {
        Self {
            find_rule,
            next: Arc::new(Mutex::new(Instant::now())),
            all: Arc::new(Semaphore::new(CALLS_MAX)),
            each: Arc::default(),
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

    /// A place among the caller's own, and then among all.
    async fn place(&self, caller: Option<&Actor>) -> Vec<OwnedSemaphorePermit> {
        let own = caller.map(|caller| self.own(caller));
        let mut permits = Vec::new();
        for places in own.into_iter().chain([self.all.clone()]) {
            // Nobody closes them.
            permits.extend(places.acquire_owned().await);
        }
        permits
    }

    /// The places of a caller, which are forgotten once none is taken or waited for.
    fn own(&self, caller: &Actor) -> Arc<Semaphore> {
        let mut each = self.each.lock();
        each.retain(|_, places| places.strong_count() > 0);
        let places = each.get(caller).and_then(Weak::upgrade);
        places.unwrap_or_else(|| {
            let places = Arc::new(Semaphore::new(CALLS_PER_CALLER_MAX));
            each.insert(caller.clone(), Arc::downgrade(&places));
            places
        })
    }

    /// The next piece of a body, when it is its turn.
    async fn next(&self, reading: &mut SlowedBody) -> Option<Result<Frame<Bytes>, axum::Error>> {
        let frame = match reading.until {
            None => reading.body.frame().await?,
            Some(until) => match timeout_at(until, reading.body.frame()).await {
                Ok(frame) => frame?,
                Err(_) => return Some(reading.end(too_slow())),
            },
        };
        let data = frame.as_ref().ok().and_then(Frame::data_ref);
        let bytes = data.map_or(0, Bytes::len);
        if let Some(data) = data
            && !reading.single.takes(data)
        {
            return Some(reading.end(refused()));
        }
        if bytes > reading.left && reading.until.is_none() {
            let place = timeout(PLACE_WAIT, self.place(reading.caller.as_ref())).await;
            let Ok(place) = place else {
                return Some(reading.end(overloaded()));
            };
            *reading.place.0.lock() = place;
            reading.until = Some(Instant::now() + REST_WAIT);
        }
        while bytes > reading.left {
            self.pause().await;
            reading.left += PIECE_BYTES;
        }
        reading.left -= bytes;
        Some(frame)
    }

    fn slowed(self, reading: SlowedBody) -> impl Stream<Item = Result<Frame<Bytes>, axum::Error>> {
        unfold((self, reading), async |(measure, mut reading)| {
            let frame = measure.next(&mut reading).await?;
            Some((frame, (measure, reading)))
        })
        // Whoever reads it may ask again after its end.
        .fuse()
    }
}

impl SlowedBody {
    /// Ends it by a refusal.
    fn end(&mut self, refused: Refusal) -> Result<Frame<Bytes>, axum::Error> {
        self.body = Body::empty();
        Err(axum::Error::new(Status::from(refused)))
    }
}

fn overloaded() -> Refusal {
    Refusal::shared(
        Code::ResourceExhausted,
        ErrorReason::Overloaded,
        "too many large messages are under way; try again later, or send less in one",
    )
}

fn too_slow() -> Refusal {
    Refusal::shared(
        Code::DeadlineExceeded,
        ErrorReason::DeadlineExceeded,
        "the message did not come within 30 s: send less in one, or over a quicker line",
    )
}

/// Slows what is large, and ends a body at its second message.
pub(crate) async fn large(State(large): State<Large>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let takes_many = (large.find_rule)(path).is_some_and(|rule| rule.client_streaming);
    if takes_many || path.starts_with(REFLECTION) {
        return next.run(request).await;
    }
    let caller = request.extensions().get().map(Principal::actor);
    let place = HeldPlaces::default();
    let slowed = |body| {
        let reading = SlowedBody {
            body,
            left: FREE_BYTES,
            single: Single::default(),
            caller,
            place: place.clone(),
            until: None,
        };
        Body::new(StreamBody::new(large.slowed(reading)))
    };
    next.run(request.map(slowed)).await
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn_with_state};
    use futures::stream::{iter, pending};
    use gazelle_kernel::PlatformId;
    use gazelle_proto::access::Rule;
    use tokio::time::sleep;
    use tower::ServiceExt as _;

    use super::*;

    const STREAM: Rule = Rule {
        path: "/stream",
        callers: &[],
        second_factor: false,
        streaming: true,
        client_streaming: true,
    };

    /// A call with a message in so many frames of 16 KiB.
    fn message(path: &str, frames: usize) -> Request {
        let mut message = vec![0; frames * 16 * 1024];
        let length = u32::try_from(message.len() - 5).unwrap();
        message[1..5].copy_from_slice(&length.to_be_bytes());
        let frames: Vec<_> = message.chunks(16 * 1024).map(<[u8]>::to_vec).collect();
        let body = iter(frames.into_iter().map(Ok::<_, axum::Error>));
        let mut request = Request::new(Body::from_stream(body));
        *request.uri_mut() = path.parse().unwrap();
        request
    }

    /// Makes it; returns how many bytes the handler read, and when it had them all.
    async fn call(large: &Large, path: &str, frames: usize) -> (usize, Duration) {
        let began = Instant::now();
        let read = answer(large, message(path, frames)).await;
        (read.parse().unwrap(), began.elapsed())
    }

    /// How many bytes the handler read, or why it did not; `/work` takes its time then.
    async fn answer(large: &Large, request: Request) -> String {
        let handler = async |request: Request| {
            let works = request.uri().path() == "/work";
            let mut body = request.into_body();
            let read = (&mut body).collect().await;
            // Some ask on after the end.
            assert!(body.frame().await.is_none());
            if works {
                sleep(WORK).await;
            }
            match read {
                Ok(read) => read.to_bytes().len().to_string(),
                Err(error) => format!("{:?}", error.into_inner()),
            }
        };
        let router = Router::new().fallback(handler);
        let router = router.layer(from_fn_with_state(large.clone(), super::large));
        let answer = router.oneshot(request).await.unwrap();
        let read = answer.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(read.to_vec()).unwrap()
    }

    const WORK: Duration = Duration::from_secs(20);

    #[tokio::test(start_paused = true)]
    async fn of_large_messages_a_few_are_in_memory_until_they_are_answered() {
        let large = Large::new(|_| None);
        let mall = Principal::Platform(PlatformId::parse("mall").unwrap());
        for (caller, at_a_time) in [(None, CALLS_MAX), (Some(mall), CALLS_PER_CALLER_MAX)] {
            let calls = (0..=at_a_time).map(async |_| {
                let mut request = message("/work", 256);
                if let Some(caller) = caller.clone() {
                    request.extensions_mut().insert(caller);
                }
                let began = Instant::now();
                assert_eq!(answer(&large, request).await, (4 << 20).to_string());
                began.elapsed()
            });
            let mut took: Vec<_> = futures::future::join_all(calls).await;
            took.sort_unstable();
            let (last, others) = took.split_last().unwrap();
            assert!(others.iter().all(|took| *took < 2 * WORK), "{others:?}");
            assert!(*last >= 2 * WORK, "{last:?}");
        }
        assert!(
            large
                .each
                .lock()
                .values()
                .all(|own| own.strong_count() == 0)
        );
        // What is not large waits for nobody.
        assert_eq!(call(&large, "/", 16).await.1, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_message_that_does_not_end_is_refused_and_lets_others_go_on() {
        let large = Large::new(|_| None);
        let pieces = || {
            // A message of 16 MiB.
            let piece = || Ok::<_, axum::Error>([vec![0, 1], vec![0; FREE_BYTES]].concat());
            iter([piece(), piece()]).chain(pending())
        };
        let calls =
            (0..CALLS_MAX).map(|_| answer(&large, Request::new(Body::from_stream(pieces()))));
        let began = Instant::now();
        let answers = futures::future::join_all(calls).await;
        assert!(answers.iter().all(|it| it.contains("30 s")), "{answers:?}");
        assert!(began.elapsed() < 2 * REST_WAIT, "{:?}", began.elapsed());
        assert_eq!(call(&large, "/", 256).await.0, 4 << 20);
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
