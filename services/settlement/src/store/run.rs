//! Runs: where each stands, and its sums.

use std::collections::BTreeSet;

use gazelle_kernel::{Instant, Period, ProgramId, Year};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, digest, program_id, read, year};
use crate::domain::{
    rules::render::ResultDigest,
    rules::settle::Totals,
    run::{Actor, Approved, Cancelled, Computed, Open, Paid, Published, RunState},
};

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub run_id: Uuid,
    /// The program.
    pub program_id: ProgramId,
    /// Which of the program's runs, from 1.
    pub number: i32,
    /// The program year.
    pub year: Year,
    /// The last period that it reads.
    pub through: Period,
    /// The version of the program that decided it.
    pub program_version: i32,
    /// The version that its budget entry was taken from.
    pub budget_version: i32,
    /// The program's enrollments that it was decided from.
    pub enrollment_revision: i64,
    /// The registry's revision that it was decided from.
    pub registry_revision: i64,
    /// Its sums.
    pub totals: Totals,
    /// Where it stands.
    pub state: RunState,
}

/// A run. (`select *`: [`Row`] has all columns, which is checked when it compiles.)
pub async fn find(tx: &mut PgConnection, run_id: Uuid) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query_as!(Row, "select * from run where run_id = $1", run_id)
        .fetch_optional(tx)
        .await?;
    row.map(Row::read).transpose()
}

/// A run, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut PgConnection, run_id: Uuid) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select * from run where run_id = $1 for no key update",
        run_id
    )
    .fetch_optional(tx)
    .await?;
    row.map(Row::read).transpose()
}

/// The id of a program's open run.
pub async fn open(tx: &mut PgConnection, program: &ProgramId) -> Result<Option<Uuid>, StoreError> {
    let row = sqlx::query!(
        "select run_id from run where program_id = $1 and state in ('computed', 'published')",
        program.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| row.run_id))
}

/// The number of a program's last run; 0: none.
pub async fn last_number(tx: &mut PgConnection, program: &ProgramId) -> Result<i32, StoreError> {
    let row = sqlx::query!(
        r#"select coalesce(max(number), 0) as "number!" from run where program_id = $1"#,
        program.as_str()
    )
    .fetch_one(tx)
    .await?;
    Ok(row.number)
}

/// The period of the last approved run of a program and year.
pub async fn last_approved_through(
    tx: &mut PgConnection,
    program: &ProgramId,
    of_year: Year,
) -> Result<Option<Period>, StoreError> {
    let row = sqlx::query!(
        "select through from run
         where program_id = $1 and year = $2 and state = 'approved'
         order by number desc
         limit 1",
        program.as_str(),
        of_year.get()
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| read("run.through", Period::parse(&row.through)))
        .transpose()
}

/// Runs after a key, by program and number; of one program where it is named.
pub async fn page(
    tx: &mut PgConnection,
    of: Option<&ProgramId>,
    after: Option<(&ProgramId, i32)>,
    limit: i64,
) -> Result<Vec<Run>, StoreError> {
    let (after_program, after_number) = after.map_or(("", 0), |(id, number)| (id.as_str(), number));
    let rows = sqlx::query_as!(
        Row,
        "select * from run
         where ($1::text is null or program_id = $1) and (program_id, number) > ($2, $3)
         order by program_id, number
         limit $4",
        of.map(ProgramId::as_str),
        after_program,
        after_number,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Adds a computed run.
pub async fn insert(tx: &mut PgConnection, run: &Run) -> Result<(), StoreError> {
    let (history, digest) = (History::of(&run.state)?, run.state.digest());
    let totals = &run.totals;
    sqlx::query!(
        "insert into run (
             run_id, program_id, number, year, through, state, program_version, budget_version,
             enrollment_revision, registry_revision, computed_digest, digest, computed_by,
             computed_at, in_scope_fen, eligible_fen, excluded_fen, released_fen,
             granted_before_fen, available_fen, granted_fen, clawed_back_fen, unfunded_fen,
             line_fee_fen, line_government_fen, line_platform_fen, line_enterprise_fen)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27)",
        run.run_id,
        run.program_id.as_str(),
        run.number,
        run.year.get(),
        run.through.to_string(),
        history.state,
        run.program_version,
        run.budget_version,
        run.enrollment_revision,
        run.registry_revision,
        history.computed.digest.as_bytes(),
        digest.as_bytes(),
        history.computed.by.as_str(),
        history.computed.at,
        totals.in_scope_fen,
        totals.eligible_fen,
        totals.excluded_fen,
        totals.released_fen,
        totals.granted_before_fen,
        totals.available_fen,
        totals.granted_fen,
        totals.clawed_back_fen,
        totals.unfunded_fen,
        totals.line_fee_fen,
        totals.line_government_fen,
        totals.line_platform_fen,
        totals.line_enterprise_fen
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Saves where a run stands, and what an objection changes of its sums.
pub async fn update(tx: &mut PgConnection, run: &Run) -> Result<(), StoreError> {
    let (history, digest) = (History::of(&run.state)?, run.state.digest());
    let published = history.published;
    let changed_by: Vec<String> = published
        .iter()
        .flat_map(|p| &p.changed_by)
        .map(ToString::to_string)
        .collect();
    let totals = &run.totals;
    let result = sqlx::query!(
        "update run set state = $2, digest = $3, published_by = $4, published_at = $5,
                        notice_ends_at = $6, changed_by = $7, decided_by = $8, decided_at = $9,
                        granted_fen = $10, clawed_back_fen = $11, unfunded_fen = $12,
                        line_fee_fen = $13, line_government_fen = $14, line_platform_fen = $15,
                        line_enterprise_fen = $16
         where run_id = $1",
        run.run_id,
        history.state,
        digest.as_bytes(),
        published.map(|p| p.by.as_str()),
        published.map(|p| p.at),
        published.map(|p| p.notice_ends_at),
        &changed_by,
        history.decided.map(|(by, _)| by.as_str()),
        history.decided.map(|(_, at)| at),
        totals.granted_fen,
        totals.clawed_back_fen,
        totals.unfunded_fen,
        totals.line_fee_fen,
        totals.line_government_fen,
        totals.line_platform_fen,
        totals.line_enterprise_fen
    )
    .execute(tx)
    .await?;
    match result.rows_affected() {
        1 => Ok(()),
        rows => Err(StoreError::corrupt(
            "run.run_id",
            &format!("{} {rows} times", run.run_id),
        )),
    }
}

/// What a state tells, as the columns have it.
struct History<'a> {
    state: &'static str,
    computed: &'a Computed,
    published: Option<&'a Published>,
    decided: Option<(&'a Actor, Instant)>,
}

impl<'a> History<'a> {
    fn of(state: &'a RunState) -> Result<Self, StoreError> {
        let open = |state, computed| Self {
            state,
            computed,
            published: None,
            decided: None,
        };
        let published = |state, published: &'a Published, decided| Self {
            published: Some(published),
            decided,
            ..open(state, &published.computed)
        };
        Ok(match state {
            RunState::Computed(computed) => open("computed", computed),
            RunState::Published(notice) => published("published", notice, None),
            RunState::Approved(Approved {
                published: notice,
                by,
                at,
            }) => published("approved", notice, Some((by, *at))),
            RunState::Cancelled(Cancelled {
                was: Open::Computed(computed),
                by,
                at,
            }) => Self {
                decided: Some((by, *at)),
                ..open("cancelled", computed)
            },
            RunState::Cancelled(Cancelled {
                was: Open::Published(notice),
                by,
                at,
            }) => published("cancelled", notice, Some((by, *at))),
            RunState::Paid(Paid { at, .. }) => {
                let what = format!("a payment at {at}; payments are not kept yet");
                return Err(StoreError::corrupt("run.state", &what));
            }
        })
    }
}

struct Row {
    run_id: Uuid,
    program_id: String,
    number: i32,
    year: i32,
    through: String,
    state: String,
    program_version: i32,
    budget_version: i32,
    enrollment_revision: i64,
    registry_revision: i64,
    computed_digest: Vec<u8>,
    digest: Vec<u8>,
    in_scope_fen: i64,
    eligible_fen: i64,
    excluded_fen: i64,
    released_fen: i64,
    granted_before_fen: i64,
    available_fen: i64,
    granted_fen: i64,
    clawed_back_fen: i64,
    unfunded_fen: i64,
    line_fee_fen: i64,
    line_government_fen: i64,
    line_platform_fen: i64,
    line_enterprise_fen: i64,
    computed_by: String,
    computed_at: Instant,
    published_by: Option<String>,
    published_at: Option<Instant>,
    notice_ends_at: Option<Instant>,
    changed_by: Vec<String>,
    decided_by: Option<String>,
    decided_at: Option<Instant>,
}

impl Row {
    fn read(self) -> Result<Run, StoreError> {
        let state = self.state()?;
        Ok(Run {
            run_id: self.run_id,
            program_id: program_id("run.program_id", &self.program_id)?,
            number: self.number,
            year: year("run.year", self.year)?,
            through: read("run.through", Period::parse(&self.through))?,
            program_version: self.program_version,
            budget_version: self.budget_version,
            enrollment_revision: self.enrollment_revision,
            registry_revision: self.registry_revision,
            totals: Totals {
                in_scope_fen: self.in_scope_fen,
                eligible_fen: self.eligible_fen,
                excluded_fen: self.excluded_fen,
                released_fen: self.released_fen,
                granted_before_fen: self.granted_before_fen,
                available_fen: self.available_fen,
                granted_fen: self.granted_fen,
                clawed_back_fen: self.clawed_back_fen,
                unfunded_fen: self.unfunded_fen,
                line_fee_fen: self.line_fee_fen,
                line_government_fen: self.line_government_fen,
                line_platform_fen: self.line_platform_fen,
                line_enterprise_fen: self.line_enterprise_fen,
            },
            state,
        })
    }

    fn state(&self) -> Result<RunState, StoreError> {
        let result =
            |bytes: &[u8]| digest("run.digest", bytes.to_vec()).map(ResultDigest::from_bytes);
        let computed = Computed {
            by: Actor::new(&self.computed_by),
            at: self.computed_at,
            digest: result(&self.computed_digest)?,
        };
        let current = result(&self.digest)?;
        let published = match (&self.published_by, self.published_at, self.notice_ends_at) {
            (Some(by), Some(at), Some(notice_ends_at)) => Some(Published {
                computed: computed.clone(),
                by: Actor::new(by),
                at,
                notice_ends_at,
                digest: current,
                changed_by: self
                    .changed_by
                    .iter()
                    .map(|by| Actor::new(by))
                    .collect::<BTreeSet<_>>(),
            }),
            _ => None,
        };
        let decided = self
            .decided_by
            .as_deref()
            .map(Actor::new)
            .zip(self.decided_at);
        Ok(match (self.state.as_str(), published, decided) {
            ("computed", None, None) => RunState::Computed(computed),
            ("published", Some(published), None) => RunState::Published(published),
            ("approved", Some(published), Some((by, at))) => {
                RunState::Approved(Approved { published, by, at })
            }
            ("cancelled", published, Some((by, at))) => {
                let was = published.map_or(Open::Computed(computed), Open::Published);
                RunState::Cancelled(Cancelled { was, by, at })
            }
            (state, ..) => return Err(StoreError::corrupt("run.state", &state)),
        })
    }
}
