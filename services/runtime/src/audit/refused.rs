//! Refused attempts at writes, as the trail has them: who, what, why; never the payload.
//!
//! They are written a little later and a few at a time, in transactions of their own: whoever is
//! refused waits for nothing. Each caller gets so many entries in a time, with a count of those
//! that were left out, so that nobody can fill the table.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use foldhash::HashMap;
use gazelle_kernel::{Actor, Instant as Moment};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use tokio::time::Instant;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::trail::Trail;
use crate::{access::FindRule, auth::Principal};

/// Most entries of a caller in each [`PERIOD`].
const ENTRIES_MAX: u32 = 10;
pub(super) const PERIOD: Duration = Duration::from_mins(1);

/// Callers that are counted at a time. Nobody has so many; the rest share a count.
const CALLERS_MAX: usize = 4_096;

/// What only reads, by the first word of its name. Everything else writes.
const READS: [&str; 7] = [
    "Get", "List", "Read", "Verify", "Export", "Explain", "Check",
];

/// An attempt that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub at: Moment,
    pub actor: Actor,
    /// `package.Service/Method`.
    pub method: &'static str,
    pub code: Code,
    /// As the contract has it.
    pub reason: String,
    /// Attempts of this caller before it that have no entry.
    pub left_out: u64,
}

/// How many entries each caller has had.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<Actor, Window>>);

#[derive(Debug)]
struct Window {
    began: Instant,
    entries: u32,
    left_out: u64,
}

impl Rates {
    /// Whether an attempt gets an entry, and how many of the same caller got none before it.
    fn admit(&self, actor: &Actor) -> Option<u64> {
        let mut windows = self.0.lock();
        let now = Instant::now();
        let actor = if windows.len() < CALLERS_MAX || windows.contains_key(actor) {
            actor.clone()
        } else {
            others()
        };
        let window = windows.entry(actor).or_insert(Window {
            began: now,
            entries: 0,
            left_out: 0,
        });
        if now - window.began >= PERIOD {
            (window.began, window.entries) = (now, 0);
        }
        if window.entries >= ENTRIES_MAX {
            window.left_out += 1;
            return None;
        }
        window.entries += 1;
        Some(std::mem::take(&mut window.left_out))
    }

    /// Attempts that got no entry after all.
    fn give_back(&self, actor: &Actor, count: u64) {
        if let Some(window) = self.0.lock().get_mut(actor) {
            window.left_out += count;
        }
    }

    /// Ends the windows that are over; with those of whom attempts were left out since.
    pub(super) fn sweep(&self, all: bool) -> Vec<(Actor, u64)> {
        let now = Instant::now();
        let mut windows = self.0.lock();
        let over = windows.extract_if(|_, window| all || now - window.began >= PERIOD);
        over.filter(|(_, window)| window.left_out > 0)
            .map(|(actor, window)| (actor, window.left_out))
            .collect()
    }
}

/// Callers beyond those that are counted.
fn others() -> Actor {
    Actor::new("person:*")
}

impl Trail {
    /// Has an attempt written down, if it is not one too many.
    fn refused(&self, actor: &Actor, method: &'static str, status: &Status) {
        let Some(left_out) = self.rates.admit(actor) else {
            return;
        };
        let info = status.get_details_error_info();
        let refused = Refused {
            at: self.clock.now(),
            actor: actor.clone(),
            method,
            code: status.code(),
            reason: info.map(|info| info.reason).unwrap_or_default(),
            left_out,
        };
        if !self.tell(refused) {
            self.rates.give_back(actor, left_out + 1);
        }
    }
}

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

    #[tokio::test(start_paused = true)]
    async fn a_flood_leaves_ten_entries_a_minute_and_a_count() {
        let rates = Rates::default();
        let (flood, other) = (Actor::new("person:a"), Actor::new("person:b"));
        let admitted = (0..1_000).filter(|_| rates.admit(&flood).is_some()).count();
        assert_eq!((admitted, rates.admit(&other)), (10, Some(0)));
        assert_eq!(rates.sweep(false), []);
        tokio::time::advance(PERIOD).await;
        assert_eq!(rates.admit(&flood), Some(990));
        for _ in 0..20 {
            rates.admit(&flood);
        }
        tokio::time::advance(PERIOD).await;
        assert_eq!(rates.sweep(false), [(flood, 11)]);
        assert!(rates.0.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn more_callers_than_are_counted_share_a_count() {
        let rates = Rates::default();
        for number in 0..2 * CALLERS_MAX {
            rates.admit(&Actor::new(format!("person:{number}")));
        }
        assert!(rates.0.lock().len() <= CALLERS_MAX + 1);
        tokio::time::advance(PERIOD).await;
        let left_out = CALLERS_MAX as u64 - u64::from(ENTRIES_MAX);
        assert_eq!(rates.sweep(false), [(others(), left_out)]);
    }
}
