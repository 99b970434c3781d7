//! The books as they are stored, whatever that is.

use foldhash::HashMap;
use gazelle_kernel::{Fen, Instant};

use super::{
    AccountKind, Named,
    running::{BalanceStep, Position},
};

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub number: i64,
    /// The kind of its cause, the cause's id, the program and who recorded it.
    pub texts: [String; 4],
    /// When it was recorded.
    pub recorded_at: Instant,
    /// How many postings it says it has.
    pub posting_count: i32,
    pub digest: Vec<u8>,
}

/// A posting as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPosting {
    /// Its number, over all entries.
    pub number: i64,
    /// The entry that it says it belongs to.
    pub entry_number: i64,
    pub debit_id: i64,
    pub credit_id: i64,
    pub amount: Fen,
    /// The payment that it is about, if any.
    pub payment_id: Option<String>,
}

/// A running balance as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBalance {
    /// The posting that it is of.
    pub posting_number: i64,
    pub account_id: i64,
    /// The kind that it repeats of its account; `None` where that is none.
    pub kind: Option<AccountKind>,
    /// Whether it names the one before.
    pub continues: bool,
    /// The step from the balance before.
    pub step: BalanceStep,
    /// What it came to.
    pub after: Fen,
}

/// The accounts by their numbers.
pub type Chart = HashMap<i64, ChartedAccount>;

/// An account as it is checked; by default one that is none of the chart any more.
#[derive(Debug, Clone, Default)]
pub struct ChartedAccount {
    /// Its full name; empty where there is none.
    pub name: String,
    pub kind: Option<AccountKind>,
    /// Where in the name the program begins and ends, and the year or payee ends.
    places: [usize; 3],
    /// Where it stands after what was checked.
    pub position: Position,
}

impl From<&Named<'_>> for ChartedAccount {
    fn from(account: &Named<'_>) -> Self {
        let start = account.kind.group().len();
        let end = start + account.program_id.len();
        Self {
            name: account.to_string(),
            kind: Some(account.kind),
            places: [start, end, end + 1 + account.whose.len()],
            position: Position::default(),
        }
    }
}

impl ChartedAccount {
    /// By its texts; `None` where it is none of the chart.
    #[must_use]
    pub fn named(&self) -> Option<Named<'_>> {
        let [start, end, whose_end] = self.places;
        Some(Named {
            kind: self.kind?,
            program_id: &self.name[start..end],
            whose: &self.name[end + 1..whose_end],
        })
    }
}
