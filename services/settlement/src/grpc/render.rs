//! Runs and what hangs on them, as messages.

use gazelle_kernel::Instant;
use gazelle_proto::settlement::v1 as pb;
use uuid::Uuid;

use super::convert::rfc3339;
use crate::{
    app::RunDetail,
    domain::{
        objection::Objection,
        rules::settle::{EnterpriseResult, Exclusion, Line, Totals},
        run::{Actor, Approved, Cancelled, Computed, Open, Paid, Published, RunState},
    },
    seal::Seal,
    store::run::Run,
};

/// A run with its seals.
#[must_use]
pub fn run_detail(detail: &RunDetail) -> pb::Run {
    pb::Run {
        seals: detail.seals.iter().map(seal).collect(),
        ..run(&detail.run)
    }
}

/// A run without its seals.
#[must_use]
pub fn run(run: &Run) -> pb::Run {
    let History {
        state,
        computed,
        published,
        decided,
    } = History::of(&run.state);
    pb::Run {
        run_id: run.run_id.to_string(),
        program_id: run.program_id.to_string(),
        program_version: run.program_version,
        year: run.year.get(),
        through: run.through.to_string(),
        state: state.into(),
        registry_revision: run.registry_revision,
        seals: Vec::new(),
        digest: run.state.digest().to_string(),
        totals: Some(totals(&run.totals)),
        computed_by: computed.by.to_string(),
        computed_at: rfc3339(computed.at),
        published_by: published.map(|p| p.by.to_string()).unwrap_or_default(),
        published_at: published.map(|p| rfc3339(p.at)).unwrap_or_default(),
        notice_ends_at: published
            .map(|p| rfc3339(p.notice_ends_at))
            .unwrap_or_default(),
        decided_by: decided.map(|(by, _)| by.to_string()).unwrap_or_default(),
        decided_at: decided.map(|(_, at)| rfc3339(at)).unwrap_or_default(),
        number: run.number,
    }
}

struct History<'a> {
    state: pb::RunState,
    computed: &'a Computed,
    published: Option<&'a Published>,
    decided: Option<(&'a Actor, Instant)>,
}

impl<'a> History<'a> {
    fn of(state: &'a RunState) -> Self {
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
        match state {
            RunState::Computed(computed) => open(pb::RunState::Computed, computed),
            RunState::Published(notice) => published(pb::RunState::Published, notice, None),
            // The contract has no state for it: what is paid stays approved.
            RunState::Approved(Approved {
                published: notice,
                by,
                at,
            })
            | RunState::Paid(Paid {
                approved:
                    Approved {
                        published: notice,
                        by,
                        at,
                    },
                ..
            }) => published(pb::RunState::Approved, notice, Some((by, *at))),
            RunState::Cancelled(Cancelled {
                was: Open::Computed(computed),
                by,
                at,
            }) => Self {
                decided: Some((by, *at)),
                ..open(pb::RunState::Cancelled, computed)
            },
            RunState::Cancelled(Cancelled {
                was: Open::Published(notice),
                by,
                at,
            }) => published(pb::RunState::Cancelled, notice, Some((by, *at))),
        }
    }
}

fn seal(seal: &Seal) -> pb::SealUsed {
    pb::SealUsed {
        platform_id: seal.platform_id.to_string(),
        period: seal.period.to_string(),
        digest: hex::encode(seal.digest),
    }
}

fn totals(totals: &Totals) -> pb::RunTotals {
    pb::RunTotals {
        in_scope_fen: totals.in_scope_fen,
        eligible_fen: totals.eligible_fen,
        excluded_fen: totals.excluded_fen,
        released_fen: totals.released_fen,
        available_fen: totals.available_fen,
        granted_fen: totals.granted_fen,
        clawed_back_fen: totals.clawed_back_fen,
        unfunded_fen: totals.unfunded_fen,
        line_fee_fen: totals.line_fee_fen,
        line_government_fen: totals.line_government_fen,
        line_platform_fen: totals.line_platform_fen,
        line_enterprise_fen: totals.line_enterprise_fen,
    }
}

/// What a run decides for an enterprise.
#[must_use]
pub fn enterprise(row: &EnterpriseResult) -> pb::EnterpriseResult {
    pb::EnterpriseResult {
        uscc: row.uscc.to_string(),
        uncapped_fen: row.uncapped_fen,
        entitled_fen: row.entitled_fen,
        granted_before_fen: row.granted_before_fen,
        due_fen: row.due_fen,
        granted_fen: row.granted_fen,
        unfunded_fen: row.unfunded_fen,
    }
}

/// A line of a run.
#[must_use]
pub fn line(line: &Line) -> pb::Line {
    pb::Line {
        uscc: line.uscc.to_string(),
        platform_id: line.platform_id.to_string(),
        fee_kind: line.fee_kind.to_string(),
        fee_fen: line.fee_fen,
        government_fen: line.government_fen,
        platform_fen: line.platform_fen,
        enterprise_fen: line.enterprise_fen,
    }
}

/// What a run excluded for one reason.
#[must_use]
pub fn exclusion(exclusion: &Exclusion) -> pb::Exclusion {
    pb::Exclusion {
        reason: exclusion.reason.to_string(),
        fee_fen: exclusion.fee_fen,
    }
}

/// An objection to a run.
#[must_use]
pub fn objection(run_id: Uuid, objection: &Objection) -> pb::Objection {
    let decision = objection.decision.as_ref();
    pb::Objection {
        run_id: run_id.to_string(),
        uscc: objection.uscc.to_string(),
        statement: objection.statement.clone(),
        state: match decision {
            None => pb::ObjectionState::Open,
            Some(decision) if decision.upheld => pb::ObjectionState::Upheld,
            Some(_) => pb::ObjectionState::Dismissed,
        }
        .into(),
        raised_by: objection.raised_by.to_string(),
        raised_at: rfc3339(objection.raised_at),
        decided_by: decision
            .map(|decision| decision.by.to_string())
            .unwrap_or_default(),
        decided_at: decision
            .map(|decision| rfc3339(decision.at))
            .unwrap_or_default(),
        decision: decision
            .map(|decision| decision.text.clone())
            .unwrap_or_default(),
    }
}
