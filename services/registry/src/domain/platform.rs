//! Partner platforms.

use gazelle_kernel::PlatformId;

use super::text::Name;

/// A platform; the key is its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// Its id.
    pub platform_id: PlatformId,
    /// Its name for people, where recorded.
    pub name: Option<Name>,
}
