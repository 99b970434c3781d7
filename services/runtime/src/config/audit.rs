//! How checkpoints of the trail are signed.

use std::path::PathBuf;

use serde::Deserialize;

/// How checkpoints of the trail are signed; not at all when not given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// What the trail is called on its checkpoints, for ever, as `gazelle.example/registry`: the
    /// first line of a note, and the name of its key.
    pub origin: String,
    /// An Ed25519 key in PKCS #8, PEM, that others than its owner may not read.
    pub signing_key_file: PathBuf,
}
