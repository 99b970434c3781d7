//! Refused attempts at writes, as the trail has them: who, what, why; never the payload.
//!
//! They are written a little later and a few at a time, in transactions of their own: whoever is
//! refused waits for nothing. Each caller gets so many entries in a time, with a count of those
//! that were left out, so that nobody can fill the table.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tonic::{Code, Status};

use super::trail::Trail;
use crate::{access::FindRule, auth::Principal};

/// What only reads, by the first word of its name. Everything else writes.
const READS: [&str; 7] = [
    "Get", "List", "Read", "Verify", "Export", "Explain", "Check",
];

/// Whether a method only reads.
fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    READS.iter().any(|verb| name.starts_with(verb))
}

/// Whether it was an attempt at something that may not be, and no fault, haste or typing error.
fn is_attempt(code: Code) -> bool {
    matches!(
        code,
        Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::NotFound
            | Code::AlreadyExists
            | Code::Aborted
    )
}

/// Of which server refusals are written down.
#[derive(Debug, Clone)]
pub(crate) struct Refusals {
    pub trail: Option<Trail>,
    pub find_rule: FindRule,
}

/// Sees the end of a call that writes. Stands before [`access`](crate::access), which leaves in
/// the answer who called.
pub(crate) async fn refusals(
    State(refusals): State<Refusals>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let rule = (refusals.find_rule)(path).filter(|rule| !reads(rule.path));
    let (Some(trail), Some(rule)) = (refusals.trail, rule) else {
        return next.run(request).await;
    };
    let method = rule.path.trim_start_matches('/');
    let answer = next.run(request).await;
    let Some(caller) = answer.extensions().get::<Principal>() else {
        return answer;
    };
    let actor = caller.actor();
    let seen = move |headers: &HeaderMap| {
        let status = Status::from_header_map(headers);
        if let Some(status) = status.filter(|status| is_attempt(status.code())) {
            trail.refused(&actor, method, &status);
        }
    };
    seen(answer.headers());
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(trailers) = frame.trailers_ref() {
                seen(trailers);
            }
            frame
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_reading_writes() {
        let writes: Vec<&str> = gazelle_proto::access::RULES
            .iter()
            .filter(|rule| !reads(rule.path))
            .filter_map(|rule| rule.path.rsplit('/').next())
            .collect();
        for name in [
            "ApproveRun",
            "PutFilings",
            "ReportUsage",
            "SealPeriod",
            "TakeAnswer",
        ] {
            assert!(writes.contains(&name), "{name}");
        }
        assert!(writes.len() > 20, "{writes:?}");
    }
}
