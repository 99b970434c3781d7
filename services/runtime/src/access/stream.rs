//! A stream ends when what it began with does not count any more.
//!
//! It is looked at every second: the token's end, the issuer's keys, the list of what is revoked.
//! The caller is told why in the trailers, as for a call that is not let in; what was acknowledged
//! before that stays, and nothing more is read.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{MissedTickBehavior, interval};
use tonic::Status;

use super::{
    gate::{Access, Admitted},
    refused,
};

/// From one look to the next.
const INTERVAL: Duration = Duration::from_secs(1);

type End = Pin<Box<dyn Future<Output = Status> + Send>>;

/// Runs a stream until it is over, or its caller is not believed any more.
pub(super) async fn while_believed(
    access: Access,
    admitted: Admitted,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let has_ended = Arc::new(AtomicBool::new(false));
    let mut end: End = Box::pin(end(access, admitted, path));
    let request = request.map(|body| {
        Body::new(Incoming {
            body,
            has_ended: has_ended.clone(),
        })
    });
    tokio::select! {
        status = &mut end => {
            has_ended.store(true, Ordering::Relaxed);
            status.into_http()
        }
        answer = next.run(request) => answer.map(|body| {
            Body::new(Outgoing { body: Some(body), end, has_ended })
        }),
    }
}

/// Why the stream must end, once it must.
async fn end(access: Access, admitted: Admitted, path: String) -> Status {
    let Admitted {
        principal,
        evidence,
        ..
    } = admitted;
    let mut looks = interval(INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Some(ended) = access.verifier.has_ended(&principal, &evidence) {
            let refusal = refused::ended(&ended);
            let why = "its stream has outlived it";
            return access.refused(&path, &principal, why, refusal).status;
        }
    }
}

/// What is answered, until the end.
struct Outgoing {
    /// Gone after the end.
    body: Option<Body>,
    end: End,
    has_ended: Arc<AtomicBool>,
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, end, .. } = &mut *self;
        let Some(body) = body else {
            return Poll::Ready(None);
        };
        // First: there may always be something to answer.
        let Poll::Ready(status) = end.as_mut().poll(context) else {
            return Pin::new(body).poll_frame(context);
        };
        self.has_ended.store(true, Ordering::Relaxed);
        self.body = None;
        let mut trailers = HeaderMap::new();
        Poll::Ready(status.add_header(&mut trailers).map_or_else(
            |error| Some(Err(axum::Error::new(error))),
            |()| Some(Ok(Frame::trailers(trailers))),
        ))
    }

    /// An answer without a body is known to be one: its status goes with its head alone.
    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

/// What is asked, until the end.
struct Incoming {
    body: Body,
    has_ended: Arc<AtomicBool>,
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.has_ended.load(Ordering::Relaxed) {
            let error = Status::unauthenticated("its caller is not believed any more");
            return Poll::Ready(Some(Err(axum::Error::new(error))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
