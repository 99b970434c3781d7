//! A platform's own receipt, and whether the service's agrees with it.
//!
//! By the words of the contract (`gazelle/usage/v1/resources.proto`, `Receipt`) alone, not with the
//! service's code: who is checked does not check itself.

use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::UsageRecord;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::output::thousands;
use crate::words;

/// Count, sum and digest of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    record_count: i64,
    /// None where a service could only say that it leaves 64 bits.
    total_fen: Option<i128>,
    /// Two halves of 128 bits, the upper one first.
    digest: [u128; 2],
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            record_count: 0,
            total_fen: Some(0),
            digest: [0; 2],
        }
    }
}

impl Sum {
    /// Of one record.
    #[must_use]
    pub fn of(platform: &str, period: &str, record: &UsageRecord) -> Self {
        let amount = record.amount_fen.to_string();
        let parts = [
            platform,
            period,
            &record.record_id,
            &record.merchant_id,
            &record.fee_kind,
            &record.occurred_on,
            &amount,
            &record.reverses_record_id,
        ];
        let mut hash = Sha256::new();
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                hash.update([0x1f]);
            }
            hash.update(part);
        }
        Self {
            record_count: 1,
            total_fen: Some(record.amount_fen.into()),
            digest: halves(&hash.finalize()),
        }
    }

    /// As a service says it. Refused as `RECEIPT_UNREADABLE`.
    pub fn read(receipt: &Receipt) -> Result<Self, Failure> {
        let digest = hex::decode(&receipt.digest)
            .ok()
            .filter(|digest| digest.len() == 32)
            .ok_or_else(|| {
                let message = words::DIGEST_OF_SERVICE.with(&[("digest", &receipt.digest)]);
                Failure::new("RECEIPT_UNREADABLE", message)
            })?;
        let ends = [i64::MIN, i64::MAX];
        Ok(Self {
            record_count: receipt.record_count,
            total_fen: Some(receipt.total_fen)
                .filter(|total| !ends.contains(total))
                .map(i128::from),
            digest: halves(&digest),
        })
    }

    /// How many records.
    #[must_use]
    pub fn record_count(&self) -> i64 {
        self.record_count
    }

    /// Their sum in fen, as a service would tell it: the end of the range that it leaves. None
    /// where a service could only tell that.
    #[must_use]
    pub fn total_fen(&self) -> Option<i64> {
        let within = |total: i128| total.clamp(i64::MIN.into(), i64::MAX.into());
        self.total_fen
            .and_then(|total| i64::try_from(within(total)).ok())
    }

    /// What tells this record from all others.
    #[must_use]
    pub fn key(&self) -> u128 {
        self.digest[0]
    }

    /// With the other's records too.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let [upper, lower] = other.digest;
        let (low, carry) = self.digest[1].overflowing_add(lower);
        let high = self.digest[0].wrapping_add(upper);
        Self {
            record_count: self.record_count.saturating_add(other.record_count),
            total_fen: self.total_fen.zip(other.total_fen).map(|(a, b)| a + b),
            digest: [high.wrapping_add(carry.into()), low],
        }
    }

    /// Without the other's records, all of which it has.
    #[must_use]
    fn minus(&self, other: &Self) -> Self {
        let [upper, lower] = other.digest;
        let (low, borrow) = self.digest[1].overflowing_sub(lower);
        let high = self.digest[0].wrapping_sub(upper);
        Self {
            record_count: self.record_count.saturating_sub(other.record_count),
            total_fen: self.total_fen.zip(other.total_fen).map(|(a, b)| a - b),
            digest: [high.wrapping_sub(borrow.into()), low],
        }
    }

    /// Whether both are of the same records, as far as both can say.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let totals = self.total_fen.zip(other.total_fen);
        self.record_count == other.record_count
            && self.digest == other.digest
            && totals.is_none_or(|(one, another)| one == another)
    }

    /// The sum as null where it is not known.
    #[must_use]
    pub fn json(&self) -> Value {
        let total = self.total_fen.and_then(|total| i64::try_from(total).ok());
        let [upper, lower] = self.digest;
        json!({
            "record_count": self.record_count,
            "total_fen": total,
            "digest": format!("{upper:032x}{lower:032x}"),
        })
    }
}

fn halves(digest: &[u8]) -> [u128; 2] {
    let half = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u128::from(*byte));
    [half(&digest[..16]), half(&digest[16..])]
}

/// What was reported, and what the service's receipt said of the period before and after.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// What the period held before anything was sent.
    pub before: Sum,
    /// What the newest acknowledgement says that it holds.
    pub after: Sum,
    /// Records that were acknowledged as new.
    pub accepted: Sum,
    /// Records that were acknowledged as there already.
    pub duplicates: Sum,
    /// Those duplicates that were sent before on a stream that was cut: they may be new.
    pub again: Sum,
    /// Whether the service refused any.
    pub refused: bool,
}

/// Whether the service's receipt shows what it acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The period is what was acknowledged, to the record.
    WholePeriod,
    /// The period grew by what was accepted, to the record.
    Increase,
    /// It may: others reported for the period too, in the meantime.
    Undecided,
    /// It does not, and why that is certain.
    Mismatch(String),
}

impl Check {
    /// What programs read that it came to.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WholePeriod => "WHOLE_PERIOD",
            Self::Increase => "INCREASE",
            Self::Undecided => "UNDECIDED",
            Self::Mismatch(_) => "MISMATCH",
        }
    }

    /// A mismatch is a failure.
    pub fn agreed(self) -> Result<(), Failure> {
        let Self::Mismatch(why) = self else {
            return Ok(());
        };
        let failure = Failure::new("RECEIPT_MISMATCH", why);
        Err(failure.hint(words::RECEIPT_LACKS.say()))
    }
}

impl Tally {
    /// All that were acknowledged as held.
    #[must_use]
    pub fn taken(&self) -> Sum {
        self.accepted.plus(&self.duplicates)
    }

    /// Whether [`check`](Self::check) is to know which records the file repeats: a record that is
    /// there twice was acknowledged twice, and is held once.
    #[must_use]
    pub fn depends_on_repeats(&self) -> bool {
        let taken = self.taken();
        self.duplicates.record_count > 0
            && taken.record_count >= self.after.record_count
            && !taken.agrees(&self.after)
    }

    /// `repeats` are the second and later appearances of records in what was sent, or are not
    /// known. A mismatch is told only where nothing that others do can explain it.
    #[must_use]
    pub fn check(&self, repeats: Option<&Sum>) -> Check {
        let after = &self.after;
        let least = self.before.plus(&self.accepted);
        let figures = |sum: &Sum| thousands(sum.record_count);
        if after.record_count < least.record_count {
            return Check::Mismatch(words::HELD_LESS.with(&[
                ("before", &figures(&self.before)),
                ("accepted", &figures(&self.accepted)),
                ("after", &figures(after)),
            ]));
        }
        // As many as that, so nobody else reported.
        if after.record_count == least.record_count && !least.agrees(after) {
            let message = words::HELD_OTHERS.with(&[("after", &figures(after))]);
            return Check::Mismatch(message);
        }
        let whole = self.taken().minus(repeats.unwrap_or(&Sum::default()));
        if whole.agrees(after) {
            return Check::WholePeriod;
        }
        if repeats.is_some() || self.duplicates.record_count == 0 {
            let held = whole.record_count;
            // Where a refused record is one of those that are repeated, there may be more.
            let exact = !self.refused || repeats.is_none_or(|repeats| repeats.record_count == 0);
            if held > after.record_count || exact && held == after.record_count {
                if held == after.record_count {
                    let message = words::HELD_OTHERS.with(&[("after", &figures(after))]);
                    return Check::Mismatch(message);
                }
                return Check::Mismatch(words::ACKNOWLEDGED_MORE.with(&[
                    ("acknowledged", &thousands(held)),
                    ("after", &figures(after)),
                ]));
            }
        }
        if least.agrees(after) || least.plus(&self.again).agrees(after) {
            return Check::Increase;
        }
        Check::Undecided
    }
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
