//! Checks the stored books, entry by entry, and names the first thing that is wrong.
//!
//! What is stored is taken as it is, whatever it is: it may have been edited by somebody whom no
//! constraint stops.

use std::fmt;

use foldhash::HashSet;
use gazelle_kernel::{Fen, Instant};

pub use super::{
    broken::{BreakKind, Broken},
    stored::{Chart, ChartedAccount, StoredBalance, StoredEntry, StoredPosting},
};
use super::{
    digest::{EntryHash, START},
    recount::Recount,
    weighed::Weights,
};

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
    booked: Recount,
}

impl Verifier {
    /// Before the first entry.
    #[must_use]
    pub fn new(chart: Chart, checkpoint: Option<Checkpoint>, weights: Weights) -> Self {
        Self {
            chart,
            checkpoint,
            entries: 0,
            postings: 0,
            digest: START,
            booked: Recount::new(weights),
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

    /// Checks the next entry with its postings and their balances, both by posting, and these by
    /// account.
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
        let digest = self.follow(number, entry, postings, balances)?;
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

    /// The digest of the next entry, if it is that, once the balances of its postings were found
    /// right.
    fn follow(
        &mut self,
        number: i64,
        entry: &StoredEntry,
        postings: &[StoredPosting],
        balances: &[StoredBalance],
    ) -> Result<[u8; 32], Broken> {
        let broken = |kind, detail: String| Broken {
            kind,
            entry_number: number,
            detail,
        };
        let edited = || {
            let detail = "its digest is of something else";
            broken(BreakKind::EntryEdited, detail.to_owned())
        };
        let texts = entry.texts.each_ref().map(String::as_str);
        let mut hash = EntryHash::new(&self.digest, entry.recorded_at, texts, postings.len());
        let mut stored = balances.iter();
        let mut unbalanced = Ok(());
        for posting in postings {
            if posting.debit_id == posting.credit_id || posting.amount <= Fen::ZERO {
                return Err(edited());
            }
            let ids = [posting.debit_id, posting.credit_id];
            let [debit, credit] = self.chart.get_disjoint_mut(ids.each_ref());
            let missing = |id: i64| {
                let detail = format!("there is no account {id}");
                broken(BreakKind::AccountEdited, detail)
            };
            let debit = debit.ok_or_else(|| missing(posting.debit_id))?;
            let credit = credit.ok_or_else(|| missing(posting.credit_id))?;
            let payment_id = posting.payment_id.as_deref();
            hash.posting(&debit.name, &credit.name, posting.amount, payment_id);
            if unbalanced.is_ok() {
                unbalanced = balanced(posting, debit, credit, &mut stored)
                    .map_err(|kind| broken(kind, format!("of posting {}", posting.number)));
            }
            let debit = debit.named().ok_or_else(|| missing(posting.debit_id))?;
            let credit = credit.named().ok_or_else(|| missing(posting.credit_id))?;
            self.booked.posting(texts, posting, debit, credit);
        }
        let digest = hash.finish();
        if entry.digest != digest {
            return Err(edited());
        }
        unbalanced?;
        match stored.next() {
            None => Ok(digest),
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
        if self
            .chart
            .values()
            .any(|account| account.position.number == 0)
        {
            return broken(
                BreakKind::AccountEdited,
                self.entries,
                "there is an account without postings",
            );
        }
        let mut names = HashSet::default();
        let mut accounts = self.chart.values();
        if let Some(twice) = accounts.find(|account| !names.insert(&*account.name)) {
            let detail = format!("there are two accounts {}", twice.name);
            return broken(BreakKind::AccountEdited, self.entries, &detail);
        }
        Ok(self.reached())
    }

    /// Takes in what accounts come to, after the last entry.
    pub fn count_balances(&mut self) {
        for account in self.chart.values() {
            if let Some(named) = account.named() {
                self.booked.balance(named, account.position.balance);
            }
        }
    }

    /// What entries and accounts come to, to be compared with what they are of.
    #[must_use]
    pub fn into_booked(self) -> Recount {
        self.booked
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

/// Goes on from both accounts by a posting, whose balances are the next that are stored, by
/// account; or what is wrong with these.
fn balanced<'a>(
    posting: &StoredPosting,
    debit: &mut ChartedAccount,
    credit: &mut ChartedAccount,
    stored: &mut impl Iterator<Item = &'a StoredBalance>,
) -> Result<(), BreakKind> {
    let steps = [
        (
            posting.debit_id,
            debit.position.debit(posting.amount),
            &*debit,
        ),
        (
            posting.credit_id,
            credit.position.credit(posting.amount),
            &*credit,
        ),
    ];
    let [first, second] = steps;
    let steps = if first.0 < second.0 {
        [first, second]
    } else {
        [second, first]
    };
    for (account_id, step, account) in steps {
        let expected = StoredBalance {
            posting_number: posting.number,
            account_id,
            kind: account.kind,
            continues: true,
            step: step.map_err(|_| BreakKind::EntryEdited)?,
            after: account.position.balance,
        };
        match stored.next() {
            Some(balance) if *balance == expected => {}
            Some(balance) if balance.posting_number == posting.number => {
                return Err(BreakKind::BalanceEdited);
            }
            Some(_) | None => return Err(BreakKind::BalanceDeleted),
        }
    }
    Ok(())
}

/// The digest that an entry has after `previous`; or the account that its postings name and that
/// is not there.
fn follows(
    chart: &Chart,
    previous: &[u8; 32],
    entry: &StoredEntry,
    postings: &[StoredPosting],
) -> Result<[u8; 32], i64> {
    let name = |id: i64| chart.get(&id).map(|account| &*account.name).ok_or(id);
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
