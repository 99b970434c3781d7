//! Calls that are made again while the failure may pass, for as long as a person would wait.

use std::{
    error::Error,
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use gazelle_proto::access;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use parking_lot::Mutex;
use tokio::time::sleep;
use tonic::{Code, Status, body::Body};
use tower::{Service, ServiceExt as _};

use crate::{
    retry::{Tries, is_untouched},
    token::Authorized,
};

/// Is told that a call is going to be made again, by `true`, and that calls go on, or that they
/// were given up, by `false`.
pub type Tell = Box<dyn Fn(bool) + Send + Sync>;

/// A channel that makes a call again whose failure may pass, where it was made with patience. Cheap
/// to clone; all clones lose it together.
///
/// Only calls of one message are made again: those that the contract calls harmless to repeat, and
/// any other that certainly left nothing behind. What is made again has no answer yet: a stream of
/// answers that breaks is for whoever reads it.
#[derive(Clone)]
pub struct Patient<S = Authorized> {
    inner: S,
    patience: Option<Arc<Patience>>,
}

/// What calls of one command have together: one that failed for as long as there was time leaves
/// none to those after it.
pub(crate) struct Patience {
    tries: Mutex<Tries>,
    tell: Tell,
}

impl Patience {
    pub(crate) fn new(tell: Tell) -> Self {
        let tries = Mutex::new(Tries::new());
        Self { tries, tell }
    }

    /// Waits before the next attempt, or hands the failure back that ends the call.
    async fn wait_after(&self, status: Status) -> Result<(), Status> {
        let pause = self.tries.lock().pause_after(status);
        (self.tell)(pause.is_ok());
        sleep(pause?).await;
        Ok(())
    }

    fn worked(&self) {
        self.tries.lock().worked();
        (self.tell)(false);
    }
}

impl<S> Patient<S> {
    pub(crate) fn new(inner: S, patience: Option<Arc<Patience>>) -> Self {
        Self { inner, patience }
    }
}

impl<S> fmt::Debug for Patient<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient").finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<Body>> for Patient<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, Status>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        self.inner
            .poll_ready(context)
            .map_err(|error| Status::from_error(error.into()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let rule = access::rule(request.uri().path());
        let is_one_message = rule.is_some_and(|rule| !rule.client_streaming);
        match self.patience.clone().filter(|_| is_one_message) {
            Some(patience) => Box::pin(again(inner, request, patience)),
            None => Box::pin(async move { once(&mut inner, request).await }),
        }
    }
}

async fn again<S, B>(
    mut inner: S,
    request: Request<Body>,
    patience: Arc<Patience>,
) -> Result<Response<B>, Status>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let is_idempotent = access::is_idempotent(request.uri().path());
    let (parts, body) = request.into_parts();
    let message = body.collect().await?.to_bytes();
    patience.tries.lock().begin();
    loop {
        let body = Body::new(Full::new(message.clone()));
        let request = Request::from_parts(parts.clone(), body);
        match once(&mut inner, request).await {
            Ok(answer) => {
                patience.worked();
                return Ok(answer);
            }
            Err(status) if is_idempotent || is_untouched(&status) => {
                patience.wait_after(status).await?;
            }
            Err(status) => {
                (patience.tell)(false);
                return Err(status);
            }
        }
    }
}

/// Makes a call; an answer that is nothing but a failure is one here as well.
async fn once<S, B>(inner: &mut S, request: Request<Body>) -> Result<Response<B>, Status>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let failed = |error: S::Error| Status::from_error(error.into());
    let ready = inner.ready().await.map_err(failed)?;
    let answer = ready.call(request).await.map_err(failed)?;
    match Status::from_header_map(answer.headers()) {
        Some(status) if status.code() != Code::Ok => Err(status),
        _ => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::time::Instant;
    use tonic_types::{ErrorDetails, StatusExt as _};
    use tower::service_fn;

    use super::*;

    const READ: &str = "/gazelle.registry.v1.RegistryService/GetPlatform";
    const PUT: &str = "/gazelle.registry.v1.RegistryService/PutPlatforms";
    const PREPARE: &str = "/gazelle.settlement.v1.PaymentService/PrepareOrder";
    const STREAM: &str = "/gazelle.usage.v1.UsageService/ReportUsage";

    /// What a service says whose database does not do what it should, and why.
    fn away(cause: &str) -> Status {
        let mut details = ErrorDetails::new();
        let metadata = [("cause".to_owned(), cause.to_owned())];
        details.set_error_info("DEPENDENCY_UNAVAILABLE", "gazelle.access.v1", metadata);
        Status::with_error_details(Code::Unavailable, "not now", details)
    }

    /// Calls by path; how each attempt is answered, in order, and then always well.
    struct Calls {
        patience: Arc<Patience>,
        told: Arc<Mutex<Vec<bool>>>,
    }

    impl Calls {
        fn new() -> Self {
            let told = Arc::new(Mutex::new(Vec::new()));
            let tell = {
                let told = told.clone();
                Box::new(move |waits| told.lock().push(waits))
            };
            let patience = Arc::new(Patience::new(tell));
            Self { patience, told }
        }

        /// How a call ends, and the messages of its attempts.
        async fn make(
            &self,
            path: &str,
            answer: impl Fn(usize) -> Option<Status> + Clone + Send + 'static,
        ) -> (Option<Code>, usize) {
            let seen = Arc::new(Mutex::new(0));
            let counted = seen.clone();
            let service = service_fn(move |request: Request<Body>| {
                let (answer, counted) = (answer.clone(), counted.clone());
                async move {
                    let message = request.into_body().collect().await.unwrap().to_bytes();
                    assert_eq!(message, "all of it");
                    let mut attempts = counted.lock();
                    *attempts += 1;
                    Ok::<_, Infallible>(match answer(*attempts) {
                        Some(status) => status.into_http(),
                        None => Response::new(Body::empty()),
                    })
                }
            });
            let body = Body::new(Full::new("all of it".into()));
            let request = Request::post(path).body(body).unwrap();
            let patient = Patient::new(service, Some(self.patience.clone()));
            let code = patient.oneshot(request).await.err().map(|s| s.code());
            let attempts = *seen.lock();
            (code, attempts)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_harmless_is_made_again_with_all_of_it_and_somebody_is_told() {
        let thrice = |attempt| (attempt < 3).then(|| away("NO_ANSWER"));
        for path in [READ, PUT] {
            let calls = Calls::new();
            assert_eq!(calls.make(path, thrice).await, (None, 3), "{path}");
            assert_eq!(*calls.told.lock(), [true, true, false], "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_is_made_again_where_nothing_of_it_was_done() {
        let calls = Calls::new();
        let lost = |attempt| (attempt < 3).then(|| away("NO_ANSWER"));
        let once = (Some(Code::Unavailable), 1);
        assert_eq!(calls.make(PREPARE, lost).await, once);
        let refused = |attempt| (attempt < 3).then(|| away("READ_ONLY"));
        assert_eq!(calls.make(PREPARE, refused).await, (None, 3));
        let in_doubt = |attempt| Some(away(["READ_ONLY", "NO_ANSWER"][attempt - 1]));
        let calls = Calls::new();
        let twice = (Some(Code::Unavailable), 2);
        assert_eq!(calls.make(PREPARE, in_doubt).await, twice);
        assert_eq!(*calls.told.lock(), [true, false]);
        // Whoever streams sends the rest again, not all.
        assert_eq!(calls.make(STREAM, refused).await, once);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_one_command_lose_patience_once_and_a_refusal_is_none_of_it() {
        let calls = Calls::new();
        let refused = |_| Some(Status::not_found("no"));
        let began = Instant::now();
        assert_eq!(calls.make(READ, refused).await, (Some(Code::NotFound), 1));
        assert_eq!(began.elapsed(), std::time::Duration::ZERO);
        // However long somebody thinks before the next.
        sleep(2 * Tries::DEADLINE).await;
        let never = |_| Some(away("NO_ANSWER"));
        let (code, attempts) = calls.make(PUT, never).await;
        assert!(
            code == Some(Code::Unavailable) && attempts > 10,
            "{attempts}"
        );
        assert_eq!(calls.make(PUT, never).await, (code, 1));
        assert_eq!(calls.told.lock().last(), Some(&false));
    }
}
