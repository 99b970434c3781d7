//! What to do about rows that were not taken.

use crate::words::{self, Text};

/// What became of the rows that were not rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Some of them are new.
    WentIn,
    /// All of them were held before.
    WereThere,
    /// There are none.
    None,
}

impl Others {
    /// With so many `new` ones, and so many that were `there` already.
    #[must_use]
    pub fn of(new: u64, there: u64) -> Self {
        match (new, there) {
            (0, 0) => Self::None,
            (0, _) => Self::WereThere,
            _ => Self::WentIn,
        }
    }

    pub(super) fn said(self) -> &'static str {
        let text = match self {
            Self::WentIn => words::OTHERS_WENT_IN,
            Self::WereThere => words::OTHERS_WERE_THERE,
            Self::None => words::NONE_WENT_IN,
        };
        text.say()
    }
}

/// Reasons that no correction of a row mends, each with what does.
const NOT_BY_CORRECTING: &[(&[&str], Text)] = &[
    (
        &["PERIOD_SEALED", "RECORD_IN_SEALED_PERIOD"],
        words::SEALED_TAKES_NOTHING,
    ),
    (&["OCCURRED_AFTER_PERIOD"], words::FOR_ITS_OWN_PERIOD),
    (&["RECORD_CONFLICT"], words::WHAT_WAS_ACCEPTED_STANDS),
    (&["NOT_YOUR_PLATFORM"], words::EACH_ITS_OWN),
    (&["PERMISSION_DENIED"], words::AS_WHO_MAY),
    (
        &[
            "ABORTED",
            "CANCELLED",
            "DEADLINE_EXCEEDED",
            "DEPENDENCY_UNAVAILABLE",
            "INTERNAL",
            "OVERLOADED",
            "UNAVAILABLE",
            "UNKNOWN",
        ],
        words::AGAIN_LATER,
    ),
];

/// What to do about rows that were rejected for these reasons, each thing once.
pub(super) fn of<'a>(reasons: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let mut by_correcting = false;
    let mut others = [false; NOT_BY_CORRECTING.len()];
    for reason in reasons {
        let known = |(reasons, _): &(&[&str], Text)| reasons.contains(&reason);
        match NOT_BY_CORRECTING.iter().position(known) {
            Some(at) => others[at] = true,
            None => by_correcting = true,
        }
    }
    let told = NOT_BY_CORRECTING.iter().zip(others);
    let mut advice: Vec<_> = told
        .filter(|(_, found)| *found)
        .map(|((_, text), _)| text.say())
        .collect();
    if by_correcting {
        let text = if advice.is_empty() {
            words::CORRECT_AND_SEND
        } else {
            words::CORRECT_THE_REST
        };
        advice.push(text.say());
    }
    advice
}
