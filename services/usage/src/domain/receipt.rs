//! What some records come to: count, sum, and a digest that does not depend on the order.

use super::hash::sha256;

/// SHA-256 of a record's canonical form, as a number of 256 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordHash([u8; 32]);

impl RecordHash {
    /// The hash of a canonical form.
    #[must_use]
    pub fn of(form: &[u8]) -> Self {
        Self(sha256(form))
    }
}

/// Count, sum and digest of some records; `gazelle/usage/v1/resources.proto`, `Receipt`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Receipt {
    pub record_count: i64,
    /// Their sum in fen. As many records as fit a table stay within 128 bits.
    pub total_fen: i128,
    /// The sum of their hashes modulo 2^256, big-endian.
    pub digest: [u8; 32],
}

impl Receipt {
    /// With one more record.
    pub fn add(&mut self, fen: i64, hash: RecordHash) {
        self.merge(&Self {
            record_count: 1,
            total_fen: fen.into(),
            digest: hash.0,
        });
    }

    /// With the other's records too.
    pub fn merge(&mut self, other: &Self) {
        self.record_count += other.record_count;
        self.total_fen += other.total_fen;
        let ((high, low), (more_high, more_low)) = (halves(&self.digest), halves(&other.digest));
        let (low, carry) = low.overflowing_add(more_low);
        let high = high.wrapping_add(more_high).wrapping_add(carry.into());
        self.digest[..16].copy_from_slice(&high.to_be_bytes());
        self.digest[16..].copy_from_slice(&low.to_be_bytes());
    }

    /// Without the other's records, all of which it has.
    pub fn take_out(&mut self, other: &Self) {
        // The complement to 2^256: every bit turned, and one more.
        let mut complement = Self {
            record_count: -other.record_count,
            total_fen: -other.total_fen,
            digest: other.digest.map(|byte| !byte),
        };
        let mut one = Self::default();
        one.digest[31] = 1;
        complement.merge(&one);
        self.merge(&complement);
    }

    /// Whether the sum leaves 64 bits, so that no statement can say it.
    #[must_use]
    pub fn is_beyond_64_bits(&self) -> bool {
        i64::try_from(self.total_fen).is_err()
    }

    /// The sum in 64 bits; where it leaves them, the end that it left.
    #[must_use]
    pub fn total_fen_saturated(&self) -> i64 {
        let end = if self.total_fen < 0 {
            i64::MIN
        } else {
            i64::MAX
        };
        i64::try_from(self.total_fen).unwrap_or(end)
    }

    /// Whether it is the one that was shown.
    #[must_use]
    pub fn is_shown_by(&self, shown: &ShownReceipt) -> bool {
        ShownReceipt::from(self) == *shown
    }
}

/// A receipt as platforms see it: its sum within 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownReceipt {
    pub record_count: i64,
    /// Their sum; where it leaves 64 bits, the end that it left.
    pub total_fen: i64,
    /// The sum of their hashes.
    pub digest: [u8; 32],
}

impl From<&Receipt> for ShownReceipt {
    fn from(receipt: &Receipt) -> Self {
        Self {
            record_count: receipt.record_count,
            total_fen: receipt.total_fen_saturated(),
            digest: receipt.digest,
        }
    }
}

/// What is held of a period, and which of its states that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodReceipt {
    pub receipt: Receipt,
    /// Rises with each change: of two receipts, which is newer.
    pub revision: i64,
}

/// The upper and the lower 128 bits of a number.
fn halves(number: &[u8; 32]) -> (u128, u128) {
    let (high, low) = number
        .split_first_chunk()
        .expect("32 bytes are more than 16");
    let low = low.try_into().expect("16 of 32 bytes are left");
    (u128::from_be_bytes(*high), u128::from_be_bytes(low))
}

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{fee, form, reversal},
        *,
    };

    fn hash(id: &str) -> RecordHash {
        form("2017-03").hash(fee(id, 1).as_ref())
    }

    fn hex(receipt: &Receipt) -> String {
        ::hex::encode(receipt.digest)
    }

    #[test]
    fn the_worked_example_of_the_contract_holds() {
        let record = fee("r-1", 1990);
        let mut receipt = Receipt::default();
        let hash = form("2017-03").hash(record.as_ref());
        receipt.add(record.amount.get(), hash);
        assert_eq!(
            hex(&receipt),
            "f31f3920f567a840e1e170d1f5d4667e4c2c7cd77150db7a23a81b0bd934ce77"
        );
        assert_eq!((receipt.record_count, receipt.total_fen), (1, 1990));
    }

    #[test]
    fn what_a_record_reverses_is_part_of_its_form() {
        let mut form = form("2017-03");
        // What was written before leaves nothing behind.
        form.text(fee("a much longer id than the next one's", 1).as_ref());
        let form = form.text(reversal("r-2", "r-1", -5).as_ref());
        assert_eq!(
            String::from_utf8(form.to_vec())
                .unwrap()
                .replace('\u{1f}', "|"),
            "alpha-mall|2017-03|r-2|shop-7|COMMISSION|2017-03-05|-5|r-1"
        );
    }

    #[test]
    fn the_order_does_not_matter_and_taking_out_undoes_adding() {
        let (mut one, mut other) = (Receipt::default(), Receipt::default());
        for id in ["a", "b", "c"] {
            one.add(1, hash(id));
        }
        for id in ["c", "a", "b"] {
            other.add(1, hash(id));
        }
        assert_eq!(one, other);
        for id in ["b", "c", "a"] {
            let mut only = Receipt::default();
            only.add(1, hash(id));
            one.take_out(&only);
        }
        assert_eq!(one, Receipt::default());
    }

    #[test]
    fn the_digest_wraps_at_256_bits() {
        let most = Receipt {
            digest: [0xff; 32],
            ..Receipt::default()
        };
        let mut receipt = most;
        receipt.merge(&most);
        assert_eq!(receipt.digest, {
            let mut digest = [0xff; 32];
            digest[31] = 0xfe;
            digest
        });
        receipt.take_out(&most);
        assert_eq!(receipt, most);
    }

    #[test]
    fn a_sum_beyond_64_bits_shows_the_end_that_it_left() {
        for (total_fen, shown) in [
            (i128::from(i64::MAX) + 1, i64::MAX),
            (i128::from(i64::MIN) - 1, i64::MIN),
            (-7, -7),
        ] {
            let receipt = Receipt {
                total_fen,
                ..Receipt::default()
            };
            assert_eq!(receipt.total_fen_saturated(), shown);
        }
    }
}
