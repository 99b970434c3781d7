//! What transactions begin with: among others the role that they become, since the service's login
//! itself may read and write nothing. One that writes is `gazelle_usage_writer`; one that reads for
//! officials `gazelle_usage_staff`; and one that reads for a platform [`PLATFORM_ROLE`], which sees
//! its rows alone.

use std::{sync::LazyLock, time::Duration};

use gazelle_runtime::{audit::Roles, store::StoreError};
use sqlx::{Executor, PgConnection};

use crate::tuning::{
    LONG_IDLE_WAIT, LONG_LOCK_WAIT, LONG_STATEMENT_WAIT, SEALING_IDLE_WAIT, SHORT_LOCK_WAIT,
    SHORT_STATEMENT_WAIT,
};

/// What a transaction becomes that reads for a platform.
pub const PLATFORM_ROLE: &str = "gazelle_usage_platform";

/// What transactions of the trail become.
pub const TRAIL_ROLES: Roles = Roles {
    reader: Some("gazelle_usage_staff"),
    writer: Some("gazelle_usage_writer"),
};

/// How sums over many records are planned.
const PLAN_SUMS: &str = "set local enable_nestloop = off; set local enable_sort = off; \
                         set local enable_indexscan = off; set local jit = off; \
                         set local max_parallel_workers_per_gather = 0; \
                         set local work_mem = '64MB'";

/// What begins those whose times are bounded here.
static SHORT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "begin; set local role gazelle_usage_writer; {}; {}",
        bound("lock_timeout", SHORT_LOCK_WAIT),
        bound("statement_timeout", SHORT_STATEMENT_WAIT),
    )
});

static LONG: LazyLock<String> = LazyLock::new(|| long(LONG_IDLE_WAIT));

static LONG_READ: LazyLock<String> = LazyLock::new(|| {
    format!(
        "begin isolation level repeatable read, read only; \
         set local role gazelle_usage_staff; {}; {}",
        bound("statement_timeout", LONG_STATEMENT_WAIT),
        bound("idle_in_transaction_session_timeout", LONG_IDLE_WAIT),
    )
});

static SEALING: LazyLock<String> =
    LazyLock::new(|| format!("{}; {PLAN_SUMS}", long(SEALING_IDLE_WAIT)));

fn long(idle: Duration) -> String {
    format!(
        "begin; set local role gazelle_usage_writer; {}; {}; {}",
        bound("lock_timeout", LONG_LOCK_WAIT),
        bound("statement_timeout", LONG_STATEMENT_WAIT),
        bound("idle_in_transaction_session_timeout", idle),
    )
}

/// Bounds what a transaction waits for, as the setting of that name does.
fn bound(setting: &str, wait: Duration) -> String {
    format!("set local {setting} = '{}s'", wait.as_secs())
}

/// A kind of transaction: how long it may take, and how its statements are planned.
#[derive(Debug, Clone, Copy)]
pub enum TransactionKind {
    /// With little time for each lock and statement: others wait for this one.
    Short,
    /// With time to go through a whole period: withdrawing.
    Long,
    /// Sees one moment of all rows, and changes nothing.
    Read,
    /// Likewise, with as much time: reading the totals of years.
    LongRead,
    /// Writes as [`Long`](Self::Long), and with up to 128 MiB for sums: sealing. The statistics may
    /// be of a time before the period's records came. Taking it for empty, the planner would
    /// compare each record with each, or sort them all, or go through them in the order of their
    /// keys, which is none of the table's. What it must do all the same it takes for dear enough to
    /// be compiled, which would cost a second for each statement.
    Sealing,
}

impl TransactionKind {
    /// What begins such a transaction, in one exchange with the database.
    #[must_use]
    pub fn begin(self) -> &'static str {
        match self {
            Self::Short => &SHORT,
            Self::Long => &LONG,
            Self::Read => {
                "begin isolation level repeatable read, read only; \
                 set local role gazelle_usage_staff"
            }
            Self::LongRead => &LONG_READ,
            Self::Sealing => &SEALING,
        }
    }
}

/// Lets a transaction that has just begun see one moment, and change nothing.
pub async fn read_one_moment(tx: &mut PgConnection) -> Result<(), StoreError> {
    tx.execute("set transaction isolation level repeatable read, read only")
        .await?;
    Ok(())
}

/// Lets the statements of a transaction, or of what was saved of it last, be planned as those of
/// [`Sealing`](TransactionKind::Sealing) are.
pub async fn plan_sums(tx: &mut PgConnection) -> Result<(), StoreError> {
    tx.execute(PLAN_SUMS).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_begins_with_its_role_and_bounds() {
        assert_eq!(
            TransactionKind::Short.begin(),
            "begin; set local role gazelle_usage_writer; set local lock_timeout = '3s'; \
             set local statement_timeout = '30s'"
        );
        assert_eq!(
            TransactionKind::Long.begin(),
            "begin; set local role gazelle_usage_writer; set local lock_timeout = '10s'; \
             set local statement_timeout = '1800s'; \
             set local idle_in_transaction_session_timeout = '120s'"
        );
        assert!(TransactionKind::Sealing.begin().ends_with(PLAN_SUMS));
    }
}
