//! Where a record is: its key, its platform, its period.

use gazelle_kernel::Period;

use super::hash::sha256;

/// The first 128 bits of SHA-256 of a record's id: its key, and its place in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey(pub u128);

impl RecordKey {
    /// The key of an id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let digest = sha256(id.as_bytes());
        let (first, _) = digest
            .split_first_chunk()
            .expect("32 bytes are more than 16");
        Self(u128::from_be_bytes(*first))
    }
}

/// The number that the database has given a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlatformNumber(pub i16);

/// A platform's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlatformPeriod {
    pub platform: PlatformNumber,
    pub period: Period,
}

impl PlatformPeriod {
    /// Where it has the record of a key.
    #[must_use]
    pub fn place(self, key: RecordKey) -> Place {
        let Self { platform, period } = self;
        Place {
            platform,
            period,
            key,
        }
    }
}

/// Where a record is kept: the primary key, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub platform: PlatformNumber,
    /// The period that it is reported in.
    pub period: Period,
    pub key: RecordKey,
}

impl Place {
    /// The period of the platform that it is in.
    #[must_use]
    pub fn platform_period(self) -> PlatformPeriod {
        PlatformPeriod {
            platform: self.platform,
            period: self.period,
        }
    }

    /// The same key in another period.
    #[must_use]
    pub fn in_period(self, period: Period) -> Self {
        Self { period, ..self }
    }
}

/// The first 48 bits of a key: as many as are kept of those that sealed periods claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStart(u64);

impl KeyStart {
    /// How many of the bits.
    pub const BITS: u32 = 48;

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

    /// The bits, in the lower end of a number.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }
}

/// The start of a place: its period, and half of its key. Nearly always it tells places apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceStart {
    /// Platform and period.
    pub period: u32,
    /// The first 64 bits.
    pub key: u64,
}

/// Signed numbers in the order of unsigned ones.
fn ordered(number: i16) -> u32 {
    u32::from(number.cast_unsigned() ^ (1 << 15))
}

impl PlaceStart {
    /// The start of a place.
    #[must_use]
    pub fn of(place: Place) -> Self {
        const FEW: &str = "it is half of the bits";
        Self {
            period: ordered(place.platform.0) << 16 | ordered(place.period.index()),
            key: u64::try_from(place.key.0 >> 64).expect(FEW),
        }
    }

    /// The start of the same id's place in another period.
    #[must_use]
    pub fn in_period(self, period: Period) -> Self {
        let platform = self.period & !u32::from(u16::MAX);
        Self {
            period: platform | ordered(period.index()),
            ..self
        }
    }

    /// The bits of the platform.
    #[must_use]
    pub fn platform(self) -> u32 {
        self.period >> 16
    }

    /// The bits of the period.
    #[must_use]
    pub fn period_bits(self) -> u16 {
        u16::try_from(self.period & u32::from(u16::MAX)).expect("the other bits are cut off")
    }

    /// The period of such bits.
    #[must_use]
    pub fn read_period(bits: u16) -> Option<Period> {
        Period::from_index((bits ^ (1 << 15)).cast_signed()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_start_of_the_hash_of_the_id() {
        // printf 'r-1' | sha256sum
        let key = RecordKey::of("r-1");
        assert_eq!(
            format!("{:032x}", key.0),
            "a5fa777a3dc67268caea6eea038ba141"
        );
    }

    #[test]
    fn a_start_is_the_first_six_bytes() {
        let key = RecordKey(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
        assert_eq!(KeyStart::of(key), KeyStart(0x0102_0304_0506));
        assert_eq!(KeyStart::from_bytes(1, [2, 3, 4, 5, 6]), KeyStart::of(key));
    }
}
