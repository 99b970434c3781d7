//! Checks the stored trail, entry by entry, and names the first thing that is wrong.
//!
//! What is stored is taken as it is, whatever it is: it may have been edited by somebody whom no
//! constraint stops.

use crate::store::event::{Checkpoint, StoredEntry, next_digest};

/// What is wrong with a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// An entry is not what was written, or the one before it with its digest.
    EntryEdited,
    /// An entry is gone.
    EntryDeleted,
    /// An entry was never written.
    EntryInserted,
    /// Two entries changed places.
    EntriesSwapped,
    /// The row that the next entry follows is not what was written.
    HeadEdited,
    /// The last entries are gone.
    TailCut,
    /// The entries are others than those of a checkpoint.
    WrittenAnew,
    /// The trail is sound, and what is stored is not what its entries say.
    StateDisagrees,
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
            Self::HeadEdited => "HEAD_EDITED",
            Self::TailCut => "TAIL_CUT",
            Self::WrittenAnew => "WRITTEN_ANEW",
            Self::StateDisagrees => "STATE_DISAGREES",
        }
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: entry {entry_number}, {detail}", kind.as_str())]
pub struct Broken {
    /// What is wrong.
    pub kind: BreakKind,
    /// The entry at which it shows, from 1.
    pub entry_number: i64,
    /// What exactly, for a person.
    pub detail: String,
}

/// What was checked so far.
#[derive(Debug, Clone)]
pub struct ChainVerifier {
    checkpoint: Option<Checkpoint>,
    reached: Checkpoint,
    /// The digest before that; none before the second.
    before: Option<[u8; 32]>,
}

impl ChainVerifier {
    /// Before the first entry; to be checked against a checkpoint that was kept elsewhere, too.
    #[must_use]
    pub fn new(checkpoint: Option<Checkpoint>) -> Self {
        Self {
            checkpoint,
            reached: Checkpoint::default(),
            before: None,
        }
    }

    /// The last entry that was found right.
    #[must_use]
    pub fn reached(&self) -> Checkpoint {
        self.reached
    }

    /// Checks the next entry.
    pub fn entry(&mut self, entry: &StoredEntry) -> Result<(), Broken> {
        let number = self.reached.number + 1;
        if entry.number != number {
            let kind = if entry.number > number {
                BreakKind::EntryDeleted
            } else {
                BreakKind::EntryInserted
            };
            let detail = format!("the next that is there is {}", entry.number);
            return Err(broken(kind, number, detail));
        }
        let Some(digest) = entry.follows(&self.reached.digest) else {
            let detail = "its digest is of something else";
            return Err(broken(BreakKind::EntryEdited, number, detail));
        };
        self.before = Some(self.reached.digest);
        self.reached = Checkpoint { number, digest };
        let checkpoint = self
            .checkpoint
            .filter(|checkpoint| checkpoint.number == number);
        if checkpoint.is_some_and(|checkpoint| checkpoint.digest != digest) {
            let detail = "the checkpoint has another digest";
            return Err(broken(BreakKind::WrittenAnew, number, detail));
        }
        Ok(())
    }

    /// Ends the check with the row that the next entry follows.
    pub fn finish(&self, head: Option<Checkpoint>) -> Result<Checkpoint, Broken> {
        let Checkpoint { number, .. } = self.reached;
        if let Some(checkpoint) = self
            .checkpoint
            .filter(|checkpoint| checkpoint.number > number)
        {
            let detail = format!("the checkpoint is of {}", checkpoint.number);
            return Err(broken(BreakKind::TailCut, number + 1, detail));
        }
        match head {
            Some(head) if head == self.reached => Ok(head),
            Some(head) if head.number > number => {
                let detail = format!("the end is said to be {}", head.number);
                Err(broken(BreakKind::TailCut, number + 1, detail))
            }
            Some(head) if head.number < number => {
                let detail = format!("the end is said to be {}", head.number);
                Err(broken(BreakKind::EntryInserted, head.number + 1, detail))
            }
            Some(_) => {
                let detail = "the end has another digest";
                Err(broken(BreakKind::HeadEdited, number, detail))
            }
            None => Err(broken(BreakKind::HeadEdited, number, "there is no end")),
        }
    }

    /// Finds a better word for an entry whose digest is of something else, where the row that the
    /// next follows is that one.
    #[must_use]
    pub fn namer(&self, broken: Broken, head: Option<Checkpoint>) -> Namer {
        Namer {
            head_number: head.map(|head| head.number),
            before: self.before,
            previous: self.reached.digest,
            broken,
            here: None,
            last_digest: None,
            stored_count: self.reached.number,
        }
    }
}

/// Looks at what stands where a trail is broken, and after it, for a better word.
#[derive(Debug)]
pub struct Namer {
    /// The digest before the last entry that was found right.
    before: Option<[u8; 32]>,
    previous: [u8; 32],
    broken: Broken,
    /// What stands there.
    here: Option<StoredEntry>,
    /// The digest of the entry that was looked at last.
    last_digest: Option<[u8; 32]>,
    stored_count: i64,
    /// How many there should be, if that is known.
    head_number: Option<i64>,
}

impl Namer {
    /// Looks at the next entry, from the broken one on. `Some` once more of them can't tell more.
    pub fn entry(&mut self, entry: StoredEntry) -> Option<Broken> {
        self.stored_count += 1;
        if self.broken.kind != BreakKind::EntryEdited {
            return Some(self.broken.clone());
        }
        let beyond = |head: &i64| self.broken.entry_number > *head;
        if let Some(head_number) = self.head_number.filter(beyond) {
            let detail = format!("the end is said to be {head_number}");
            return Some(self.say(BreakKind::EntryInserted, detail));
        }
        let last_digest = self.last_digest;
        self.last_digest = entry.digest.as_slice().try_into().ok();
        let Some(here) = &self.here else {
            // The entry before it was never written, and its digest was computed for its place.
            if self
                .before
                .is_some_and(|digest| entry.follows(&digest).is_some())
            {
                let number = self.broken.entry_number - 1;
                return Some(broken(
                    BreakKind::EntryInserted,
                    number,
                    "the next does not follow it",
                ));
            }
            self.here = Some(entry);
            return None;
        };
        if let Some(digest) = entry.follows(&self.previous) {
            let moved = here.follows(&digest).is_some()
                || last_digest.is_some_and(|digest| here.follows(&digest).is_some());
            let (kind, why) = if moved {
                (BreakKind::EntriesSwapped, "stands in its place")
            } else {
                (BreakKind::EntryInserted, "should be here")
            };
            return Some(self.say(kind, format!("entry {} {why}", entry.number)));
        }
        // Contents may change places while the digests stay.
        if here.digest == next_digest(&self.previous, &entry.entry()) {
            let detail = format!("entry {} has its content", entry.number);
            return Some(self.say(BreakKind::EntriesSwapped, detail));
        }
        None
    }

    /// After the last entry.
    #[must_use]
    pub fn finish(&self) -> Broken {
        let missing = self
            .head_number
            .map_or(0, |head_number| head_number - self.stored_count);
        if self.broken.kind == BreakKind::EntryEdited && missing > 0 {
            return self.say(BreakKind::EntryDeleted, format!("{missing} are missing"));
        }
        self.broken.clone()
    }

    fn say(&self, kind: BreakKind, detail: String) -> Broken {
        Broken {
            kind,
            detail,
            ..self.broken
        }
    }
}

fn broken(kind: BreakKind, entry_number: i64, detail: impl Into<String>) -> Broken {
    Broken {
        kind,
        entry_number,
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn chain(subjects: &[&str]) -> Vec<StoredEntry> {
        let mut reached = Checkpoint::default();
        let mut entries = Vec::new();
        for subject in subjects {
            let mut entry = StoredEntry {
                number: reached.number + 1,
                at: datetime!(2017-11-30 08:00:00.123456 UTC),
                actor: "person:alice".into(),
                action: "run.approve".into(),
                subject: (*subject).into(),
                content: "{}".into(),
                digest: Vec::new(),
            };
            let digest = next_digest(&reached.digest, &entry.entry());
            entry.digest = digest.to_vec();
            reached = Checkpoint {
                number: entry.number,
                digest,
            };
            entries.push(entry);
        }
        entries
    }

    fn end(entries: &[StoredEntry]) -> Checkpoint {
        entries
            .last()
            .map_or_else(Checkpoint::default, |last| Checkpoint {
                number: last.number,
                digest: last.digest.as_slice().try_into().unwrap(),
            })
    }

    /// Kind and place of what is wrong with `entries`, whose end should be `head`.
    fn found(
        entries: &[StoredEntry],
        head: Checkpoint,
        checkpoint: Option<Checkpoint>,
    ) -> Option<(BreakKind, i64)> {
        let mut verifier = ChainVerifier::new(checkpoint);
        for (at, entry) in entries.iter().enumerate() {
            if let Err(broken) = verifier.entry(entry) {
                let mut namer = verifier.namer(broken, Some(head));
                let mut rest = entries[at..].iter();
                let broken = rest.find_map(|entry| namer.entry(entry.clone()));
                let broken = broken.unwrap_or_else(|| namer.finish());
                return Some((broken.kind, broken.entry_number));
            }
        }
        let broken = verifier.finish(Some(head)).err()?;
        Some((broken.kind, broken.entry_number))
    }

    fn renumbered(mut entries: Vec<StoredEntry>) -> Vec<StoredEntry> {
        for (number, entry) in (1..).zip(&mut entries) {
            entry.number = number;
        }
        entries
    }

    #[test]
    fn an_edit_is_found_where_it_is() {
        let whole = chain(&["a", "b", "c", "d", "e"]);
        let head = end(&whole);
        assert_eq!(found(&whole, head, Some(end(&whole[..3]))), None);
        let edits: [fn(&mut StoredEntry); 6] = [
            |entry| entry.actor = "person:mallory".into(),
            |entry| entry.action.push('x'),
            |entry| entry.subject.push('x'),
            |entry| entry.content.push(' '),
            |entry| entry.at += time::Duration::MICROSECOND,
            |entry| entry.digest[7] ^= 1,
        ];
        for edit in edits {
            for (at, number) in (1..=5).enumerate() {
                let mut edited = whole.clone();
                edit(&mut edited[at]);
                assert_eq!(
                    found(&edited, head, None),
                    Some((BreakKind::EntryEdited, number))
                );
            }
        }
    }

    #[test]
    fn a_gap_an_insertion_and_a_swap_are_named() {
        let whole = chain(&["a", "b", "c", "d", "e"]);
        let head = end(&whole);
        let found = |entries: Vec<StoredEntry>| found(&entries, head, None);
        let mut gap = whole.clone();
        gap.remove(1);
        assert_eq!(found(gap.clone()), Some((BreakKind::EntryDeleted, 2)));
        assert_eq!(found(renumbered(gap)), Some((BreakKind::EntryDeleted, 2)));

        let mut inserted = whole.clone();
        inserted.insert(
            2,
            StoredEntry {
                actor: "person:mallory".into(),
                ..whole[2].clone()
            },
        );
        assert_eq!(
            found(renumbered(inserted.clone())),
            Some((BreakKind::EntryInserted, 3))
        );
        let fitting = next_digest(&end(&whole[..2]).digest, &inserted[2].entry());
        inserted[2].digest = fitting.to_vec();
        assert_eq!(
            found(renumbered(inserted)),
            Some((BreakKind::EntryInserted, 3))
        );

        for (one, other) in [(0, 1), (1, 3), (0, 4), (3, 4)] {
            let mut swapped = whole.clone();
            swapped.swap(one, other);
            let place = Some((BreakKind::EntriesSwapped, whole[one].number));
            assert_eq!(found(renumbered(swapped.clone())), place, "{one} {other}");
            let digests = [swapped[one].digest.clone(), swapped[other].digest.clone()];
            [swapped[other].digest, swapped[one].digest] = digests;
            assert_eq!(found(renumbered(swapped)), place, "{one} {other}");
        }
    }

    #[test]
    fn the_end_is_checked_and_a_rewritten_trail_against_a_checkpoint() {
        let whole = chain(&["a", "b", "c", "d", "e"]);
        let (head, checkpoint) = (end(&whole), Some(end(&whole[..4])));
        let other = chain(&["a", "x", "c", "d", "e"]);
        assert_eq!(found(&other, end(&other), None), None);
        assert_eq!(
            found(&other, end(&other), checkpoint),
            Some((BreakKind::WrittenAnew, 4))
        );
        let cut = &whole[..3];
        assert_eq!(found(cut, end(cut), None), None);
        assert_eq!(
            found(cut, end(cut), checkpoint),
            Some((BreakKind::TailCut, 4))
        );
        assert_eq!(found(cut, head, None), Some((BreakKind::TailCut, 4)));
        assert_eq!(
            found(&whole, end(cut), None),
            Some((BreakKind::EntryInserted, 4))
        );
        let edited = Checkpoint {
            digest: [7; 32],
            ..head
        };
        assert_eq!(
            found(&whole, edited, None),
            Some((BreakKind::HeadEdited, 5))
        );
    }
}
