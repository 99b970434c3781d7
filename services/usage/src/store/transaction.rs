//! What transactions begin with: among others the role that they become, since the service's login
//! itself may read and write nothing. One that writes is `gazelle_usage_writer`; one that reads for
//! officials `gazelle_usage_staff`; and one that reads for a platform sees its rows alone
//! ([`read_for`]).

use gazelle_kernel::PlatformId;
use gazelle_runtime::{
    audit::Roles,
    store::{StoreError, snapshot_for},
};
use sqlx::{Executor, PgConnection, PgPool, Postgres};

/// What transactions of the trail become.
pub const TRAIL_ROLES: Roles = Roles {
    reader: Some("gazelle_usage_staff"),
    writer: Some("gazelle_usage_writer"),
};

/// A kind of transaction: how long it may take, and how its statements are planned.
#[derive(Debug, Clone, Copy)]
pub enum Transaction {
    /// 3 s for each lock, 30 s for each statement: others wait for this one.
    Short,
    /// 10 s for each lock, 30 min for each statement: withdrawing.
    Long,
    /// Sees one moment of all rows, and changes nothing.
    Read,
    /// Likewise, with 30 min for each statement: reading the totals of years.
    LongRead,
    /// Writes as [`Long`](Self::Long), and with up to 128 MiB for sums: sealing. The statistics may
    /// be of a time before the period's records came. Taking it for empty, the planner would
    /// compare each record with each, or sort them all, or go through them in the order of their
    /// keys, which is none of the table's. What it must do all the same it takes for dear enough to
    /// be compiled, which would cost a second for each statement.
    Sealing,
}

impl Transaction {
    /// What begins such a transaction, in one exchange with the database.
    #[must_use]
    pub fn begin(self) -> &'static str {
        match self {
            Self::Short => {
                "begin; set local role gazelle_usage_writer; \
                 set local lock_timeout = '3s'; set local statement_timeout = '30s'"
            }
            Self::Long => {
                "begin; set local role gazelle_usage_writer; \
                 set local lock_timeout = '10s'; set local statement_timeout = '30min'; \
                 set local idle_in_transaction_session_timeout = '2min'"
            }
            Self::Read => {
                "begin isolation level repeatable read, read only; \
                 set local role gazelle_usage_staff"
            }
            Self::LongRead => {
                "begin isolation level repeatable read, read only; \
                 set local role gazelle_usage_staff; set local statement_timeout = '30min'; \
                 set local idle_in_transaction_session_timeout = '2min'"
            }
            Self::Sealing => {
                "begin; set local role gazelle_usage_writer; \
                 set local lock_timeout = '10s'; set local statement_timeout = '30min'; \
                 set local idle_in_transaction_session_timeout = '10min'; \
                 set local enable_nestloop = off; set local enable_sort = off; \
                 set local enable_indexscan = off; set local jit = off; \
                 set local max_parallel_workers_per_gather = 0; set local work_mem = '64MB'"
            }
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
/// [`Sealing`](Transaction::Sealing) are.
pub async fn plan_sums(tx: &mut PgConnection) -> Result<(), StoreError> {
    tx.execute(
        "set local enable_nestloop = off; set local enable_sort = off; \
         set local enable_indexscan = off; set local jit = off; \
         set local max_parallel_workers_per_gather = 0; set local work_mem = '64MB'",
    )
    .await?;
    Ok(())
}

/// Begins a transaction that reads for a platform: it sees one moment of what is of that platform,
/// and changes nothing.
pub async fn read_for(
    pool: &PgPool,
    platform: &PlatformId,
) -> Result<sqlx::Transaction<'static, Postgres>, StoreError> {
    snapshot_for(pool, "gazelle_usage_platform", platform).await
}
