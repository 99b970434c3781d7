//! A file that is checked in parts, each on a stream of its own, since a service remembers only so
//! many records of a check.
//!
//! What is judged together stays together: records of one id, and a record with what takes it back.
//! So each is judged as if the whole file had been on one stream.

use std::collections::HashMap;
use std::fs;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use gazelle_proto::usage::v1::UsageRecord;

use super::file::each_record;
use crate::failure::Failure;

/// Records of a part, on the average: two parts and a half are what a service remembers of all
/// checks together, and the one before may not be forgotten yet.
const PART_RECORDS: u64 = 200_000;
/// Bytes of the shortest row, packed as in a workbook.
const ROW_BYTES_MIN: u64 = 5;

/// Which records of a file are checked together.
#[derive(Debug)]
pub(super) struct Parts {
    count: u64,
    /// Ids that reversals tie to others: to which one that stands for all of them.
    tied: HashMap<u64, u64>,
}

impl Parts {
    /// All of it.
    pub(super) fn whole() -> Self {
        Self {
            count: 1,
            tied: HashMap::new(),
        }
    }

    /// As many as a file takes; it is read for that where it may be more than one.
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let bytes = fs::metadata(path).map_or(0, |found| found.len());
        if bytes / ROW_BYTES_MIN <= PART_RECORDS {
            return Ok(Self::whole());
        }
        Self::cut(path, PART_RECORDS)
    }

    fn cut(path: &Path, part_records: u64) -> Result<Self, Failure> {
        let mut found = 0;
        let mut parts = Self::whole();
        each_record(path, |record| {
            found += 1;
            if !record.reverses_record_id.is_empty() {
                parts.tie(&record.record_id, &record.reverses_record_id);
            }
        })?;
        let ids: Vec<u64> = parts.tied.keys().copied().collect();
        for id in ids {
            parts.root(id);
        }
        parts.count = found / part_records + 1;
        Ok(parts)
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
    use std::fmt::Write as _;

    use super::super::file::COLUMNS;
    use super::*;

    #[test]
    fn each_record_is_of_one_part_and_of_that_of_all_that_it_is_judged_with() {
        let mut content = COLUMNS.join(",") + "\n";
        let mut row = |id: String, reverses: String| {
            writeln!(content, "{id},shop,COMMISSION,2017-03-05,7,{reverses}").unwrap();
        };
        for at in 0..900 {
            row(format!("f{at}"), String::new());
        }
        for at in 0..100 {
            row(format!("r{at}"), format!("f{at}"));
            // The same id once more, which takes back another record.
            row(format!("r{at}"), format!("f{}", at + 450));
            row(format!("q{at}"), format!("r{at}"));
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();

        let parts = Parts::cut(file.path(), 300).unwrap();

        assert_eq!(parts.count(), 5);
        let mut of = HashMap::new();
        let mut sizes = [0; 5];
        each_record(file.path(), |record| {
            let holds = |part: &u64| parts.holds(*part, &record);
            let its: Vec<u64> = (0..5).filter(holds).collect();
            assert_eq!(its.len(), 1, "{record:?}");
            sizes[usize::try_from(its[0]).unwrap()] += 1;
            let known = *of.entry(record.record_id.clone()).or_insert(its[0]);
            assert_eq!(known, its[0], "{record:?}");
            if !record.reverses_record_id.is_empty() {
                assert_eq!(of[&record.reverses_record_id], its[0], "{record:?}");
            }
        })
        .unwrap();
        assert!(sizes.iter().all(|size| *size > 120), "{sizes:?}");
        assert_eq!(Parts::of(file.path()).unwrap().count(), 1);
    }
}
