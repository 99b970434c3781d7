//! A platform's month as a whole: what is held, what was stated, what was sealed.

use gazelle_kernel::{Fen, Period, PlatformId};
use time::OffsetDateTime;

use super::Receipt;

/// What is known of a platform's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub platform_id: PlatformId,
    /// Which month.
    pub period: Period,
    /// The accepted records.
    pub received: Receipt,
    /// Refused records that are kept for it.
    pub refused_count: i64,
    /// What the platform says it reported.
    pub statement: Option<Statement>,
    /// What was fixed; none while it is open.
    pub seal: Option<Seal>,
}

/// What a platform says it reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// All its records, reversals too; 0 or more.
    pub record_count: i64,
    /// Their sum.
    pub total: Fen,
    /// When it was submitted.
    pub stated_at: OffsetDateTime,
    /// By whom.
    pub stated_by: String,
}

/// Who fixed a period, and its digest; count and sum are the account's, which no longer change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// When.
    pub sealed_at: OffsetDateTime,
    /// By whom.
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
    /// Nothing to compare with.
    #[error("the platform has not stated its totals")]
    NotStated,
    /// Statement and records differ.
    #[error("what was received differs from the platform's statement")]
    StatementMismatch(Box<Account>),
}

impl Account {
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
    use super::{super::record::tests::period, *};

    fn account(received: (i64, i128), stated: Option<(i64, i64)>) -> Account {
        Account {
            platform_id: PlatformId::parse("alpha-mall").unwrap(),
            period: period("2017-03"),
            received: Receipt {
                record_count: received.0,
                total_fen: received.1,
                digest: [0; 32],
            },
            refused_count: 9,
            statement: stated.map(|(record_count, fen)| Statement {
                record_count,
                total: Fen::new(fen),
                stated_at: OffsetDateTime::UNIX_EPOCH,
                stated_by: "platform:alpha-mall".into(),
            }),
            seal: None,
        }
    }

    fn sealed(account: Account) -> Account {
        let seal = Seal {
            sealed_at: OffsetDateTime::UNIX_EPOCH,
            sealed_by: "person:olga".into(),
            digest: [1; 32],
        };
        Account {
            seal: Some(seal),
            ..account
        }
    }

    #[test]
    fn count_and_sum_must_agree() {
        assert_eq!(account((2, 5), None).compare(), Err(SealRefusal::NotStated));
        assert_eq!(account((2, 5), Some((2, 5))).compare(), Ok(()));
        let beyond = i128::from(i64::MAX) + 1;
        for (received, stated) in [
            ((2, 5), (3, 5)),
            ((2, 5), (2, 6)),
            ((2, beyond), (2, i64::MAX)),
        ] {
            let account = account(received, Some(stated));
            let refusal = SealRefusal::StatementMismatch(Box::new(account.clone()));
            assert_eq!(account.compare(), Err(refusal));
        }
    }

    #[test]
    fn a_sealed_period_takes_only_the_statement_that_it_has() {
        let open = account((2, 5), Some((2, 5)));
        assert_eq!(open.takes(2, Fen::new(5)), Ok(false));
        assert_eq!(open.takes(3, Fen::new(5)), Ok(true));
        assert_eq!(account((2, 5), None).takes(2, Fen::new(5)), Ok(true));
        let sealed = sealed(open);
        assert_eq!(sealed.takes(2, Fen::new(5)), Ok(false));
        assert_eq!(sealed.takes(2, Fen::new(6)), Err(Sealed));
    }
}
