//! How a run came to where it stands, whichever state that is.

use gazelle_kernel::{Actor, Instant};

use super::state::{Approved, Cancelled, Computed, Open, Published, RunState};

/// What each step of a run left behind.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// Every run was computed.
    pub computed: &'a Computed,
    /// None of what was never on public notice.
    pub published: Option<&'a Published>,
    /// Who approved or cancelled it, and when.
    pub decided: Option<(&'a Actor, Instant)>,
}

impl RunState {
    /// Its name, as tables have it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Computed(_) => "computed",
            Self::Published(_) => "published",
            Self::Approved(_) => "approved",
            Self::Cancelled(_) => "cancelled",
        }
    }

    /// The steps that led here.
    #[must_use]
    pub fn history(&self) -> History<'_> {
        match self {
            Self::Computed(computed) => History::of_computed(computed),
            Self::Published(published) => History::of_published(published),
            Self::Approved(Approved { published, by, at }) => {
                History::of_published(published).decided(by, *at)
            }
            Self::Cancelled(Cancelled { was, by, at }) => match was {
                Open::Computed(computed) => History::of_computed(computed).decided(by, *at),
                Open::Published(published) => History::of_published(published).decided(by, *at),
            },
        }
    }
}

impl<'a> History<'a> {
    fn of_computed(computed: &'a Computed) -> Self {
        Self {
            computed,
            published: None,
            decided: None,
        }
    }

    fn of_published(published: &'a Published) -> Self {
        Self {
            published: Some(published),
            ..Self::of_computed(&published.computed)
        }
    }

    fn decided(self, by: &'a Actor, at: Instant) -> Self {
        Self {
            decided: Some((by, at)),
            ..self
        }
    }
}
