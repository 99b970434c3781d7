//! Speaks SQL: one statement a function, named after what it does.
//!
//! Whoever locks or writes several rows does so in the order of their keys, everywhere, so that
//! no two transactions wait for each other in a circle.

pub mod claim;
pub mod event;
pub mod figures;
pub mod kept;
pub mod name;
pub mod period;
pub mod record;
pub mod refused;
pub mod reversed;
pub mod row;
pub mod sealed_key;
pub mod sealed_total;

use gazelle_kernel::{ParseError, Period};
use sqlx::{Executor, PgConnection};

use crate::domain::{Place, PlatformNumber, PlatformPeriod, RecordKey};

/// What the store could not do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or did not answer.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// What was read is not so any more; a new attempt sees what is.
    #[error("another transaction changed what this one had read")]
    Raced,
    /// A period is sealed that was taken for open.
    #[error("a period was sealed meanwhile")]
    Sealed,
    /// What is stored is nothing that was ever written.
    #[error("{column} holds what was never written")]
    Corrupt {
        /// Where.
        column: &'static str,
        /// Why it can't be.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Something in `column` that can't be there.
    pub fn corrupt(
        column: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            column,
            source: source.into(),
        }
    }

    /// Whether a record stands already where one was to be inserted.
    #[must_use]
    pub fn is_record_present(&self) -> bool {
        self.database()
            .is_some_and(|error| error.constraint() == Some("record_pkey"))
    }

    /// Whether a lock was not given in the time allowed.
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        self.code().as_deref() == Some("55P03")
    }

    /// Whether a number left its range.
    #[must_use]
    pub fn is_out_of_range(&self) -> bool {
        self.code().as_deref() == Some("22003")
    }

    /// Whether the same transaction may succeed a little later: it was ended for another's sake,
    /// or the database was away.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let error = match self {
            Self::Database(error) => error,
            Self::Raced | Self::Sealed => return true,
            Self::Corrupt { .. } => return false,
        };
        if let Some(code) = self.code() {
            return ["08", "53", "57P"]
                .iter()
                .any(|class| code.starts_with(class))
                || ["40001", "40P01", "55P03", "57014", "25P03"].contains(&code.as_ref());
        }
        matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
        )
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.database()?.code()
    }

    fn database(&self) -> Option<&dyn sqlx::error::DatabaseError> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => Some(&**error),
            Self::Database(_) | Self::Raced | Self::Sealed | Self::Corrupt { .. } => None,
        }
    }
}

/// How long a transaction may take, and how its statements are planned.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// 3 s for each lock, 30 s for each statement: others wait for this one.
    Short,
    /// 10 s for each lock, 30 min for each statement: reading the totals of years.
    Long,
    /// Likewise, and with up to 128 MiB for sums: sealing. The statistics may be of a time before
    /// the period's records came. Taking it for empty, the planner would compare each record with
    /// each, or sort them all, or go through them in the order of their keys, which is none of
    /// the table's. What it must do all the same it takes for dear enough to be compiled, which
    /// would cost a second for each statement.
    Sealing,
}

impl Patience {
    /// What begins such a transaction, in one exchange with the database.
    #[must_use]
    pub fn begin(self) -> &'static str {
        match self {
            Self::Short => {
                "begin; set local lock_timeout = '3s'; set local statement_timeout = '30s'"
            }
            Self::Long => {
                "begin; set local lock_timeout = '10s'; set local statement_timeout = '30min'; \
                 set local idle_in_transaction_session_timeout = '2min'"
            }
            Self::Sealing => {
                "begin; set local lock_timeout = '10s'; set local statement_timeout = '30min'; \
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

/// A value that was checked before it was stored.
fn read<T>(column: &'static str, parsed: Result<T, ParseError>) -> Result<T, StoreError> {
    parsed.map_err(|error| StoreError::corrupt(column, error))
}

fn read_period(index: i16) -> Result<Period, StoreError> {
    read("period", Period::from_index(index))
}

fn read_digest(column: &'static str, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::corrupt(column, "a digest that has not 32 bytes"))
}

fn read_place(platform: i16, period: i16, key: uuid::Uuid) -> Result<Place, StoreError> {
    Ok(Place {
        platform: PlatformNumber(platform),
        period: read_period(period)?,
        key: RecordKey(key.as_u128()),
    })
}

/// Places as arrays, for `unnest`.
#[derive(Default)]
struct Places {
    platforms: Vec<i16>,
    periods: Vec<i16>,
    keys: Vec<uuid::Uuid>,
}

impl Extend<Place> for Places {
    fn extend<I: IntoIterator<Item = Place>>(&mut self, places: I) {
        for Place {
            platform,
            period,
            key,
        } in places
        {
            self.platforms.push(platform.0);
            self.periods.push(period.index());
            self.keys.push(uuid::Uuid::from_u128(key.0));
        }
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Self {
        let mut all = Self::default();
        all.extend(places);
        all
    }
}

/// Platforms' months as arrays, for `unnest`.
fn columns(of: impl IntoIterator<Item = PlatformPeriod>) -> (Vec<i16>, Vec<i16>) {
    of.into_iter()
        .map(|(platform, period)| (platform.0, period.index()))
        .unzip()
}
