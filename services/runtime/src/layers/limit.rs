//! How many calls are under way at a time, over all and for each who calls.
//!
//! Beyond that a call is refused at once: the caller can go elsewhere or come back, and what is
//! under way stays quick. Streams live long and are counted apart, so that they cannot crowd out
//! calls. Probes and reflection come from nobody that is known; they are counted by where they
//! come from, with bounds of their own, so that a stranger can neither fill the memory nor take
//! the places of those who have a token. A fourth of their places is for what ends at once: else
//! whoever watches would keep probes out.

use std::{net::IpAddr, num::NonZeroUsize, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use gazelle_kernel::Actor;
use gazelle_proto::access::ErrorReason;
use http_body_util::BodyExt as _;
use tonic::{Code, Status};

use super::deadline::is_probe;
use crate::{
    access::FindRule,
    auth::Principal,
    config::LimitsConfig,
    port::{
        remote::Remote,
        room::{Full, Place, Room},
    },
    status::Refusal,
};

/// The bounds of one server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Limits {
    find_rule: FindRule,
    calls: Arc<Room<Actor>>,
    streams: Arc<Room<Actor>>,
    open_by_origin: Arc<Room<IpAddr>>,
    open_by_connection: Arc<Room<u64>>,
    open_streams_by_origin: Arc<Room<IpAddr>>,
    open_streams_by_connection: Arc<Room<u64>>,
}

/// What a call holds as long as it is under way.
enum CallPlaces {
    Known(#[expect(dead_code, reason = "held")] Place<Actor>),
    Stranger(#[expect(dead_code, reason = "held")] [StrangersPlaces; 2]),
    /// Not from a connection, as in a test.
    Nothing,
}

/// Beside others of the same connection, and of the same address.
type StrangersPlaces = Option<(Place<u64>, Place<IpAddr>)>;

impl Limits {
    pub(crate) fn new(config: LimitsConfig, find_rule: FindRule) -> Self {
        Self {
            find_rule,
            calls: Room::new(config.calls, config.calls_per_caller),
            streams: Room::new(config.streams, config.streams_per_caller),
            open_by_origin: Room::new(config.open_calls, config.open_calls_per_address),
            open_by_connection: Room::new(config.open_calls, config.open_calls_per_connection),
            open_streams_by_origin: Room::new(
                of_streams(config.open_calls),
                of_streams(config.open_calls_per_address),
            ),
            open_streams_by_connection: Room::new(
                of_streams(config.open_calls),
                of_streams(config.open_calls_per_connection),
            ),
        }
    }

    fn enter(&self, request: &Request) -> Result<CallPlaces, Refusal> {
        if let Some(caller) = request.extensions().get::<Principal>() {
            let rule = (self.find_rule)(request.uri().path());
            let streaming = rule.is_some_and(|rule| rule.streaming);
            let room = if streaming {
                &self.streams
            } else {
                &self.calls
            };
            let place = room.enter(caller.actor());
            return place
                .map(CallPlaces::Known)
                .map_err(|full| overloaded(full, "caller"));
        }
        let Some(remote) = request.extensions().get::<Remote>() else {
            return Ok(CallPlaces::Nothing);
        };
        let may_last = !is_probe(request.uri().path());
        let rooms = (
            &self.open_streams_by_connection,
            &self.open_streams_by_origin,
        );
        let of_streams = may_last.then(|| beside(rooms, remote)).transpose()?;
        let rooms = (&self.open_by_connection, &self.open_by_origin);
        Ok(CallPlaces::Stranger([
            of_streams,
            Some(beside(rooms, remote)?),
        ]))
    }
}

/// Of so many places of strangers, those that streams may have.
fn of_streams(max: NonZeroUsize) -> NonZeroUsize {
    NonZeroUsize::new(max.get() - max.get() / 4).unwrap_or(max)
}

/// Takes a place in both.
fn beside(
    (by_connection, by_origin): (&Arc<Room<u64>>, &Arc<Room<IpAddr>>),
    remote: &Remote,
) -> Result<(Place<u64>, Place<IpAddr>), Refusal> {
    let of_connection = by_connection.enter(remote.connection);
    let of_connection = of_connection.map_err(|full| overloaded(full, "connection"))?;
    let of_origin = by_origin.enter(remote.origin);
    let of_origin = of_origin.map_err(|full| overloaded(full, "address"))?;
    Ok((of_connection, of_origin))
}

/// Refuses calls beyond the bounds. Stands behind [`access`](crate::access), which finds out who
/// calls.
pub(crate) async fn limit(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    match limits.enter(&request) {
        Ok(held) => {
            let answer = next.run(request).await;
            // The call ends when its body does, or when nobody wants that any more.
            answer.map(|body| {
                Body::new(body.map_frame(move |frame| {
                    let _held = &held;
                    frame
                }))
            })
        }
        Err(refusal) => Status::from(refusal).into_http(),
    }
}

fn overloaded(full: Full, each: &'static str) -> Refusal {
    let (scope, max) = match full {
        Full::All { max } => ("service", max),
        Full::Each { max } => (each, max),
    };
    let message = format!("the {scope} has {max} calls or streams under way, as many as it may");
    Refusal::shared(Code::ResourceExhausted, ErrorReason::Overloaded, message)
        .with("scope", scope)
        .with("limit", max)
}
