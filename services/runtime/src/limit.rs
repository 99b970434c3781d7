//! How many calls are under way at a time, over all and for each caller.
//!
//! Beyond that a call is refused at once: the caller can go elsewhere or come back, and what is
//! under way stays quick. Streams live long and are counted apart, so that they cannot crowd out
//! calls. Probes and reflection, which need no caller, are not counted.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use gazelle_kernel::Actor;
use gazelle_proto::access::ErrorReason;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use crate::{access::FindRule, auth::Principal, config::LimitsConfig, status::Refusal};

/// Refuses calls beyond the bounds. Stands behind `AccessLayer`, which finds out who calls.
#[derive(Clone)]
pub(crate) struct LimitLayer {
    limits: Arc<Limits>,
    find_rule: FindRule,
}

impl fmt::Debug for LimitLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitLayer").finish_non_exhaustive()
    }
}

impl LimitLayer {
    pub(crate) fn new(config: LimitsConfig, find_rule: FindRule) -> Self {
        let limits = Arc::new(Limits {
            config,
            under_way: Mutex::default(),
        });
        Self { limits, find_rule }
    }
}

struct Limits {
    config: LimitsConfig,
    under_way: Mutex<UnderWay>,
}

/// Who has nothing under way has no entry, so there are never more entries than calls.
#[derive(Default)]
struct UnderWay {
    all: Counts,
    callers: HashMap<Actor, Counts>,
}

#[derive(Default)]
struct Counts {
    calls: usize,
    streams: usize,
}

impl Counts {
    fn of(&mut self, streaming: bool) -> &mut usize {
        if streaming {
            &mut self.streams
        } else {
            &mut self.calls
        }
    }
}

/// A place among what is under way, given back when it is dropped.
struct Place {
    limits: Arc<Limits>,
    caller: Actor,
    streaming: bool,
}

impl Limits {
    fn enter(self: &Arc<Self>, caller: Actor, streaming: bool) -> Result<Place, Refusal> {
        let (all_max, caller_max) = if streaming {
            (
                self.config.streams.get(),
                self.config.streams_per_caller.get(),
            )
        } else {
            (self.config.calls.get(), self.config.calls_per_caller.get())
        };
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let UnderWay { all, callers } = &mut *under_way;
        let all = all.of(streaming);
        if *all >= all_max {
            return Err(overloaded("service", all_max));
        }
        let own = callers.get_mut(&caller).map(|counts| counts.of(streaming));
        if own.is_some_and(|own| *own >= caller_max) {
            return Err(overloaded("caller", caller_max));
        }
        *all += 1;
        *callers.entry(caller.clone()).or_default().of(streaming) += 1;
        drop(under_way);
        Ok(Place {
            limits: self.clone(),
            caller,
            streaming,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let under_way = self.limits.under_way.lock();
        let mut under_way = under_way.unwrap_or_else(PoisonError::into_inner);
        *under_way.all.of(self.streaming) -= 1;
        if let Some(counts) = under_way.callers.get_mut(&self.caller) {
            *counts.of(self.streaming) -= 1;
            if counts.calls + counts.streams == 0 {
                under_way.callers.remove(&self.caller);
            }
        }
    }
}

fn overloaded(scope: &'static str, limit: usize) -> Refusal {
    let message =
        format!("the {scope} has {limit} calls under way, and no more are taken; try again later");
    Refusal::shared(Code::ResourceExhausted, ErrorReason::Overloaded, message)
        .with("scope", scope)
        .with("limit", limit)
}

impl<S> Layer<S> for LimitLayer {
    type Service = Limit<S>;

    fn layer(&self, inner: S) -> Limit<S> {
        Limit {
            inner,
            layer: self.clone(),
        }
    }
}

/// See [`LimitLayer`].
#[derive(Debug, Clone)]
pub(crate) struct Limit<S> {
    inner: S,
    layer: LimitLayer,
}

impl<S, B> Service<Request<B>> for Limit<S>
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
        let Some(caller) = request.extensions().get::<Principal>() else {
            return Box::pin(self.inner.call(request));
        };
        let rule = (self.layer.find_rule)(request.uri().path());
        let streaming = rule.is_some_and(|rule| rule.streaming);
        match self.layer.limits.enter(caller.actor(), streaming) {
            Ok(place) => {
                let answer = self.inner.call(request);
                Box::pin(async move {
                    let answer = answer.await?;
                    // The call ends when its body does, or when nobody wants that any more.
                    Ok(answer.map(|body| {
                        Body::new(body.map_frame(move |frame| {
                            let _held = &place;
                            frame
                        }))
                    }))
                })
            }
            Err(refusal) => {
                let refused = Status::from(refusal).into_http();
                Box::pin(async move { Ok(refused) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    fn limits() -> Arc<Limits> {
        let max = |count| NonZeroUsize::new(count).unwrap();
        let config = LimitsConfig {
            calls: max(3),
            calls_per_caller: max(2),
            streams: max(1),
            streams_per_caller: max(1),
            ..LimitsConfig::default()
        };
        Arc::new(Limits {
            config,
            under_way: Mutex::default(),
        })
    }

    fn scope(refused: Result<Place, Refusal>) -> String {
        let refusal = refused.err().expect("refused");
        refusal
            .metadata
            .into_iter()
            .find(|(key, _)| *key == "scope")
            .unwrap()
            .1
    }

    #[test]
    fn one_caller_leaves_room_for_others_and_all_together_for_the_service() {
        let limits = limits();
        let enter = |caller: &str| limits.enter(Actor::new(caller), false);
        let first = enter("a").unwrap();
        let _second = enter("a").unwrap();
        assert_eq!(scope(enter("a")), "caller");
        let _third = enter("b").unwrap();
        assert_eq!(scope(enter("c")), "service");

        drop(first);
        let _fourth = enter("c").unwrap();
    }

    #[test]
    fn streams_and_calls_do_not_take_each_others_place_and_nothing_is_kept_of_who_left() {
        let limits = limits();
        let stream = limits.enter(Actor::new("a"), true).unwrap();
        assert_eq!(scope(limits.enter(Actor::new("b"), true)), "service");
        let call = limits.enter(Actor::new("a"), false).unwrap();
        drop((stream, call));
        assert!(limits.under_way.lock().unwrap().callers.is_empty());
    }
}
