//! How a trail's transactions begin.

use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

/// What a transaction becomes, where the service's login has no rights of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Roles {
    /// To read the trail.
    pub reader: Option<&'static str>,
    /// To append to it.
    pub writer: Option<&'static str>,
}

const READ: &str = "begin isolation level repeatable read, read only";

/// The whole of a trail may be long.
const WHOLE_READ: &str = "begin isolation level repeatable read, read only; \
                          set local statement_timeout = '30min'; \
                          set local idle_in_transaction_session_timeout = '2min'";

/// The tables of a trail. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pool: PgPool,
    roles: Roles,
}

type Begun = sqlx::Result<Transaction<'static, Postgres>>;

impl Tables {
    pub(super) fn new(pool: PgPool, roles: Roles) -> Self {
        Self { pool, roles }
    }

    /// Sees one moment, and changes nothing.
    pub(super) async fn read(&self) -> Begun {
        self.begin(READ, self.roles.reader).await
    }

    /// The same, for as long as it takes.
    pub(super) async fn read_whole(&self) -> Begun {
        self.begin(WHOLE_READ, self.roles.reader).await
    }

    pub(super) async fn append(&self) -> Begun {
        self.begin("begin", self.roles.writer).await
    }

    /// All in one exchange with the database.
    async fn begin(&self, begin: &'static str, role: Option<&'static str>) -> Begun {
        match role {
            None => self.pool.begin_with(begin).await,
            Some(role) => {
                let begin = format!("{begin}; set local role {role}");
                self.pool.begin_with(AssertSqlSafe(begin)).await
            }
        }
    }
}
