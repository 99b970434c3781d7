//! What a run would read, as a message.

use gazelle_proto::{optional, settlement::v1 as pb};

use crate::domain::run::{PeriodReadiness, PeriodState, Readiness};

/// Where each month stands.
#[must_use]
pub fn readiness(readiness: &Readiness) -> pb::GetReadinessResponse {
    let silent = readiness.silent_platform_ids.iter();
    pb::GetReadinessResponse {
        periods: readiness.periods.iter().map(period).collect(),
        silent_platform_ids: silent.map(ToString::to_string).collect(),
        period_over: readiness.period_over,
        open_run_id: optional::text(readiness.open_run_id),
    }
}

fn period(readiness: &PeriodReadiness) -> pb::OwedPeriodReadiness {
    let state = match readiness.state {
        PeriodState::NotOver => pb::OwedPeriodState::NotOver,
        PeriodState::NotReported => pb::OwedPeriodState::NotReported,
        PeriodState::NotStated => pb::OwedPeriodState::NotStated,
        PeriodState::NotSealed => pb::OwedPeriodState::NotSealed,
        PeriodState::Sealed => pb::OwedPeriodState::Sealed,
    };
    pb::OwedPeriodReadiness {
        platform_id: readiness.owed.platform_id.to_string(),
        period: readiness.owed.period.to_string(),
        state: state.into(),
    }
}
