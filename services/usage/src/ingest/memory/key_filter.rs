//! Tells which record ids a period does not hold, without asking the database.

use crate::{
    domain::key::{KeyStart, RecordKey},
    tuning::FILTER_BITS_PER_KEY,
};

/// Which keys a period holds, roughly: what it denies is not there, what it affirms most likely is.
///
/// A Bloom filter whose bits for a key are all in one word. Keys are hashes already, so the first
/// of their own bits choose the word, and the next the bits in it.
#[derive(Debug)]
pub struct KeyFilter {
    words: Box<[u64]>,
}

impl KeyFilter {
    /// Without keys yet, and with room for so many.
    #[must_use]
    pub fn new(keys: usize) -> Self {
        Self {
            words: vec![0; Self::words(keys)].into(),
        }
    }

    /// How much memory one for so many keys takes, in bytes.
    #[must_use]
    pub fn size_for(keys: usize) -> usize {
        Self::words(keys).saturating_mul(size_of::<u64>())
    }

    fn words(keys: usize) -> usize {
        keys.saturating_mul(FILTER_BITS_PER_KEY).div_ceil(64).max(1)
    }

    /// How much memory it takes, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// Adds a key.
    pub fn insert(&mut self, key: KeyStart) {
        let (word, bits) = self.find(key);
        self.words[word] |= bits;
    }

    /// Whether the key may be there.
    #[must_use]
    pub fn may_hold(&self, key: RecordKey) -> bool {
        let (word, bits) = self.find(KeyStart::of(key));
        self.words[word] & bits == bits
    }

    fn find(&self, key: KeyStart) -> (usize, u64) {
        let start = key.bits();
        let word = (u128::from(start) * self.words.len() as u128) >> KeyStart::BITS;
        let bit = |at: u32| 1 << ((start >> at) & 63);
        let word = usize::try_from(word).expect("it is less than the number of words");
        (word, bit(0) | bit(6) | bit(12))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &str, count: usize) -> impl Iterator<Item = RecordKey> {
        (0..count).map(move |n| RecordKey::of(&format!("{name}-{n}")))
    }

    #[test]
    fn it_never_denies_what_is_there_and_rarely_affirms_what_is_not() {
        let mut filter = KeyFilter::new(20_000);
        keys("in", 20_000).for_each(|key| filter.insert(KeyStart::of(key)));
        assert!(keys("in", 20_000).all(|key| filter.may_hold(key)));
        let mistaken = keys("out", 20_000).filter(|key| filter.may_hold(*key));
        assert!(mistaken.count() < 20_000 / 20);
    }

    #[test]
    fn an_empty_one_holds_nothing() {
        let filter = KeyFilter::new(0);
        assert!(!keys("out", 100).any(|key| filter.may_hold(key)));
    }
}
