//! Tells which record ids a period does not hold, without asking the database.

use super::RecordKey;

/// The first 48 bits of a key: as many as are kept of those that sealed periods claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStart(u64);

impl KeyStart {
    const BITS: u32 = 48;

    /// The start of a key.
    #[must_use]
    pub fn of(key: RecordKey) -> Self {
        let start = key.0 >> (u128::BITS - Self::BITS);
        Self(u64::try_from(start).expect("48 bits are left"))
    }

    /// From the first byte of a key and the next five.
    #[must_use]
    pub fn from_bytes(first: u8, next: [u8; 5]) -> Self {
        let mut bytes = [0; 8];
        bytes[2] = first;
        bytes[3..].copy_from_slice(&next);
        Self(u64::from_be_bytes(bytes))
    }
}

/// Bits for each key: of keys that are not there, it takes about one in twenty-five for one that
/// is. Twice as many would spare a look in each period for one reversal in twenty-five.
const BITS_PER_KEY: usize = 8;

/// Which keys a period holds, roughly: what it denies is not there, what it affirms most likely is.
///
/// A Bloom filter whose bits for a key are all in one word. Keys are hashes already, so the first
/// of their own bits choose the word, and the next the bits in it.
#[derive(Debug)]
pub struct Filter {
    words: Box<[u64]>,
}

impl Filter {
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
        keys.saturating_mul(BITS_PER_KEY).div_ceil(64).max(1)
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

    fn find(&self, KeyStart(start): KeyStart) -> (usize, u64) {
        let word = (u128::from(start) * self.words.len() as u128) >> KeyStart::BITS;
        let bit = |at: u32| 1 << ((start >> at) & 63);
        let word = usize::try_from(word).expect("it is less than the number of words");
        (word, bit(0) | bit(6) | bit(12))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(of: &str, count: usize) -> impl Iterator<Item = RecordKey> {
        (0..count).map(move |n| RecordKey::of(&format!("{of}-{n}")))
    }

    #[test]
    fn it_never_denies_what_is_there_and_rarely_affirms_what_is_not() {
        let mut filter = Filter::new(20_000);
        keys("in", 20_000).for_each(|key| filter.insert(KeyStart::of(key)));
        assert!(keys("in", 20_000).all(|key| filter.may_hold(key)));
        let mistaken = keys("out", 20_000).filter(|key| filter.may_hold(*key));
        assert!(mistaken.count() < 20_000 / 20);
    }

    #[test]
    fn an_empty_one_holds_nothing() {
        let filter = Filter::new(0);
        assert!(!keys("out", 100).any(|key| filter.may_hold(key)));
    }

    #[test]
    fn a_start_is_the_first_six_bytes() {
        let key = RecordKey(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
        assert_eq!(KeyStart::of(key), KeyStart(0x0102_0304_0506));
        assert_eq!(KeyStart::from_bytes(1, [2, 3, 4, 5, 6]), KeyStart::of(key));
    }
}
