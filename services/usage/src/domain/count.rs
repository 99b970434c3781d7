//! Counting a period that is to be sealed: all its records once, in whatever order they come.
//!
//! What must be held together for the digest is 48 bytes a record. A large period is therefore
//! counted slice by slice of its keys, so that this has a bound; beside it stand 48 bytes for each
//! reversal.

use gazelle_kernel::{Date, Period, PlatformId};
use sha2::{Digest, Sha256};

use super::{
    canonical::CanonicalForm,
    key::RecordKey,
    receipt::Receipt,
    record::RecordRef,
    slice::{KeySlice, SliceKeys, part},
};

/// A record as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredRecord<'a> {
    /// Its place in the period.
    pub key: RecordKey,
    pub record: RecordRef<'a>,
    /// In which period that is which it takes back.
    pub reverses_period: Option<Period>,
}

impl StoredRecord<'_> {
    /// Whether its key is that of its id and, unless it takes another back, its fee date its day.
    #[must_use]
    pub fn is_in_its_place(&self, fee_date: Date) -> bool {
        let record = self.record;
        let is_dated = record.reverses.is_some() || fee_date == record.occurred_on;
        is_dated && self.key == RecordKey::of(record.id)
    }
}

/// A reversal in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reversal {
    /// What it takes back.
    pub reversed: RecordKey,
    /// The reversal itself.
    pub key: RecordKey,
    /// Where that record is.
    pub in_period: Period,
}

/// In which slices a period of so many records is counted: of each no more than that at once, but
/// for the chance of hashes.
pub fn slices(record_count: i64, at_once: i64) -> impl Iterator<Item = KeySlice> {
    let mut slices = 1_u16;
    while slices < 256 && record_count / i64::from(slices) > at_once {
        slices *= 2;
    }
    let width = 256 / slices;
    let byte = |number: u16| u8::try_from(number).expect("slices end with the last byte");
    (0..slices).map(move |slice| byte(slice * width)..=byte(slice * width + (width - 1)))
}

/// A count under way.
#[derive(Debug)]
pub struct PeriodCount {
    form: CanonicalForm,
    slice: KeySlice,
    /// Of the slice, by part: the records' keys, and the hashes of their forms.
    parts: Vec<Vec<(RecordKey, [u8; 32])>>,
    /// All records so far.
    pub receipt: Receipt,
    digest: Sha256,
    /// All reversals, once the first slice was counted.
    pub reversals: Vec<Reversal>,
}

impl PeriodCount {
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
    pub fn begin(&mut self, slice: KeySlice, record_count: i64) {
        let expected = usize::try_from(record_count).unwrap_or_default() / 256;
        for part in slice.clone() {
            // Hashes spread evenly: a few more than expected, and nothing moves.
            self.parts[usize::from(part)].reserve_exact(expected + expected / 16);
        }
        self.slice = slice;
    }

    /// Counts a record. The first slice gets all reversals, the later ones may; records of other
    /// slices are passed over.
    pub fn add(&mut self, stored: &StoredRecord<'_>) {
        let record = stored.record;
        let reverses = record.reverses.zip(stored.reverses_period);
        if let (Some((id, in_period)), 0) = (reverses, *self.slice.start()) {
            self.reversals.push(Reversal {
                reversed: RecordKey::of(id),
                key: stored.key,
                in_period,
            });
        }
        let part = part(stored.key);
        if !self.slice.contains(&part) {
            return;
        }
        let mut receipt = Receipt::default();
        receipt.add(record.amount.get(), self.form.hash(record));
        self.receipt.merge(&receipt);
        // The sum of one hash is that hash.
        self.parts[usize::from(part)].push((stored.key, receipt.digest));
    }

    /// All records of the slice were counted. Returns their keys, in order; takes a second for a
    /// few million.
    #[must_use]
    pub fn end(mut self) -> (Self, SliceKeys) {
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
        (self, SliceKeys::new(slice, keys))
    }

    /// The seal's digest, after the last slice.
    #[must_use]
    pub fn digest(self) -> [u8; 32] {
        self.digest.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            record::Record,
            samples::{fee, period, reversal},
        },
        *,
    };

    fn platform() -> PlatformId {
        PlatformId::parse("alpha-mall").unwrap()
    }

    fn stored(record: &Record) -> StoredRecord<'_> {
        StoredRecord {
            key: RecordKey::of(record.id.as_str()),
            record: record.as_ref(),
            reverses_period: record.reverses.as_ref().map(|_| period("2017-02")),
        }
    }

    fn count(records: &[Record], slices: &[KeySlice]) -> (PeriodCount, Vec<RecordKey>) {
        let mut counting = PeriodCount::new(&platform(), period("2017-03"));
        let mut keys = Vec::new();
        for slice in slices {
            counting.begin(slice.clone(), 1);
            for record in records {
                counting.add(&stored(record));
            }
            let (counted, more) = counting.end();
            counting = counted;
            keys.extend(more.all());
        }
        (counting, keys)
    }

    #[test]
    fn the_count_is_the_same_in_any_order_and_in_any_slices() {
        let mut records: Vec<Record> = (0..1_000).map(|n| fee(&format!("r-{n}"), n + 1)).collect();
        records.push(reversal("v", "r-9", -1));
        let (counting, keys) = count(&records, &[0..=255]);
        assert!(keys.is_sorted() && keys.len() == 1_001);
        assert_eq!(counting.receipt.record_count, 1_001);
        assert_eq!(counting.reversals.len(), 1);
        let digest = counting.digest();

        records.reverse();
        let (sliced, same_keys) = count(&records, &[0..=63, 64..=127, 128..=255]);
        assert_eq!((same_keys, sliced.receipt.record_count), (keys, 1_001));
        assert_eq!(sliced.reversals.len(), 1);
        assert_eq!(sliced.digest(), digest);
    }

    #[test]
    fn a_record_is_where_its_id_and_its_day_put_it() {
        let (fee, reversal) = (fee("r", 1), reversal("v", "r", -1));
        let day = fee.occurred_on;
        let later = day.next_day().unwrap();
        assert!(stored(&fee).is_in_its_place(day) && !stored(&fee).is_in_its_place(later));
        // What it takes back has another day.
        assert!(stored(&reversal).is_in_its_place(later));
        let moved = StoredRecord {
            key: RecordKey::of("s"),
            ..stored(&fee)
        };
        assert!(!moved.is_in_its_place(day));
    }

    #[test]
    fn slices_cover_all_keys_and_are_as_many_as_needed() {
        for (records, expected) in [(0, 1), (8 << 20, 1), (9 << 20, 2), (1 << 40, 256)] {
            let slices: Vec<KeySlice> = slices(records, 8 << 20).collect();
            assert_eq!(slices.len(), expected);
            let bytes: Vec<u8> = slices.into_iter().flatten().collect();
            assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
        }
    }
}
