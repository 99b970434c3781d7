//! What is stored of periods, column by column, whatever it is: somebody whom no check stops may
//! have written it.

use gazelle_kernel::Instant;

use crate::domain::{key::PlatformPeriod, receipt::Receipt, statement::Statement};

/// The columns of a statement: all four, or none, unless somebody else wrote them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementColumns {
    pub record_count: Option<i64>,
    pub total_fen: Option<i64>,
    pub stated_at: Option<Instant>,
    pub stated_by: Option<String>,
}

impl From<Option<&Statement>> for StatementColumns {
    fn from(statement: Option<&Statement>) -> Self {
        let Some(statement) = statement else {
            return Self::default();
        };
        Self {
            record_count: Some(statement.record_count),
            total_fen: Some(statement.total.get()),
            stated_at: Some(statement.stated_at),
            stated_by: Some(statement.stated_by.to_string()),
        }
    }
}

/// The row of a period, and what was withdrawn of it.
#[derive(Debug, Clone)]
pub struct StoredPeriod {
    pub period: PlatformPeriod,
    /// What the row says is held.
    pub received: Receipt,
    pub refused_count: i64,
    pub refused_by_seal_count: i64,
    pub withdrawal_count: i32,
    pub statement: StatementColumns,
    pub sealed_at: Option<Instant>,
    pub sealed_by: Option<String>,
    pub seal_digest: Option<Vec<u8>>,
    /// By their numbers.
    pub withdrawals: Vec<StoredWithdrawal>,
}

/// The row of a withdrawal.
#[derive(Debug, Clone)]
pub struct StoredWithdrawal {
    /// Which of the period's.
    pub number: i32,
    pub withdrawn_at: Instant,
    pub withdrawn_by: String,
    pub withdrawn: Receipt,
    pub refused_count: i64,
    pub statement: StatementColumns,
}
