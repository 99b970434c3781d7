//! Whose a shop is, and when.

use gazelle_kernel::{Date, Interval, MerchantId, PlatformId, Uscc};
use serde::{Deserialize, Serialize};

use super::enterprise::EnterpriseFacts;

/// Whose a shop on a platform is, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Where the shop is.
    pub platform_id: PlatformId,
    /// The platform's name for it.
    pub merchant_id: MerchantId,
    /// The enterprise that owns it.
    pub uscc: Uscc,
    /// On these days.
    pub bound: Interval,
}

/// The owners of one shop, found once and asked for many days.
#[derive(Debug, Clone, Copy)]
pub struct Owners<'a> {
    pub(super) enterprises: &'a [EnterpriseFacts],
    /// Each with the place of an enterprise; no two hold on one day.
    pub(super) bindings: &'a [(Interval, usize)],
}

impl<'a> Owners<'a> {
    /// Who it was bound to on a day (`SETTLEMENT.md`, Eligibility 2).
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&'a EnterpriseFacts> {
        self.bindings
            .iter()
            .find(|(bound, _)| bound.contains(day))
            .map(|&(_, owner)| &self.enterprises[owner])
    }
}
