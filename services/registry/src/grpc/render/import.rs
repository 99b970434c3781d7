//! What became of a batch, as a message.

use gazelle_proto::registry::v1 as pb;

use super::common::count;
use crate::{
    domain::import::Imported,
    grpc::status::{rejection, warning},
};

/// What became of a batch.
pub fn imported(imported: &Imported) -> pb::ImportResult {
    pb::ImportResult {
        created_count: count(imported.created_count),
        changed_count: count(imported.changed_at.len()),
        unchanged_count: count(imported.unchanged_count),
        rejections: imported
            .rejections
            .iter()
            .map(|refused| rejection(count(refused.index), &refused.refusal))
            .collect(),
        revision: imported.revision.get(),
        changed_indexes: imported.changed_at.iter().copied().map(count).collect(),
        warnings: imported
            .warnings
            .iter()
            .map(|(index, found)| warning(count(*index), found))
            .collect(),
    }
}
