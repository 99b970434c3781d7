//! Objections to runs.

use gazelle_kernel::{Actor, Instant, Uscc};
use gazelle_runtime::store::{StoreError, expect_rows};
use sqlx::PgConnection;
use uuid::Uuid;

use super::column;
use crate::domain::objection::{Decision, Objection};

/// An enterprise's objection to a run.
pub async fn find(
    tx: &mut PgConnection,
    run_id: Uuid,
    uscc: &Uscc,
) -> Result<Option<Objection>, StoreError> {
    let row = sqlx::query_as!(
        ObjectionRow,
        "select uscc, statement, state, raised_by, raised_at, decided_by, decided_at, decision
         from objection where run_id = $1 and uscc = $2",
        run_id,
        uscc.as_str()
    )
    .fetch_optional(tx)
    .await?;
    row.map(ObjectionRow::read).transpose()
}

/// Objections to a run after a key, by enterprise; without a limit all.
pub async fn page(
    tx: &mut PgConnection,
    run_id: Uuid,
    after: Option<&Uscc>,
    limit: Option<i64>,
) -> Result<Vec<Objection>, StoreError> {
    let rows = sqlx::query_as!(
        ObjectionRow,
        "select uscc, statement, state, raised_by, raised_at, decided_by, decided_at, decision
         from objection
         where run_id = $1 and uscc > $2
         order by uscc
         limit $3",
        run_id,
        after.map_or("", Uscc::as_str),
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(ObjectionRow::read).collect()
}

/// Whether an objection to a run waits for a decision.
pub async fn any_open(tx: &mut PgConnection, run_id: Uuid) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        r#"select exists (select from objection where run_id = $1 and state = 'open') as "open!""#,
        run_id
    )
    .fetch_one(tx)
    .await?;
    Ok(row.open)
}

/// Adds an open objection.
pub async fn insert(
    tx: &mut PgConnection,
    run_id: Uuid,
    objection: &Objection,
) -> Result<(), StoreError> {
    let inserted = sqlx::query!(
        "insert into objection (run_id, uscc, statement, state, raised_by, raised_at)
         values ($1, $2, $3, 'open', $4, $5)",
        run_id,
        objection.uscc.as_str(),
        objection.statement,
        objection.raised_by.as_str(),
        objection.raised_at
    )
    .execute(tx)
    .await?;
    expect_rows("objection", &inserted, 1)
}

/// Saves what came of an objection.
pub async fn decide(
    tx: &mut PgConnection,
    run_id: Uuid,
    uscc: &Uscc,
    decision: &Decision,
) -> Result<(), StoreError> {
    let result = sqlx::query!(
        "update objection set state = $3, decided_by = $4, decided_at = $5, decision = $6
         where run_id = $1 and uscc = $2",
        run_id,
        uscc.as_str(),
        if decision.upheld {
            "upheld"
        } else {
            "dismissed"
        },
        decision.by.as_str(),
        decision.at,
        decision.text
    )
    .execute(tx)
    .await?;
    expect_rows("objection", &result, 1)
}

struct ObjectionRow {
    uscc: String,
    statement: String,
    state: String,
    raised_by: String,
    raised_at: Instant,
    decided_by: Option<String>,
    decided_at: Option<Instant>,
    decision: Option<String>,
}

impl ObjectionRow {
    fn read(self) -> Result<Objection, StoreError> {
        let upheld = match self.state.as_str() {
            "open" => None,
            "upheld" => Some(true),
            "dismissed" => Some(false),
            state => return Err(StoreError::corrupt("objection.state", state.to_owned())),
        };
        let decision = match (upheld, self.decision, self.decided_by, self.decided_at) {
            (Some(upheld), Some(text), Some(by), Some(at)) => Some(Decision {
                upheld,
                text,
                by: Actor::new(by),
                at,
            }),
            _ => None,
        };
        Ok(Objection {
            uscc: column::uscc("objection.uscc", &self.uscc)?,
            statement: self.statement,
            raised_by: Actor::new(self.raised_by),
            raised_at: self.raised_at,
            decision,
        })
    }
}
