//! Calls that are made again.
//!
//! A service that is in trouble must not get more calls for that, so a service that calls another
//! has a [`Budget`], and gives up soon. A person's upload has [`Tries`], and time.

use std::{error::Error, future::Future, sync::Arc, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder, Retryable as _};
use gazelle_proto::access::ErrorReason;
use gazelle_proto::reason;
use gazelle_proto::usage::v1::ErrorReason as UsageReason;
use tokio::time::{Instant, sleep};
use tonic::{Code, ConnectError, Status};
use tonic_types::{ErrorInfo, StatusExt as _};
use tower::retry::budget::{Budget as _, TpsBudget};

use crate::deadline::remaining;

/// Attempts beyond the first, of one read of a service at most.
const AGAIN_MAX: usize = 2;

/// Before the second attempt at least, and at most twice that; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(50);

/// No new attempt begins later than this after the first: a peer that hung so long that the
/// keepalive ended the connection would hang again, and whoever waits should hear of it.
const LAST_BEGIN: Duration = Duration::from_secs(5);

/// How many attempts beyond the first there may be: a fifth of the calls of the last ten seconds,
/// and one a second in any case. Cheap to clone; one for all calls of a peer.
#[derive(Debug, Clone)]
pub struct Budget(Arc<TpsBudget>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(TpsBudget::new(Duration::from_secs(10), 1, 0.2)))
    }
}

impl Budget {
    /// Runs `attempt`, which must change nothing, again while `is_unavailable` finds that the peer
    /// did not take the call, the budget lasts, and there is time.
    pub async fn retry<T, E, F>(
        &self,
        is_unavailable: impl Fn(&E) -> bool,
        attempt: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.0.deposit();
        let pauses = ExponentialBuilder::new()
            .with_min_delay(PAUSE)
            .with_max_times(AGAIN_MAX)
            .with_jitter();
        let began = Instant::now();
        attempt
            .retry(pauses)
            .when(is_unavailable)
            .adjust(|_, pause| {
                pause.filter(|pause| {
                    began.elapsed() < LAST_BEGIN
                        && remaining().is_none_or(|left| left > *pause)
                        && self.0.withdraw()
                })
            })
            .notify(|_, pause| {
                tracing::debug!(?pause, "a peer did not take a call; it is asked again");
            })
            .await
    }
}

/// Whether the peer did not take a call, which a new attempt may change: it said so, or the
/// connection to it broke.
#[must_use]
pub fn is_unavailable(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Cancelled | Code::Unknown | Code::Internal => status.source().is_some(),
        _ => false,
    }
}

/// Whether a call [that the peer did not take](is_unavailable) may have been done all the same:
/// the connection broke when there was one, or whatever the service asked did not answer, or had no
/// connection free for what was left.
#[must_use]
pub fn may_be_done(status: &Status) -> bool {
    if let Some(info) = status.get_details_error_info() {
        return info
            .metadata
            .get("cause")
            .is_some_and(|cause| [NO_ANSWER, NO_CONNECTION].contains(&cause.as_str()));
    }
    let mut behind: Option<&(dyn Error + 'static)> = status.source();
    while let Some(error) = behind {
        if error.is::<ConnectError>() {
            return false;
        }
        behind = error.source();
    }
    is_unavailable(status)
}

/// Pauses between tries of a call that is harmless to repeat, for as long as whoever asked for it
/// would wait.
#[derive(Debug)]
pub struct Tries {
    /// Something answered, if only that it cannot yet.
    answered: bool,
    /// When it last worked, or what failed first since then began.
    since: Instant,
    pauses: ExponentialBackoff,
    failed: u32,
    given_up: bool,
    /// What failed since it last worked, and may have been done all the same.
    in_doubt: Option<Status>,
}

impl Tries {
    /// While nobody answers at all: whoever forgot to start the suite should not wait to be told.
    const UNANSWERED_MAX: u32 = 2;

    /// Long enough for a restart, a failover, or an overload to pass.
    pub const DEADLINE: Duration = Duration::from_mins(2);

    /// No try yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            answered: false,
            since: Instant::now(),
            pauses: pauses(),
            failed: 0,
            given_up: false,
            in_doubt: None,
        }
    }

    /// It was answered: the next failure is a first one again.
    pub fn worked(&mut self) {
        *self = Self {
            answered: true,
            ..Self::new()
        };
    }

    /// A call begins: where nothing fails, the time that there is counts from here.
    pub fn begin(&mut self) {
        if self.failed == 0 {
            self.since = Instant::now();
        }
    }

    /// Waits before the next try, longer each time. Hands the failure back when it will not pass
    /// by itself; when there is no time left, the first that may have been done all the same, if
    /// there is one: that whoever was asked then is away does not undo it.
    pub async fn wait_after(&mut self, status: Status) -> Result<(), Status> {
        sleep(self.pause_after(status)?).await;
        Ok(())
    }

    /// How long [to wait](Self::wait_after) before the next try.
    pub fn pause_after(&mut self, status: Status) -> Result<Duration, Status> {
        if !is_passing(&status) {
            self.worked();
            return Err(status);
        }
        self.answered |= status.get_details_error_info().is_some();
        self.failed += 1;
        if self.in_doubt.is_none() && may_be_done(&status) {
            self.in_doubt = Some(status.clone());
        }
        let pause = self.pauses.next().unwrap_or(PAUSE_MAX);
        self.given_up |= if self.answered {
            self.since.elapsed() + pause > Self::DEADLINE
        } else {
            self.failed > Self::UNANSWERED_MAX
        };
        if self.given_up {
            return Err(self.in_doubt.take().unwrap_or(status));
        }
        Ok(pause)
    }
}

impl Default for Tries {
    fn default() -> Self {
        Self::new()
    }
}

/// Longest pause of [`Tries`], but for what chance adds.
const PAUSE_MAX: Duration = Duration::from_secs(5);

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(PAUSE_MAX)
        .without_max_times()
        .with_jitter()
        .build()
}

/// Whether a failure may pass: the connection, an overload, a dependency; never a refusal.
fn is_passing(status: &Status) -> bool {
    match (status.code(), status.get_details_error_info()) {
        (Code::ResourceExhausted, Some(info)) => is_load(&info),
        // Without details: what tonic makes of a cut connection. A service's own have some.
        (Code::Unavailable, _)
        | (
            Code::ResourceExhausted
            | Code::Unknown
            | Code::Internal
            | Code::Cancelled
            | Code::DeadlineExceeded,
            None,
        ) => true,
        _ => false,
    }
}

/// `cause` of a `DEPENDENCY_UNAVAILABLE`: who was asked may have done it, or what is committed is
/// not known.
const NO_ANSWER: &str = "NO_ANSWER";
/// No connection came free for what was left to do.
const NO_CONNECTION: &str = "NO_CONNECTION";
/// The database undid what there was.
const READ_ONLY: &str = "READ_ONLY";

/// Whether a call that failed so certainly left nothing behind, whatever it was to change: it was
/// not let in, or the database refused to write and undid all of it.
pub(crate) fn is_untouched(status: &Status) -> bool {
    status.get_details_error_info().is_some_and(|info| {
        let cause = info.metadata.get("cause").map(String::as_str);
        match status.code() {
            Code::ResourceExhausted => is_load(&info),
            Code::Unavailable => cause == Some(READ_ONLY),
            _ => false,
        }
    })
}

/// Too much at a time, not too much in one piece.
fn is_load(info: &ErrorInfo) -> bool {
    let reasons = [
        ErrorReason::Overloaded.as_str_name(),
        UsageReason::TooManyStreams.as_str_name(),
    ];
    reasons
        .map(reason::bare)
        .contains(&reason::bare(&info.reason))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tonic_types::ErrorDetails;

    use super::*;

    /// How often a call is tried that is answered so each time, after so long.
    async fn attempts(budget: &Budget, after: Duration, answer: impl Fn() -> Status) -> u32 {
        let count = Cell::new(0);
        let attempt = || {
            count.set(count.get() + 1);
            let status = answer();
            async move {
                sleep(after).await;
                Err::<(), _>(status)
            }
        };
        budget.retry(is_unavailable, attempt).await.unwrap_err();
        count.get()
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_a_peer_did_not_take_is_sent_again_and_not_for_ever() {
        let budget = Budget::default();
        let soon = Duration::ZERO;
        let away = || Status::unavailable("away");
        assert_eq!(attempts(&budget, soon, away).await, 3);
        assert_eq!(attempts(&budget, soon, || Status::not_found("no")).await, 1);
        let overloaded = || Status::resource_exhausted("later");
        assert_eq!(attempts(&budget, soon, overloaded).await, 1);
        // As long as it takes until a keepalive is missed.
        assert_eq!(attempts(&budget, Duration::from_secs(10), away).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_in_trouble_gets_a_fifth_more_calls_at_most() {
        let budget = Budget::default();
        let mut all = 0;
        for _ in 0..1_000 {
            let away = || Status::unavailable("away");
            all += attempts(&budget, Duration::ZERO, away).await;
        }
        assert!((1_000..1_300).contains(&all), "{all}");
    }

    #[test]
    fn a_call_over_a_connection_that_broke_may_be_done_and_one_that_found_none_is_not() {
        let closed = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let broken = Status::from_error(Box::new(closed()));
        assert_eq!(broken.code(), Code::Unknown);
        assert!(is_unavailable(&broken) && may_be_done(&broken));
        let nobody = Status::from_error(Box::new(ConnectError(closed().into())));
        assert!(is_unavailable(&nobody) && !may_be_done(&nobody));
        let answered = Status::unknown("a proxy said so");
        assert!(!is_unavailable(&answered) && !may_be_done(&answered));
        for (cause, is_doubtful) in [
            ("NO_ANSWER", true),
            ("NO_CONNECTION", true),
            ("READ_ONLY", false),
        ] {
            let mut details = ErrorDetails::new();
            let metadata = [("cause".to_owned(), cause.to_owned())];
            details.set_error_info("DEPENDENCY_UNAVAILABLE", "gazelle.access.v1", metadata);
            let said = Status::with_error_details(Code::Unavailable, "not now", details);
            assert_eq!(may_be_done(&said), is_doubtful, "{cause}");
        }
    }

    fn refused(code: Code, reason: &str) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(reason, "gazelle.access.v1", []);
        Status::with_error_details(code, "not now", details)
    }

    /// How long it is tried, and how often, when every answer is the same.
    async fn persistence(mut tries: Tries, answer: impl Fn() -> Status) -> (Duration, u32) {
        let began = Instant::now();
        let mut count = 0;
        while tries.wait_after(answer()).await.is_ok() {
            count += 1;
        }
        (began.elapsed(), count)
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_service_says_will_pass_is_tried_for_the_whole_deadline() {
        let passing = [
            refused(Code::Unavailable, "DEPENDENCY_UNAVAILABLE"),
            refused(Code::ResourceExhausted, "OVERLOADED"),
            refused(Code::ResourceExhausted, "ERROR_REASON_TOO_MANY_STREAMS"),
        ];
        for status in passing {
            let (tried, count) = persistence(Tries::new(), || status.clone()).await;
            let shortest = Tries::DEADLINE.saturating_sub(2 * PAUSE_MAX);
            assert!(
                (shortest..=Tries::DEADLINE).contains(&tried),
                "{tried:?} {status}"
            );
            assert!((15..60).contains(&count), "{count}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_answered_is_tried_shortly_and_who_did_for_the_whole_deadline() {
        let cut = || Status::unavailable("cut");
        let (shortly, count) = persistence(Tries::new(), cut).await;
        assert!(
            shortly < Duration::from_secs(2) && count == Tries::UNANSWERED_MAX,
            "{shortly:?}"
        );
        let mut worked = Tries::new();
        worked.worked();
        let (tried, _) = persistence(worked, cut).await;
        assert!(
            tried > Tries::DEADLINE.saturating_sub(2 * PAUSE_MAX),
            "{tried:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_have_been_done_stays_so_when_nobody_answers_any_more() {
        let closed = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let nobody = || Status::from_error(Box::new(ConnectError(closed().into())));
        let broken = Status::from_error(Box::new(closed()));
        let ends = async |first: Status| {
            let mut tries = Tries::new();
            let mut failed = tries.wait_after(first).await;
            while failed.is_ok() {
                failed = tries.wait_after(nobody()).await;
            }
            failed.unwrap_err()
        };
        assert!(may_be_done(&ends(broken.clone()).await));
        assert!(!may_be_done(&ends(nobody()).await));
        let mut tries = Tries::new();
        tries.wait_after(broken).await.unwrap();
        tries.worked();
        while let Ok(pause) = tries.pause_after(nobody()) {
            sleep(pause).await;
        }
        assert!(!may_be_done(&tries.pause_after(nobody()).unwrap_err()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_never_tried_again() {
        let refusals = [
            Status::permission_denied("no"),
            refused(Code::Internal, "INTERNAL"),
            refused(Code::ResourceExhausted, "CHECK_TOO_LARGE"),
            refused(Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
        ];
        for refusal in refusals {
            Tries::new().wait_after(refusal).await.unwrap_err();
        }
    }
}
