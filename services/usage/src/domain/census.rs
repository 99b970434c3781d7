//! Counting a period that is to be sealed: all its records once, in whatever order they come.
//!
//! What must be held together for the digest is 48 bytes a record. A large period is therefore
//! counted slice by slice of its keys, so that this is never more than about 450 MiB; beside it
//! stand 48 bytes for each reversal.

use std::ops::RangeInclusive;

use gazelle_kernel::{Period, PlatformId};
use sha2::{Digest, Sha256};

use super::{CanonicalForm, Receipt, RecordKey, RecordRef};

/// Records that are counted in one slice at most, but for the chance of hashes.
const SLICE_RECORDS_MAX: i64 = 8 << 20;

/// A record as it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// Its place in the period.
    pub key: RecordKey,
    /// What it says.
    pub record: RecordRef<'a>,
    /// In which period that is which it takes back.
    pub reverses_period: Option<Period>,
}

/// A reversal in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reversal {
    /// What it takes back.
    pub of: RecordKey,
    /// The reversal itself.
    pub key: RecordKey,
    /// Where that record is.
    pub in_period: Period,
}

/// Keys, by the first bytes that they may have.
pub type Slice = RangeInclusive<u8>;

/// In which slices a period of so many records is counted.
pub fn slices(record_count: i64) -> impl Iterator<Item = Slice> {
    let mut slices = 1_u16;
    while slices < 256 && record_count / i64::from(slices) > SLICE_RECORDS_MAX {
        slices *= 2;
    }
    let width = 256 / slices;
    let byte = |number: u16| u8::try_from(number).expect("slices end with the last byte");
    (0..slices).map(move |slice| byte(slice * width)..=byte(slice * width + (width - 1)))
}

/// The first byte of a key: in which part of all keys it is.
#[must_use]
pub fn part(key: RecordKey) -> u8 {
    key.0.to_be_bytes()[0]
}

/// A count under way.
#[derive(Debug)]
pub struct Census {
    form: CanonicalForm,
    slice: Slice,
    /// Of the slice, by part: the records' keys, and the hashes of their forms.
    parts: Vec<Vec<(RecordKey, [u8; 32])>>,
    /// All records so far.
    pub receipt: Receipt,
    digest: Sha256,
    /// All reversals, once the first slice was counted.
    pub reversals: Vec<Reversal>,
}

impl Census {
    /// Begins to count a period.
    #[must_use]
    pub fn new(platform: &PlatformId, period: Period) -> Self {
        Self {
            form: CanonicalForm::new(platform, period),
            slice: 0..=0,
            parts: vec![Vec::new(); 256],
            receipt: Receipt::default(),
            digest: Sha256::new(),
            reversals: Vec::new(),
        }
    }

    /// Begins to count the next slice of a period that has so many records.
    pub fn begin(&mut self, slice: Slice, record_count: i64) {
        let expected = usize::try_from(record_count).unwrap_or_default() / 256;
        for part in slice.clone() {
            // Hashes spread evenly: a few more than expected, and nothing moves.
            self.parts[usize::from(part)].reserve_exact(expected + expected / 16);
        }
        self.slice = slice;
    }

    /// Counts a record. The first slice gets all reversals, the later ones may; records of other
    /// slices are passed over.
    pub fn add(&mut self, kept: &Kept<'_>) {
        let record = kept.record;
        let reverses = record.reverses.zip(kept.reverses_period);
        if let (Some((id, in_period)), 0) = (reverses, *self.slice.start()) {
            self.reversals.push(Reversal {
                of: RecordKey::of(id),
                key: kept.key,
                in_period,
            });
        }
        let part = part(kept.key);
        if !self.slice.contains(&part) {
            return;
        }
        let mut receipt = Receipt::default();
        receipt.add(record.amount.get(), self.form.hash(record));
        self.receipt.merge(&receipt);
        // The sum of one hash is that hash.
        self.parts[usize::from(part)].push((kept.key, receipt.digest));
    }

    /// All records of the slice were counted. Returns their keys, in order; takes a second for a
    /// few million.
    #[must_use]
    pub fn end(mut self) -> (Self, Keys) {
        if *self.slice.start() == 0 {
            self.reversals.sort_unstable();
        }
        let mut keys = vec![Vec::new(); 256];
        for part in self.slice.clone().map(usize::from) {
            let mut records = std::mem::take(&mut self.parts[part]);
            records.sort_unstable_by_key(|(key, _)| *key);
            for (_, hash) in &records {
                self.digest.update(hash);
            }
            keys[part] = records.into_iter().map(|(key, _)| key).collect();
        }
        let slice = self.slice.clone();
        (self, Keys { slice, parts: keys })
    }

    /// The seal's digest, after the last slice.
    #[must_use]
    pub fn digest(self) -> [u8; 32] {
        self.digest.finalize().into()
    }
}

/// The keys of a slice, each once, by part and in order.
#[derive(Debug, Clone)]
pub struct Keys {
    slice: Slice,
    parts: Vec<Vec<RecordKey>>,
}

impl Keys {
    /// Such of these keys, given in order, as are in the slice.
    #[must_use]
    pub fn of(slice: Slice, keys: &[RecordKey]) -> Self {
        let mut parts = vec![Vec::new(); 256];
        for &key in keys.iter().filter(|key| slice.contains(&part(**key))) {
            parts[usize::from(part(key))].push(key);
        }
        Self { slice, parts }
    }

    /// Whether a key is among them.
    #[must_use]
    pub fn contain(&self, key: RecordKey) -> bool {
        self.parts[usize::from(part(key))]
            .binary_search(&key)
            .is_ok()
    }

    /// Those that may be among others, of which `starts` has the part's as they are kept.
    #[must_use]
    pub fn among(&self, part: u8, starts: &[u8]) -> Vec<RecordKey> {
        let mut starts = starts.as_chunks().0.iter().peekable();
        let mut found = Vec::new();
        for &key in &self.parts[usize::from(part)] {
            let start = start(key);
            while starts.next_if(|other| **other < start).is_some() {}
            if starts.peek().is_some_and(|other| **other == start) {
                found.push(key);
            }
        }
        found
    }

    /// The starts of these keys and of others, by part as they are kept.
    pub fn starts<'a>(&'a self, others: &'a Self) -> impl Iterator<Item = (u8, Vec<u8>)> + 'a {
        self.slice.clone().filter_map(move |part| {
            let keys = |keys: &'a Self| keys.parts[usize::from(part)].iter();
            let mut starts: Vec<[u8; 5]> =
                keys(self).chain(keys(others)).map(|k| start(*k)).collect();
            if keys(others).len() > 0 {
                starts.sort_unstable();
            }
            (!starts.is_empty()).then(|| (part, starts.into_flattened()))
        })
    }
}

/// The second to sixth byte of a key. With its part 48 bits: of ten million keys, hardly one has
/// the start of another of ten million by chance.
fn start(key: RecordKey) -> [u8; 5] {
    let [_, start @ .., _, _, _, _, _, _, _, _, _, _] = key.0.to_be_bytes();
    start
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Record,
            record::tests::{fee, period, reversal},
        },
        *,
    };

    fn platform() -> PlatformId {
        PlatformId::parse("alpha-mall").unwrap()
    }

    fn kept(record: &Record) -> Kept<'_> {
        Kept {
            key: RecordKey::of(record.id.as_str()),
            record: record.as_ref(),
            reverses_period: record.reverses.as_ref().map(|_| period("2017-02")),
        }
    }

    fn count(records: &[Record], slices: &[Slice]) -> (Census, Vec<RecordKey>) {
        let mut census = Census::new(&platform(), period("2017-03"));
        let mut keys = Vec::new();
        for slice in slices {
            census.begin(slice.clone(), 1);
            for record in records {
                census.add(&kept(record));
            }
            let (counted, more) = census.end();
            census = counted;
            keys.extend(more.parts.concat());
        }
        (census, keys)
    }

    #[test]
    fn the_count_is_the_same_in_any_order_and_in_any_slices() {
        let mut records: Vec<Record> = (0..1_000).map(|n| fee(&format!("r-{n}"), n + 1)).collect();
        records.push(reversal("v", "r-9", -1));
        let (census, keys) = count(&records, &[0..=255]);
        assert!(keys.is_sorted() && keys.len() == 1_001);
        assert_eq!(census.receipt.record_count, 1_001);
        assert_eq!(census.reversals.len(), 1);
        let digest = census.digest();

        records.reverse();
        let (sliced, same_keys) = count(&records, &[0..=63, 64..=127, 128..=255]);
        assert_eq!((same_keys, sliced.receipt.record_count), (keys, 1_001));
        assert_eq!(sliced.reversals.len(), 1);
        assert_eq!(sliced.digest(), digest);
    }

    #[test]
    fn slices_cover_all_keys_and_are_as_many_as_needed() {
        for (records, expected) in [(0, 1), (8 << 20, 1), (9 << 20, 2), (1 << 40, 256)] {
            let slices: Vec<Slice> = slices(records).collect();
            assert_eq!(slices.len(), expected);
            let bytes: Vec<u8> = slices.into_iter().flatten().collect();
            assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn what_others_have_is_found_by_its_start() {
        let key = |bytes: [u8; 3], last: u128| {
            let high = bytes.iter().fold(0, |sum, b| sum << 8 | u128::from(*b));
            RecordKey(high << 104 | last)
        };
        let ours = [
            key([1, 0, 1], 0),
            key([1, 0, 2], 0),
            key([1, 0, 2], 1),
            key([2, 0, 2], 0),
            key([2, 9, 9], 0),
        ];
        let keys = Keys::of(0..=255, &ours);
        let others = [key([1, 0, 0], 0), key([1, 0, 2], 7), key([2, 0, 3], 0)];
        let others = Keys::of(0..=255, &others);
        let none = Keys::of(0..=255, &[]);
        let found: Vec<RecordKey> = others
            .starts(&none)
            .flat_map(|(part, starts)| keys.among(part, &starts))
            .collect();
        assert_eq!(found, ours[1..3]);
        assert!(keys.contain(ours[3]) && !keys.contain(key([2, 0, 3], 0)));
        // Kept together they are in order, whichever came first.
        let both: Vec<(u8, Vec<u8>)> = others.starts(&keys).collect();
        assert_eq!(both, keys.starts(&others).collect::<Vec<_>>());
        assert_eq!(Keys::of(2..=255, &ours).starts(&none).count(), 1);
    }
}
