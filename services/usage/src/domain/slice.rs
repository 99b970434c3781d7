//! The keys of a period in slices of their first bytes, and what is kept of those that a sealed
//! period claims.

use std::ops::RangeInclusive;

use super::key::RecordKey;

/// Keys, by the first bytes that they may have.
pub type KeySlice = RangeInclusive<u8>;

/// The first byte of a key: in which part of all keys it is.
#[must_use]
pub fn part(key: RecordKey) -> u8 {
    key.0.to_be_bytes()[0]
}

/// The keys of a slice, each once, by part and in order.
#[derive(Debug, Clone)]
pub struct SliceKeys {
    slice: KeySlice,
    parts: Vec<Vec<RecordKey>>,
}

impl SliceKeys {
    /// Keys in order, by part.
    pub(super) fn new(slice: KeySlice, parts: Vec<Vec<RecordKey>>) -> Self {
        Self { slice, parts }
    }

    /// All of them, in order.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<RecordKey> {
        self.parts.concat()
    }

    /// Such of these keys, given in order, as are in the slice.
    #[must_use]
    pub fn of(slice: KeySlice, keys: &[RecordKey]) -> Self {
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
    use super::*;

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
        let keys = SliceKeys::of(0..=255, &ours);
        let others = [key([1, 0, 0], 0), key([1, 0, 2], 7), key([2, 0, 3], 0)];
        let others = SliceKeys::of(0..=255, &others);
        let none = SliceKeys::of(0..=255, &[]);
        let found: Vec<RecordKey> = others
            .starts(&none)
            .flat_map(|(part, starts)| keys.among(part, &starts))
            .collect();
        assert_eq!(found, ours[1..3]);
        assert!(keys.contain(ours[3]) && !keys.contain(key([2, 0, 3], 0)));
        // Kept together they are in order, whichever came first.
        let both: Vec<(u8, Vec<u8>)> = others.starts(&keys).collect();
        assert_eq!(both, keys.starts(&others).collect::<Vec<_>>());
        assert_eq!(SliceKeys::of(2..=255, &ours).starts(&none).count(), 1);
    }
}
