//! Checks the stored books, entry by entry, and names the first thing that is wrong.
//!
//! What is stored is taken as it is, whatever it is: it may have been edited by somebody whom no
//! constraint stops.

use std::fmt;

use foldhash::HashMap;
use gazelle_kernel::{Fen, Instant};

pub use super::broken::{BreakKind, Broken};
use super::{
    digest::{EntryHash, START},
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
    /// The step from the balance before.
    pub step: BalanceStep,
    /// What it came to.
    pub after: Fen,
}

/// The accounts' names by their numbers; empty where one is none of the chart any more.
pub type Chart = HashMap<i64, String>;

/// A number and digest that were kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of which entry; 0: before the first.
    pub entry_number: i64,
    pub digest: [u8; 32],
}

/// The last entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number and digest.
    pub checkpoint: Checkpoint,
    /// When it was recorded; `None` where there is none.
    pub recorded_at: Option<Instant>,
}

/// How far a check of the books is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Entries that are there.
    pub entry_count: i64,
    /// Entries that were found right.
    pub verified_count: i64,
    /// Once all were: the end of the books.
    pub done: Option<Head>,
}

/// What was checked so far.
#[derive(Debug, Clone)]
pub struct Verifier {
    chart: Chart,
    checkpoint: Option<Checkpoint>,
    entries: i64,
    postings: i64,
    digest: [u8; 32],
    positions: HashMap<i64, Position>,
}

impl Verifier {
    /// Before the first entry.
    #[must_use]
    pub fn new(chart: Chart, checkpoint: Option<Checkpoint>) -> Self {
        Self {
            chart,
            checkpoint,
            entries: 0,
            postings: 0,
            digest: START,
            positions: HashMap::default(),
        }
    }

    /// The last entry that was found right.
    #[must_use]
    pub fn reached(&self) -> Checkpoint {
        Checkpoint {
            entry_number: self.entries,
            digest: self.digest,
        }
    }

    /// Checks the next entry with its postings and their balances, both by posting, the debited
    /// account's balance before the credited one's.
    pub fn entry(
        &mut self,
        entry: &StoredEntry,
        postings: &[StoredPosting],
        balances: &[StoredBalance],
    ) -> Result<(), Broken> {
        let number = self.entries + 1;
        let broken = |kind, detail: String| {
            Err(Broken {
                kind,
                entry_number: number,
                detail,
            })
        };
        if entry.number != number {
            let kind = if entry.number > number {
                BreakKind::EntryDeleted
            } else {
                BreakKind::EntryInserted
            };
            let detail = format!("the next that is there is {}", entry.number);
            return broken(kind, detail);
        }
        self.postings(number, entry, postings)?;
        let digest = self.digest_of(number, entry, postings)?;
        if entry.digest != digest {
            return broken(
                BreakKind::EntryEdited,
                "its digest is of something else".to_owned(),
            );
        }
        self.balances(number, postings, balances)?;
        self.entries = number;
        self.postings += i64::try_from(postings.len()).unwrap_or(i64::MAX);
        self.digest = digest;
        let kept = self.checkpoint.filter(|kept| kept.entry_number == number);
        if kept.is_some_and(|kept| kept.digest != digest) {
            return broken(
                BreakKind::WrittenAnew,
                "the checkpoint has another digest".to_owned(),
            );
        }
        Ok(())
    }

    fn postings(
        &self,
        number: i64,
        entry: &StoredEntry,
        postings: &[StoredPosting],
    ) -> Result<(), Broken> {
        let broken = |kind, detail: String| {
            Err(Broken {
                kind,
                entry_number: number,
                detail,
            })
        };
        for (expected, posting) in (self.postings + 1..).zip(postings) {
            // Of an entry before the first it is read with the first.
            if posting.entry_number != number {
                let said = posting.entry_number;
                let detail = format!("posting {} says that it is of {said}", posting.number);
                return broken(BreakKind::PostingDeleted, detail);
            }
            if posting.number != expected {
                let kind = if posting.number > expected {
                    BreakKind::PostingDeleted
                } else {
                    BreakKind::PostingInserted
                };
                return broken(
                    kind,
                    format!("posting {} stands where {expected} should", posting.number),
                );
            }
        }
        let said = usize::try_from(entry.posting_count).unwrap_or_default();
        let detail = format!("it has {} postings and says {said}", postings.len());
        match postings.len().cmp(&said) {
            std::cmp::Ordering::Less => broken(BreakKind::PostingDeleted, detail),
            std::cmp::Ordering::Greater => broken(BreakKind::PostingInserted, detail),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }

    fn digest_of(
        &self,
        number: i64,
        entry: &StoredEntry,
        postings: &[StoredPosting],
    ) -> Result<[u8; 32], Broken> {
        follows(&self.chart, &self.digest, entry, postings).map_err(|account_id| Broken {
            kind: BreakKind::AccountEdited,
            entry_number: number,
            detail: format!("there is no account {account_id}"),
        })
    }

    fn balances(
        &mut self,
        number: i64,
        postings: &[StoredPosting],
        balances: &[StoredBalance],
    ) -> Result<(), Broken> {
        let broken = |kind, detail: String| Broken {
            kind,
            entry_number: number,
            detail,
        };
        let mut stored = balances.iter();
        for posting in postings {
            for (account_id, debited) in [(posting.debit_id, true), (posting.credit_id, false)] {
                let position = self.positions.entry(account_id).or_default();
                let step = if debited {
                    position.debit(posting.amount)
                } else {
                    position.credit(posting.amount)
                };
                let which = || format!("of posting {}", posting.number);
                let step = step.map_err(|_| broken(BreakKind::EntryEdited, which()))?;
                let expected = StoredBalance {
                    posting_number: posting.number,
                    account_id,
                    step,
                    after: position.balance,
                };
                match stored.next() {
                    Some(balance) if *balance == expected => {}
                    Some(balance) if balance.posting_number == posting.number => {
                        return Err(broken(BreakKind::BalanceEdited, which()));
                    }
                    Some(_) | None => return Err(broken(BreakKind::BalanceDeleted, which())),
                }
            }
        }
        match stored.next() {
            None => Ok(()),
            Some(more) => {
                let which = format!("of posting {}", more.posting_number);
                Err(broken(BreakKind::BalanceInserted, which))
            }
        }
    }

    /// Ends the check with what the tables say of their ends.
    pub fn finish(&self, ends: &Ends) -> Result<Checkpoint, Broken> {
        let broken = |kind, entry_number, detail: &str| {
            Err(Broken {
                kind,
                entry_number,
                detail: detail.to_owned(),
            })
        };
        let next = self.entries + 1;
        if let Some(kept) = self
            .checkpoint
            .filter(|kept| kept.entry_number > self.entries)
        {
            return broken(
                BreakKind::TailCut,
                next,
                &format!("the checkpoint is of {}", kept.entry_number),
            );
        }
        if ends.head.entry_number > self.entries {
            return broken(
                BreakKind::TailCut,
                next,
                "the end of the books is further on",
            );
        }
        if ends.head != self.reached() {
            return broken(
                BreakKind::EntryInserted,
                self.entries,
                "the end of the books is before it",
            );
        }
        if ends.posting_count != self.postings || ends.counted != self.postings {
            return broken(
                BreakKind::PostingInserted,
                self.entries,
                "there are postings of no entry",
            );
        }
        if ends.balance_count != 2 * self.postings {
            return broken(
                BreakKind::BalanceInserted,
                self.entries,
                "there are balances of no posting",
            );
        }
        if self.positions.len() != self.chart.len() {
            return broken(
                BreakKind::AccountEdited,
                self.entries,
                "there is an account without postings",
            );
        }
        Ok(self.reached())
    }

    /// A better word for an entry whose digest is of something else, from the entry that stands
    /// there and the two after it, each with its postings.
    #[must_use]
    pub fn name(&self, broken: Broken, next: &[(StoredEntry, Vec<StoredPosting>)]) -> Broken {
        let unnamed = [
            BreakKind::EntryEdited,
            BreakKind::PostingDeleted,
            BreakKind::PostingInserted,
        ];
        if !unnamed.contains(&broken.kind) {
            return broken;
        }
        // An entry may have moved with its postings or without them.
        let follows = |previous: &[u8; 32], at: usize, postings_of: usize| {
            let (entry, _) = next.get(at)?;
            let (_, postings) = next.get(postings_of)?;
            let digest = follows(&self.chart, previous, entry, postings).ok()?;
            (entry.digest == digest).then_some(digest)
        };
        let swapped = [0, 1].into_iter().any(|moved| {
            let first = follows(&self.digest, 1, moved);
            first.is_some_and(|digest| follows(&digest, 0, 1 - moved).is_some())
        });
        let kind = if swapped {
            BreakKind::EntriesSwapped
        } else if follows(&self.digest, 1, 1).is_some() {
            BreakKind::EntryInserted
        } else {
            broken.kind
        };
        Broken { kind, ..broken }
    }
}

/// The digest that an entry has after `previous`; or the account that its postings name and that
/// is not there.
fn follows(
    chart: &Chart,
    previous: &[u8; 32],
    entry: &StoredEntry,
    postings: &[StoredPosting],
) -> Result<[u8; 32], i64> {
    let name = |id: i64| chart.get(&id).map(String::as_str).ok_or(id);
    let texts = entry.texts.each_ref().map(String::as_str);
    let mut hash = EntryHash::new(previous, entry.recorded_at, texts, postings.len());
    for posting in postings {
        let (debit, credit) = (name(posting.debit_id)?, name(posting.credit_id)?);
        hash.posting(debit, credit, posting.amount, posting.payment_id.as_deref());
    }
    Ok(hash.finish())
}

/// What the tables say of their ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The last entry, by the row that whoever writes locks.
    pub head: Checkpoint,
    /// Postings that there are, by the same row.
    pub counted: i64,
    /// Postings that are there.
    pub posting_count: i64,
    /// Running balances that are there.
    pub balance_count: i64,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.entry_number, hex::encode(self.digest))
    }
}
