//! What may be wrong with the books: a closed list.

/// What is wrong with the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// An entry, or a posting of it, is not what was written.
    EntryEdited,
    /// An entry is gone.
    EntryDeleted,
    /// An entry was never written.
    EntryInserted,
    /// Two entries changed places.
    EntriesSwapped,
    /// A posting is gone.
    PostingDeleted,
    /// A posting was never written.
    PostingInserted,
    /// A running balance is not what its posting makes it.
    BalanceEdited,
    /// A running balance is gone.
    BalanceDeleted,
    /// A running balance has no posting.
    BalanceInserted,
    /// An account is not what it was, or has no posting.
    AccountEdited,
    /// The last entries are gone.
    TailCut,
    /// The entries are others than those of a checkpoint.
    WrittenAnew,
    /// The books are sound, and say other than runs, budgets and payments.
    CauseDisagrees,
    /// The books are sound, and the trail of what was done, with which they are compared, is not.
    TrailBroken,
}

impl BreakKind {
    /// Its name in the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EntryEdited => "ENTRY_EDITED",
            Self::EntryDeleted => "ENTRY_DELETED",
            Self::EntryInserted => "ENTRY_INSERTED",
            Self::EntriesSwapped => "ENTRIES_SWAPPED",
            Self::PostingDeleted => "POSTING_DELETED",
            Self::PostingInserted => "POSTING_INSERTED",
            Self::BalanceEdited => "BALANCE_EDITED",
            Self::BalanceDeleted => "BALANCE_DELETED",
            Self::BalanceInserted => "BALANCE_INSERTED",
            Self::AccountEdited => "ACCOUNT_EDITED",
            Self::TailCut => "TAIL_CUT",
            Self::WrittenAnew => "WRITTEN_ANEW",
            Self::CauseDisagrees => "CAUSE_DISAGREES",
            Self::TrailBroken => "TRAIL_BROKEN",
        }
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: entry {entry_number}, {detail}", kind.as_str())]
pub struct Broken {
    pub kind: BreakKind,
    /// The entry at which it shows, from 1.
    pub entry_number: i64,
    /// What exactly, for a person.
    pub detail: String,
}
