//! A row of `run`, as a run.

use gazelle_kernel::{Actor, Fen, Instant};
use gazelle_runtime::store::{StoreError, read_digest};
use uuid::Uuid;

use crate::{
    domain::{
        rules::result::Totals,
        run::{
            Approved, Cancelled, Computed, Open, OwedPeriod, Published, ResultDigest, Run,
            RunState, Scope,
        },
    },
    store::column,
};

/// All its columns.
pub(super) struct RunRow {
    pub(super) run_id: Uuid,
    pub(super) program_id: String,
    pub(super) number: i32,
    pub(super) year: i32,
    pub(super) through_period: String,
    pub(super) state: String,
    pub(super) program_version: i32,
    pub(super) budget_version: i32,
    pub(super) enrollment_revision: i64,
    pub(super) registry_revision: i64,
    pub(super) computed_digest: Vec<u8>,
    pub(super) digest: Vec<u8>,
    pub(super) in_scope_fen: i64,
    pub(super) eligible_fen: i64,
    pub(super) excluded_fen: i64,
    pub(super) released_fen: i64,
    pub(super) granted_before_fen: i64,
    pub(super) available_fen: i64,
    pub(super) granted_fen: i64,
    pub(super) clawed_back_fen: i64,
    pub(super) unfunded_fen: i64,
    pub(super) line_fee_fen: i64,
    pub(super) line_government_fen: i64,
    pub(super) line_platform_fen: i64,
    pub(super) line_enterprise_fen: i64,
    pub(super) computed_by: String,
    pub(super) computed_at: Instant,
    pub(super) published_by: Option<String>,
    pub(super) published_at: Option<Instant>,
    pub(super) notice_ends_at: Option<Instant>,
    pub(super) changed_by: Vec<String>,
    pub(super) decided_by: Option<String>,
    pub(super) decided_at: Option<Instant>,
    pub(super) left_out_platform_ids: Vec<String>,
    pub(super) left_out_periods: Vec<String>,
    pub(super) silent_platform_ids: Vec<String>,
}

impl RunRow {
    pub(super) fn read(self) -> Result<Run, StoreError> {
        let state = self.state()?;
        let scope = self.scope()?;
        Ok(Run {
            run_id: self.run_id,
            program_id: column::program_id("run.program_id", &self.program_id)?,
            number: self.number,
            year: column::year("run.year", self.year)?,
            through_period: column::period("run.through_period", &self.through_period)?,
            program_version: self.program_version,
            budget_version: self.budget_version,
            enrollment_revision: self.enrollment_revision,
            registry_revision: self.registry_revision,
            scope,
            totals: Totals {
                in_scope_fen: Fen::new(self.in_scope_fen),
                eligible_fen: Fen::new(self.eligible_fen),
                excluded_fen: Fen::new(self.excluded_fen),
                released_fen: Fen::new(self.released_fen),
                granted_before_fen: Fen::new(self.granted_before_fen),
                available_fen: Fen::new(self.available_fen),
                granted_fen: Fen::new(self.granted_fen),
                clawed_back_fen: Fen::new(self.clawed_back_fen),
                unfunded_fen: Fen::new(self.unfunded_fen),
                line_fee_fen: Fen::new(self.line_fee_fen),
                line_government_fen: Fen::new(self.line_government_fen),
                line_platform_fen: Fen::new(self.line_platform_fen),
                line_enterprise_fen: Fen::new(self.line_enterprise_fen),
            },
            state,
        })
    }

    fn scope(&self) -> Result<Scope, StoreError> {
        let left_out = self
            .left_out_platform_ids
            .iter()
            .zip(&self.left_out_periods);
        let left_out = left_out.map(|(platform_id, period)| {
            Ok(OwedPeriod {
                platform_id: column::platform_id("run.left_out_platform_ids", platform_id)?,
                period: column::period("run.left_out_periods", period)?,
            })
        });
        let silent = self.silent_platform_ids.iter();
        let silent = silent.map(|id| column::platform_id("run.silent_platform_ids", id));
        Ok(Scope {
            left_out: left_out.collect::<Result<_, StoreError>>()?,
            silent_platform_ids: silent.collect::<Result<_, StoreError>>()?,
        })
    }

    fn state(&self) -> Result<RunState, StoreError> {
        let result = |bytes: &[u8]| read_digest("run.digest", bytes).map(ResultDigest::from_bytes);
        let computed = Computed {
            by: Actor::new(self.computed_by.as_str()),
            at: self.computed_at,
            digest: result(&self.computed_digest)?,
        };
        let current = result(&self.digest)?;
        let published = match (&self.published_by, self.published_at, self.notice_ends_at) {
            (Some(by), Some(at), Some(notice_ends_at)) => Some(Published {
                computed: computed.clone(),
                by: Actor::new(by.as_str()),
                at,
                notice_ends_at,
                digest: current,
                changed_by: self
                    .changed_by
                    .iter()
                    .map(|by| Actor::new(by.as_str()))
                    .collect(),
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
            (state, ..) => return Err(StoreError::corrupt("run.state", state.to_owned())),
        })
    }
}
