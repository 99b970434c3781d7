//! A platform's period as a whole: what is held, what was stated, withdrawn and sealed.

use std::fmt;

use gazelle_kernel::{Fen, Instant, Period, PlatformId};

use super::{key::PlatformPeriod, receipt::Receipt};

/// Which period of which platform, as people and the trail name it: `PLATFORM YYYY-MM`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeriodName {
    pub platform_id: PlatformId,
    pub period: Period,
}

impl PeriodName {
    /// That period of that platform.
    #[must_use]
    pub fn new(platform_id: &PlatformId, period: Period) -> Self {
        Self {
            platform_id: platform_id.clone(),
            period,
        }
    }

    /// Reads what was written as a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (platform_id, period) = text.split_once(' ')?;
        Some(Self {
            platform_id: PlatformId::parse(platform_id).ok()?,
            period: Period::parse(period).ok()?,
        })
    }
}

impl fmt::Display for PeriodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.platform_id, self.period)
    }
}

/// What is known of a platform's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedPeriod {
    pub platform_id: PlatformId,
    pub period: Period,
    pub received: Receipt,
    /// Refused records that are kept for it.
    pub refused_count: i64,
    /// Of these, those that fell when a period was sealed.
    pub refused_by_seal_count: i64,
    /// What the platform says it reported.
    pub statement: Option<Statement>,
    /// What was fixed; none while it is open.
    pub seal: Option<Seal>,
    /// How often everything was withdrawn.
    pub withdrawal_count: i32,
}

/// A period with what is looked up beside it.
#[derive(Debug)]
pub struct PeriodDetails {
    pub period: ReportedPeriod,
    /// How many of its refused records are resolved; 0 in lists, which do not look.
    pub resolved_count: i64,
    pub last_withdrawal: Option<Withdrawal>,
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

/// Which periods to show.
#[derive(Debug, Clone, Default)]
pub struct PeriodSelection {
    /// Only these platforms'; none: all.
    pub platform_ids: Option<Vec<String>>,
    /// The first; none: from the beginning.
    pub from: Option<Period>,
    /// The last; none: through the end.
    pub through: Option<Period>,
    /// Only what comes after this one.
    pub after: Option<(PlatformId, Period)>,
    /// How many; none: all.
    pub limit: Option<i64>,
    /// Those of which nothing is held any more, since it was withdrawn, too.
    pub with_withdrawn: bool,
}

/// How far a period has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodProgress {
    pub period: PlatformPeriod,
    /// Rises with each change of its records.
    pub revision: i64,
    /// How many it has.
    pub record_count: i64,
    /// It has come to its end.
    pub is_sealed: bool,
}

/// What a platform took back of an open period as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Which of the period's, from 1.
    pub number: i32,
    pub withdrawn_at: Instant,
    pub withdrawn_by: String,
    pub withdrawn: Receipt,
    pub statement: Option<Statement>,
    /// Refused records that went with it.
    pub refused_count: i64,
}

/// Why a period cannot be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawRefusal {
    /// Nothing is held, stated or refused any more.
    #[error("the platform has neither reported nor stated anything for the period")]
    Empty,
    /// It is fixed.
    #[error("the period is sealed")]
    Sealed,
    /// Something else is held than the receipt says.
    #[error("what is held of the period is not what the receipt says")]
    ReceiptMismatch(Receipt),
}

/// What a platform says it reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// All its records, reversals too; 0 or more.
    pub record_count: i64,
    pub total: Fen,
    /// When it was submitted.
    pub stated_at: Instant,
    pub stated_by: String,
}

/// Who fixed a period, and its digest; count and sum are the period's, which no longer change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    pub sealed_at: Instant,
    pub sealed_by: String,
    /// SHA-256 over all records; `gazelle/usage/v1/resources.proto`, `Seal`.
    pub digest: [u8; 32],
}

/// The period takes no new statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period is sealed")]
pub struct Sealed;

/// Why a period cannot be sealed as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealRefusal {
    /// The month goes on.
    #[error("the month is not over in Asia/Shanghai")]
    NotOver(Period),
    /// Nothing to compare with.
    #[error("the platform has not stated its totals")]
    NotStated,
    /// Statement and records differ.
    #[error("what was received differs from the platform's statement")]
    StatementMismatch(Box<ReportedPeriod>),
    /// Something else is held than whoever seals it saw.
    #[error("what is held of the period is not what the receipt says")]
    ReceiptMismatch(Receipt),
}

impl ReportedPeriod {
    /// Whether a platform that means this receipt may withdraw it.
    pub fn withdrawable(&self, meant: &ShownReceipt) -> Result<(), WithdrawRefusal> {
        if self.seal.is_some() {
            return Err(WithdrawRefusal::Sealed);
        }
        if self.received.record_count == 0 && self.statement.is_none() {
            return Err(WithdrawRefusal::Empty);
        }
        if !self.is_shown_by(meant) {
            return Err(WithdrawRefusal::ReceiptMismatch(self.received));
        }
        Ok(())
    }

    /// Whether it holds what whoever seals it saw.
    pub fn compare_shown(&self, seen: &ShownReceipt) -> Result<(), SealRefusal> {
        if !self.is_shown_by(seen) {
            return Err(SealRefusal::ReceiptMismatch(self.received));
        }
        Ok(())
    }

    fn is_shown_by(&self, receipt: &ShownReceipt) -> bool {
        ShownReceipt::from(&self.received) == *receipt
    }

    /// Whether it now needs `statement` written down: not where it says the same again.
    pub fn takes(&self, record_count: i64, total: Fen) -> Result<bool, Sealed> {
        let same = self
            .statement
            .as_ref()
            .is_some_and(|old| (old.record_count, old.total) == (record_count, total));
        match self.seal {
            Some(_) if !same => Err(Sealed),
            Some(_) | None => Ok(!same),
        }
    }

    /// Compares the statement with what was received.
    pub fn compare(&self) -> Result<(), SealRefusal> {
        let statement = self.statement.as_ref().ok_or(SealRefusal::NotStated)?;
        let stated = (statement.record_count, i128::from(statement.total.get()));
        if stated == (self.received.record_count, self.received.total_fen) {
            return Ok(());
        }
        Err(SealRefusal::StatementMismatch(Box::new(self.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples::period, *};

    fn reported(received: (i64, i128), stated: Option<(i64, i64)>) -> ReportedPeriod {
        ReportedPeriod {
            platform_id: PlatformId::parse("alpha-mall").unwrap(),
            period: period("2017-03"),
            received: Receipt {
                record_count: received.0,
                total_fen: received.1,
                digest: [0; 32],
            },
            refused_count: 9,
            refused_by_seal_count: 2,
            withdrawal_count: 0,
            statement: stated.map(|(record_count, fen)| Statement {
                record_count,
                total: Fen::new(fen),
                stated_at: Instant::UNIX_EPOCH,
                stated_by: "platform:alpha-mall".into(),
            }),
            seal: None,
        }
    }

    fn sealed(open: ReportedPeriod) -> ReportedPeriod {
        let seal = Seal {
            sealed_at: Instant::UNIX_EPOCH,
            sealed_by: "person:olga".into(),
            digest: [1; 32],
        };
        ReportedPeriod {
            seal: Some(seal),
            ..open
        }
    }

    #[test]
    fn count_and_sum_must_agree() {
        assert_eq!(
            reported((2, 5), None).compare(),
            Err(SealRefusal::NotStated)
        );
        assert_eq!(reported((2, 5), Some((2, 5))).compare(), Ok(()));
        let beyond = i128::from(i64::MAX) + 1;
        for (received, stated) in [
            ((2, 5), (3, 5)),
            ((2, 5), (2, 6)),
            ((2, beyond), (2, i64::MAX)),
        ] {
            let period = reported(received, Some(stated));
            let refusal = SealRefusal::StatementMismatch(Box::new(period.clone()));
            assert_eq!(period.compare(), Err(refusal));
        }
    }

    #[test]
    fn a_sealed_period_takes_only_the_statement_that_it_has() {
        let open = reported((2, 5), Some((2, 5)));
        assert_eq!(open.takes(2, Fen::new(5)), Ok(false));
        assert_eq!(open.takes(3, Fen::new(5)), Ok(true));
        assert_eq!(reported((2, 5), None).takes(2, Fen::new(5)), Ok(true));
        let sealed = sealed(open);
        assert_eq!(sealed.takes(2, Fen::new(5)), Ok(false));
        assert_eq!(sealed.takes(2, Fen::new(6)), Err(Sealed));
    }

    #[test]
    fn only_what_is_held_and_open_is_withdrawn_and_only_as_its_receipt_says() {
        let open = reported((2, 5), Some((2, 5)));
        let meant = ShownReceipt::from(&open.received);
        assert_eq!(open.withdrawable(&meant), Ok(()));
        for other in [
            ShownReceipt {
                record_count: 3,
                ..meant
            },
            ShownReceipt {
                total_fen: 6,
                ..meant
            },
            ShownReceipt {
                digest: [1; 32],
                ..meant
            },
        ] {
            let mismatch = WithdrawRefusal::ReceiptMismatch(open.received);
            assert_eq!(open.withdrawable(&other), Err(mismatch));
        }
        assert_eq!(
            sealed(open).withdrawable(&meant),
            Err(WithdrawRefusal::Sealed)
        );
        let stated = reported((0, 0), Some((0, 0)));
        let nothing = ShownReceipt::from(&stated.received);
        assert_eq!(stated.withdrawable(&nothing), Ok(()));
        let empty = reported((0, 0), None);
        assert_eq!(empty.withdrawable(&nothing), Err(WithdrawRefusal::Empty));
    }
}
