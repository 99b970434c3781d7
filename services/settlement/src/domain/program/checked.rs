//! A program whose terms hold together.

use gazelle_kernel::{FeeKind, PlatformId, ProgramId, Year};
use serde::{Deserialize, Serialize};

use super::{
    faults::{Fault, faults},
    terms::{Budget, Share, Terms},
};

/// A program whose terms are checked, with every list in byte order, so that the same terms in
/// another order are the same program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Terms")]
pub struct Program(Terms);

impl TryFrom<Terms> for Program {
    type Error = ProgramInvalid;

    fn try_from(terms: Terms) -> Result<Self, ProgramInvalid> {
        Self::new(terms)
    }
}

impl Program {
    /// Checks the terms; a refusal names every fault.
    pub fn new(terms: Terms) -> Result<Self, ProgramInvalid> {
        let terms = terms.sorted();
        let faults = faults(&terms);
        if faults.is_empty() {
            Ok(Self(terms))
        } else {
            Err(ProgramInvalid { faults })
        }
    }

    /// What it says.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.0
    }

    /// By which it is known.
    #[must_use]
    pub fn id(&self) -> &ProgramId {
        &self.0.program_id
    }

    /// Whether it shares fees of the platform.
    #[must_use]
    pub fn covers(&self, platform: &PlatformId) -> bool {
        self.0.platform_ids.is_empty() || self.0.platform_ids.contains(platform)
    }

    /// How it shares fees of the kind, if it does.
    #[must_use]
    pub fn share(&self, fee_kind: &FeeKind) -> Option<&Share> {
        self.0
            .shares
            .iter()
            .find(|share| share.fee_kind == *fee_kind)
    }

    /// Whether a fee is the program's to judge (`SETTLEMENT.md`, Eligibility).
    #[must_use]
    pub fn in_scope(&self, platform: &PlatformId, fee_kind: &FeeKind) -> bool {
        self.share(fee_kind).is_some() && self.covers(platform)
    }

    /// The budget of a program year, if there is one.
    #[must_use]
    pub fn budget(&self, year: Year) -> Option<&Budget> {
        self.0.budgets.iter().find(|budget| budget.year == year)
    }

    /// This program with the budgets of another version of it: the part that may change for a year
    /// that has an approved run.
    #[must_use]
    pub fn with_budgets_of(&self, other: &Self) -> Self {
        Self(Terms {
            budgets: other.0.budgets.clone(),
            ..self.0.clone()
        })
    }
}

/// Why terms are no program: everything that is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the program contradicts itself: {}", told(faults))]
pub struct ProgramInvalid {
    /// At least one fault, in the order of the fields.
    pub faults: Vec<Fault>,
}

/// The first faults, and how many more there are.
fn told(faults: &[Fault]) -> String {
    const TOLD_MAX: usize = 5;
    let mut told: Vec<String> = faults.iter().take(TOLD_MAX).map(Fault::to_string).collect();
    match faults.len().saturating_sub(TOLD_MAX) {
        0 => {}
        more => told.push(format!("and {more} more")),
    }
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn the_order_of_lists_does_not_matter() {
        let mut terms = fixture::terms("share");
        terms.shares = vec![fixture::share("B", 1, 1), fixture::share("A", 2, 2)];
        terms.platform_ids = ["yy", "xx"].map(fixture::platform).into();
        let mut other = terms.clone();
        other.shares.reverse();
        other.platform_ids.reverse();
        assert_eq!(Program::new(terms), Program::new(other));
    }
}
