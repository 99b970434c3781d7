//! Changes of the registry as messages.

use gazelle_proto::{registry::v1 as pb, time::timestamp};

use crate::domain::change::Change;

pub fn change(change: &Change) -> pb::Change {
    pb::Change {
        revision: change.revision.get(),
        changed_at: Some(timestamp(change.changed_at)),
        actor: change.actor.to_string(),
        action: change.action.clone(),
        content_json: change.content.clone(),
        digest: hex::encode(change.digest),
    }
}
