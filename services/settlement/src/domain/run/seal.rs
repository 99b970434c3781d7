//! Seals of the usage service, by which a run names the totals that it read.

use gazelle_kernel::{Period, PlatformId};

/// A seal of a platform's period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seal {
    pub platform_id: PlatformId,
    pub period: Period,
    /// SHA-256 over its records, as the usage service computed it.
    pub digest: [u8; 32],
}
