//! The states of a run: computed -> published -> approved; computed or published -> cancelled.
//! What of it is paid is a question to the ledger.

use std::collections::BTreeSet;

use gazelle_kernel::{Actor, Instant, format_instant};

use super::{
    digest::ResultDigest,
    notice::notice_ends_at,
    part::{AppliedBy, Part},
};

/// Where a run stands, and who brought it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// Computed, and seen by the bureau only.
    Computed(Computed),
    /// On public notice.
    Published(Published),
    /// Approved: what it grants is owed, and nothing about it changes any more.
    Approved(Approved),
    /// Dropped before it was approved; kept as evidence.
    Cancelled(Cancelled),
}

/// A result as it was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    pub by: Actor,
    pub at: Instant,
    pub digest: ResultDigest,
}

/// A result on public notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// How it was computed.
    pub computed: Computed,
    pub by: Actor,
    pub at: Instant,
    /// From this moment on it may be approved.
    pub notice_ends_at: Instant,
    /// What may be approved: the computed result, after the objections that were decided.
    pub digest: ResultDigest,
    /// Who decided objections to it, and so had a part in it.
    pub changed_by: BTreeSet<Actor>,
}

impl Published {
    /// The part that `person` had in it, if any; the last one of several.
    fn part_of(&self, person: &Actor, applied: &AppliedBy) -> Option<Part> {
        let objections = self.changed_by.iter();
        objections
            .map(|by| (by, Part::DecidedObjection))
            .chain([
                (&self.by, Part::Published),
                (&self.computed.by, Part::Computed),
                (&applied.budget, Part::SetBudget),
                (&applied.program, Part::AppliedProgram),
            ])
            .find_map(|(by, part)| by.may_be(person).then_some(part))
    }
}

/// A result that was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// How it was published; its digest is what was approved.
    pub published: Published,
    pub by: Actor,
    pub at: Instant,
}

/// A result that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// How far it came.
    pub was: Open,
    pub by: Actor,
    pub at: Instant,
}

/// The states in which a run is open; a program has one open run at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// It was never published.
    Computed(Computed),
    /// It was on public notice.
    Published(Published),
}

/// Why a run does not change its state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Only a computed run is published.
    #[error("the run is {0}, and only one that is computed can be published")]
    NotComputed(&'static str),
    /// Only a published run is approved or objected to.
    #[error("the run is {0}, and not on public notice")]
    NotPublished(&'static str),
    /// It is approved or cancelled.
    #[error("the run is {0}: nothing about it changes any more")]
    Closed(&'static str),
    /// Nobody approves their own work.
    #[error("{by} {}, and so can't approve it: somebody else has to", part.done())]
    SelfApproval {
        by: Actor,
        /// What they did before.
        part: Part,
    },
    /// The public notice is still running.
    #[error("the public notice ends at {}", format_instant(*.0))]
    NoticeNotOver(Instant),
    /// An objection waits for a decision.
    #[error("an objection is open: decide it first")]
    ObjectionOpen,
    /// The approver looked at something else than what was published.
    #[error("the digest is not that of the published result, {0}: look at the run again")]
    DigestMismatch(ResultDigest),
}

impl RunState {
    /// A run that has just been computed.
    #[must_use]
    pub fn computed(by: Actor, at: Instant, digest: ResultDigest) -> Self {
        Self::Computed(Computed { by, at, digest })
    }

    /// What the state is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Computed(_) => "computed",
            Self::Published(_) => "published",
            Self::Approved(_) => "approved",
            Self::Cancelled(_) => "cancelled",
        }
    }

    /// Whether it keeps other runs of its program from being computed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Computed(_) | Self::Published(_))
    }

    /// What its result is now.
    #[must_use]
    pub fn digest(&self) -> ResultDigest {
        match self {
            Self::Computed(computed)
            | Self::Cancelled(Cancelled {
                was: Open::Computed(computed),
                ..
            }) => computed.digest,
            Self::Published(published)
            | Self::Approved(Approved { published, .. })
            | Self::Cancelled(Cancelled {
                was: Open::Published(published),
                ..
            }) => published.digest,
        }
    }

    /// Starts the public notice. Again by the same person, it changes nothing.
    pub fn publish(self, by: Actor, at: Instant, notice_days: i32) -> Result<Self, RunError> {
        let name = self.name();
        match self {
            Self::Computed(computed) => {
                let digest = computed.digest;
                let notice_ends_at = notice_ends_at(at, notice_days);
                Ok(Self::Published(Published {
                    computed,
                    by,
                    at,
                    notice_ends_at,
                    digest,
                    changed_by: BTreeSet::new(),
                }))
            }
            Self::Published(published) if published.by == by => Ok(Self::Published(published)),
            Self::Published(_) | Self::Approved(_) | Self::Cancelled(_) => {
                Err(RunError::NotComputed(name))
            }
        }
    }

    /// Takes in a decided objection: `digest` is that of the result after it, which only an upheld
    /// one changes. Whoever decided has had a part in the result, either way.
    pub fn decide_objection(self, by: Actor, digest: ResultDigest) -> Result<Self, RunError> {
        let name = self.name();
        match self {
            Self::Published(mut published) => {
                published.changed_by.insert(by);
                Ok(Self::Published(Published {
                    digest,
                    ..published
                }))
            }
            Self::Computed(_) => Err(RunError::NotPublished(name)),
            Self::Approved(_) | Self::Cancelled(_) => Err(RunError::Closed(name)),
        }
    }

    /// Approves what was published. Again by the same person, of the same, it changes nothing.
    ///
    /// `digest` is that of the result which the approver looked at; `applied` says who else had a
    /// part in it.
    pub fn approve(
        self,
        by: Actor,
        at: Instant,
        digest: ResultDigest,
        objection_open: bool,
        applied: &AppliedBy,
    ) -> Result<Self, RunError> {
        let name = self.name();
        let published = match self {
            Self::Published(published) => published,
            Self::Approved(approved)
                if approved.by == by && approved.published.digest == digest =>
            {
                return Ok(Self::Approved(approved));
            }
            Self::Computed(_) | Self::Approved(_) | Self::Cancelled(_) => {
                return Err(RunError::NotPublished(name));
            }
        };
        if let Some(part) = published.part_of(&by, applied) {
            return Err(RunError::SelfApproval { by, part });
        }
        if at < published.notice_ends_at {
            return Err(RunError::NoticeNotOver(published.notice_ends_at));
        }
        if objection_open {
            return Err(RunError::ObjectionOpen);
        }
        if digest != published.digest {
            return Err(RunError::DigestMismatch(published.digest));
        }
        Ok(Self::Approved(Approved { published, by, at }))
    }

    /// Drops a run that is still open. Again, it changes nothing.
    pub fn cancel(self, by: Actor, at: Instant) -> Result<Self, RunError> {
        let name = self.name();
        let was = match self {
            Self::Computed(computed) => Open::Computed(computed),
            Self::Published(published) => Open::Published(published),
            Self::Cancelled(cancelled) => return Ok(Self::Cancelled(cancelled)),
            Self::Approved(_) => return Err(RunError::Closed(name)),
        };
        Ok(Self::Cancelled(Cancelled { was, by, at }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::instant;

    const RESULT: ResultDigest = ResultDigest::from_bytes([1; 32]);
    const CHANGED: ResultDigest = ResultDigest::from_bytes([2; 32]);
    const DAY_0: &str = "2017-02-01T10:00:00+08:00";
    const DAY_7: &str = "2017-02-08T23:59:59+08:00";
    const DAY_8: &str = "2017-02-09T00:00:00+08:00";

    fn actor(name: &str) -> Actor {
        Actor::new(name)
    }

    fn computed() -> RunState {
        RunState::computed(actor("computer"), instant(DAY_0), RESULT)
    }

    fn published() -> RunState {
        computed()
            .publish(actor("publisher"), instant(DAY_0), 7)
            .expect("published")
    }

    fn approve(run: RunState, by: &str, at: &str) -> Result<RunState, RunError> {
        run.approve(actor(by), instant(at), RESULT, false, &applied())
    }

    fn applied() -> AppliedBy {
        AppliedBy {
            program: actor("legislator"),
            budget: actor("treasurer"),
        }
    }

    fn refused(by: &str, part: Part) -> Result<RunState, RunError> {
        let by = actor(by);
        Err(RunError::SelfApproval { by, part })
    }

    #[test]
    fn somebody_else_approves_once_the_notice_is_over() {
        let approved = approve(published(), "approver", DAY_8).expect("approved");
        assert!(
            matches!(&approved, RunState::Approved(approved) if approved.by == actor("approver"))
        );
        assert_eq!(
            approve(approved.clone(), "approver", DAY_8),
            Ok(approved.clone())
        );
    }

    #[test]
    fn nobody_approves_their_own_work() {
        for (by, part) in [
            ("computer", Part::Computed),
            ("publisher", Part::Published),
            ("Publisher", Part::Published),
            ("legislator", Part::AppliedProgram),
            ("treasurer", Part::SetBudget),
        ] {
            assert_eq!(approve(published(), by, DAY_8), refused(by, part));
        }
        let changed = published()
            .decide_objection(actor("judge"), RESULT)
            .expect("changed")
            .decide_objection(actor("other"), RESULT)
            .expect("changed");
        assert_eq!(
            approve(changed.clone(), "judge", DAY_8),
            refused("judge", Part::DecidedObjection)
        );
        assert!(approve(changed, "approver", DAY_8).is_ok());
    }

    #[test]
    fn approval_waits_for_notice_objections_and_the_right_digest() {
        assert_eq!(
            approve(published(), "approver", DAY_7),
            Err(RunError::NoticeNotOver(instant(DAY_8)))
        );
        assert_eq!(
            published().approve(actor("approver"), instant(DAY_8), RESULT, true, &applied()),
            Err(RunError::ObjectionOpen)
        );
        let changed = published()
            .decide_objection(actor("judge"), CHANGED)
            .expect("changed");
        assert_eq!(changed.digest(), CHANGED);
        assert_eq!(
            approve(changed, "approver", DAY_8),
            Err(RunError::DigestMismatch(CHANGED))
        );
    }

    #[test]
    fn only_what_is_published_is_approved() {
        let cancelled = published()
            .cancel(actor("officer"), instant(DAY_0))
            .expect("cancelled");
        let approved = approve(published(), "approver", DAY_8).expect("approved");
        for (run, by, name) in [
            (computed(), "approver", "computed"),
            (cancelled, "approver", "cancelled"),
            (approved, "other", "approved"),
        ] {
            assert_eq!(approve(run, by, DAY_8), Err(RunError::NotPublished(name)));
        }
    }

    #[test]
    fn a_run_is_published_once() {
        let cancelled = published()
            .cancel(actor("officer"), instant(DAY_0))
            .expect("cancelled");
        for (run, by, name) in [
            (published(), "other", "published"),
            (cancelled, "publisher", "cancelled"),
        ] {
            assert_eq!(
                run.publish(actor(by), instant(DAY_8), 0),
                Err(RunError::NotComputed(name))
            );
        }
        let again = published().publish(actor("publisher"), instant(DAY_8), 0);
        assert_eq!(again, Ok(published()));
    }

    #[test]
    fn nothing_changes_once_a_run_is_closed() {
        let cancelled = published()
            .cancel(actor("officer"), instant(DAY_0))
            .expect("cancelled");
        let approved = approve(published(), "approver", DAY_8).expect("approved");
        assert_eq!(
            computed().decide_objection(actor("judge"), RESULT),
            Err(RunError::NotPublished("computed"))
        );
        assert_eq!(
            approved.clone().decide_objection(actor("judge"), RESULT),
            Err(RunError::Closed("approved"))
        );
        assert_eq!(
            approved.clone().cancel(actor("officer"), instant(DAY_8)),
            Err(RunError::Closed("approved"))
        );
        let again = cancelled.clone().cancel(actor("other"), instant(DAY_8));
        assert_eq!(again, Ok(cancelled.clone()));
        assert!(computed().is_open() && published().is_open());
        assert!(!approved.is_open() && !cancelled.is_open());
    }
}
