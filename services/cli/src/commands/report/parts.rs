//! A file that is checked in parts, each on a stream of its own, since a service remembers only so
//! many records of a check.
//!
//! What is judged together stays together: records of one id, and a record with what takes it back.
//! So each is judged as if the whole file had been on one stream.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use gazelle_proto::usage::v1::UsageRecord;

/// Records of a part, on the average: four fifths of what a service remembers of a platform's
/// checks, since parts differ, and the begin of one comes while the one before is forgotten.
pub(super) const PART_RECORDS: u64 = 200_000;

/// Which records of a file are checked together.
#[derive(Debug)]
pub(super) struct Parts {
    count: u64,
    /// Records that were seen.
    seen: u64,
    /// Ids that reversals tie to others: to which one that stands for all of them.
    tied: HashMap<u64, u64>,
}

impl Parts {
    /// All of it.
    pub(super) fn whole() -> Self {
        Self {
            count: 1,
            seen: 0,
            tied: HashMap::new(),
        }
    }

    /// Looks at one more record of the file.
    pub(super) fn see(&mut self, record: &UsageRecord) {
        self.seen += 1;
        if !record.reverses_record_id.is_empty() {
            self.tie(&record.record_id, &record.reverses_record_id);
        }
    }

    /// Cuts what was seen into parts of so many records, on the average.
    pub(super) fn cut(mut self, part_records: u64) -> Self {
        let ids: Vec<u64> = self.tied.keys().copied().collect();
        for id in ids {
            self.root(id);
        }
        self.count = self.seen / part_records + 1;
        self
    }

    fn tie(&mut self, one: &str, other: &str) {
        let (one, other) = (self.root(hash(one)), self.root(hash(other)));
        if one != other {
            self.tied.insert(one, other);
        }
    }

    /// What stands for an id and all that are tied to it; the way there is short from then on.
    fn root(&mut self, id: u64) -> u64 {
        let mut root = id;
        while let Some(next) = self.tied.get(&root) {
            root = *next;
        }
        let mut at = id;
        while at != root {
            at = self.tied.insert(at, root).unwrap_or(root);
        }
        root
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether a record is of that part, from 0.
    pub(super) fn holds(&self, part: u64, record: &UsageRecord) -> bool {
        let id = hash(&record.record_id);
        self.count == 1 || self.tied.get(&id).unwrap_or(&id) % self.count == part
    }
}

/// Two ids of one hash only stay together without need.
fn hash(id: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: String, reverses: &str) -> UsageRecord {
        UsageRecord {
            record_id: id,
            reverses_record_id: reverses.to_owned(),
            ..UsageRecord::default()
        }
    }

    #[test]
    fn each_record_is_of_one_part_and_of_that_of_all_that_it_is_judged_with() {
        let fees = (0..900).map(|at| record(format!("f{at}"), ""));
        let mut records: Vec<_> = fees.collect();
        for at in 0..100 {
            records.push(record(format!("r{at}"), &format!("f{at}")));
            // The same id once more, which takes back another record.
            records.push(record(format!("r{at}"), &format!("f{}", at + 450)));
            records.push(record(format!("q{at}"), &format!("r{at}")));
        }
        let mut parts = Parts::whole();
        for record in &records {
            parts.see(record);
        }
        let parts = parts.cut(300);

        assert_eq!(parts.count(), 5);
        let mut part_by_id = HashMap::new();
        let mut sizes = [0; 5];
        for record in &records {
            let its: Vec<u64> = (0..5).filter(|part| parts.holds(*part, record)).collect();
            assert_eq!(its.len(), 1, "{record:?}");
            sizes[usize::try_from(its[0]).unwrap()] += 1;
            let known = *part_by_id
                .entry(record.record_id.as_str())
                .or_insert(its[0]);
            assert_eq!(known, its[0], "{record:?}");
            if !record.reverses_record_id.is_empty() {
                let reversed = part_by_id[record.reverses_record_id.as_str()];
                assert_eq!(reversed, its[0], "{record:?}");
            }
        }
        assert!(sizes.iter().all(|size| *size > 120), "{sizes:?}");
        assert!(Parts::whole().holds(0, &records[0]));
    }
}
