//! Objections as messages.

use gazelle_proto::{optional, settlement::v1 as pb, time::timestamp};
use uuid::Uuid;

use crate::domain::objection::Objection;

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
        raised_at: Some(timestamp(objection.raised_at)),
        decided_by: optional::text(decision.map(|decision| &decision.by)),
        decided_at: decision.map(|decision| timestamp(decision.at)),
        decision: optional::text(decision.map(|decision| &decision.text)),
    }
}
