//! Runs as messages.

use gazelle_proto::{optional, settlement::v1 as pb, time::timestamp};

use crate::domain::{
    rules::result::{EnterpriseResult, Exclusion, Line, Totals},
    run::{History, OwedPeriod, Run, RunDetail, RunState, Seal},
};

/// A run, with all that lists do not have.
#[must_use]
pub fn run_detail(detail: &RunDetail) -> pb::Run {
    let scope = &detail.run.scope;
    let silent = scope.silent_platform_ids.iter();
    pb::Run {
        seals: detail.seals.iter().map(seal).collect(),
        left_out: scope.left_out.iter().map(owed_period).collect(),
        silent_platform_ids: silent.map(ToString::to_string).collect(),
        ..run(&detail.run)
    }
}

/// A run as lists have it.
#[must_use]
pub fn run(run: &Run) -> pb::Run {
    let History {
        computed,
        published,
        decided,
    } = run.state.history();
    pb::Run {
        run_id: run.run_id.to_string(),
        program_id: run.program_id.to_string(),
        program_version: run.program_version,
        year: run.year.get(),
        through_period: run.through_period.to_string(),
        state: state(&run.state).into(),
        registry_revision: run.registry_revision,
        seals: Vec::new(),
        left_out: Vec::new(),
        silent_platform_ids: Vec::new(),
        digest: run.state.digest().to_string(),
        totals: Some(totals(&run.totals)),
        computed_by: computed.by.to_string(),
        computed_at: Some(timestamp(computed.at)),
        published_by: optional::text(published.map(|notice| &notice.by)),
        published_at: published.map(|notice| timestamp(notice.at)),
        notice_ends_at: published.map(|notice| timestamp(notice.notice_ends_at)),
        decided_by: optional::text(decided.map(|(by, _)| by)),
        decided_at: decided.map(|(_, at)| timestamp(at)),
        number: run.number,
    }
}

fn state(state: &RunState) -> pb::RunState {
    match state {
        RunState::Computed(_) => pb::RunState::Computed,
        RunState::Published(_) => pb::RunState::Published,
        RunState::Approved(_) => pb::RunState::Approved,
        RunState::Cancelled(_) => pb::RunState::Cancelled,
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
        in_scope_fen: totals.in_scope_fen.get(),
        eligible_fen: totals.eligible_fen.get(),
        excluded_fen: totals.excluded_fen.get(),
        released_fen: totals.released_fen.get(),
        available_fen: totals.available_fen.get(),
        granted_fen: totals.granted_fen.get(),
        clawed_back_fen: totals.clawed_back_fen.get(),
        unfunded_fen: totals.unfunded_fen.get(),
        line_fee_fen: totals.line_fee_fen.get(),
        line_government_fen: totals.line_government_fen.get(),
        line_platform_fen: totals.line_platform_fen.get(),
        line_enterprise_fen: totals.line_enterprise_fen.get(),
    }
}

/// What a run decides for an enterprise.
#[must_use]
pub fn enterprise(row: &EnterpriseResult) -> pb::EnterpriseResult {
    pb::EnterpriseResult {
        uscc: row.uscc.to_string(),
        uncapped_fen: row.uncapped_fen.get(),
        entitled_fen: row.entitled_fen.get(),
        granted_before_fen: row.granted_before_fen.get(),
        due_fen: row.due_fen.get(),
        granted_fen: row.granted_fen.get(),
        unfunded_fen: row.unfunded_fen.get(),
    }
}

/// A line of a run.
#[must_use]
pub fn line(line: &Line) -> pb::Line {
    pb::Line {
        uscc: line.uscc.to_string(),
        platform_id: line.platform_id.to_string(),
        fee_kind: line.fee_kind.to_string(),
        fee_fen: line.fee_fen.get(),
        government_fen: line.government_fen.get(),
        platform_fen: line.platform_fen.get(),
        enterprise_fen: line.enterprise_fen.get(),
    }
}

/// What a run excluded for one reason.
#[must_use]
pub fn exclusion(exclusion: &Exclusion) -> pb::Exclusion {
    pb::Exclusion {
        reason: exclusion.reason.to_string(),
        fee_fen: exclusion.fee_fen.get(),
    }
}

/// A month that a platform owes.
#[must_use]
pub fn owed_period(owed: &OwedPeriod) -> pb::OwedPeriod {
    pb::OwedPeriod {
        platform_id: owed.platform_id.to_string(),
        period: owed.period.to_string(),
    }
}
