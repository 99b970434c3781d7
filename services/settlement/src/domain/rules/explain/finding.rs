//! What an explanation tells, as data: no sentence is part of it.

use gazelle_kernel::{
    Bps, Date, FeeKind, Fen, IndustryCode, PlatformId, ProgramId, SizeClass, Uscc,
};

use crate::domain::{
    program::Allocation,
    rules::{eligibility::ExclusionReason, entitlement::Component, facts::Filing},
};

/// One enterprise's part in a run. Every step names the figures it used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whose part it is.
    pub uscc: Uscc,
    /// The filing that its size was taken from, with its fiscal year; the newer of the two years
    /// before the program year.
    pub filing: Option<(i32, Filing)>,
    /// Its size class in the program year, a finding for each industry that it had.
    pub sizes: Vec<SizeFinding>,
    /// Fees in scope of accounts that were bound to it on the fee date, by what became of them.
    pub fees: Vec<FeeFinding>,
    /// Its components, in the order of platform and fee kind.
    pub components: Vec<ComponentFinding>,
    /// What it claims, if it has a component.
    pub claim: Option<ClaimFinding>,
    /// What the budget gave, if it claims anything.
    pub budget: Option<BudgetFinding>,
    /// Whether an objection was upheld, so that nothing was granted or moved.
    pub objection_upheld: bool,
}

/// A size class from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeFinding {
    /// From this day of the program year on.
    pub from: Date,
    /// What it did then.
    pub industry: IndustryCode,
    /// The class; none without a filing.
    pub size_class: Option<SizeClass>,
    /// Whether the program shares fees of the class.
    pub eligible: bool,
}

/// What became of some fees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeFinding {
    /// Which platform charged them.
    pub platform_id: PlatformId,
    /// What they were for.
    pub fee_kind: FeeKind,
    /// Why they are excluded; `None`: they are eligible.
    pub exclusion: Option<ExclusionReason>,
    /// The other program that shares them, if that is the reason.
    pub covered_by: Option<ProgramId>,
    /// What they add up to.
    pub fee_fen: Fen,
    /// How many records they are.
    pub record_count: u64,
    /// The first fee date.
    pub first_on: Date,
    /// The last fee date.
    pub last_on: Date,
}

/// What became of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFinding {
    /// E, U, what earlier runs gave, and what is open.
    pub component: Component,
    pub government_bps: Bps,
    pub platform_bps: Bps,
    /// What this run gave it, or took back.
    pub government_fen: Fen,
}

/// What is due to the enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimFinding {
    /// The sum of U.
    pub uncapped_fen: Fen,
    /// The cap; 0: none.
    pub cap_fen: Fen,
    /// The sum of U, at most the cap.
    pub entitled_fen: Fen,
    /// What earlier runs granted, net.
    pub granted_before_fen: Fen,
    /// Entitled less granted before.
    pub due_fen: Fen,
}

/// What the budget gave the enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetFinding {
    /// How a short budget is shared out.
    pub allocation: Allocation,
    /// What the budget has released.
    pub released_fen: Fen,
    /// What earlier runs granted to all, net.
    pub granted_before_fen: Fen,
    /// What this run could grant.
    pub available_fen: Fen,
    /// What all positive dues come to.
    pub dues_fen: Fen,
    /// The enterprise's place among positive dues, from 1; none if its due is not positive.
    pub place: Option<usize>,
    /// What the dues before it come to; what is left of the available is what it could get under
    /// [`Allocation::FirstCome`].
    pub ahead_fen: Fen,
    /// What it was granted.
    pub granted_fen: Fen,
    /// What its due did not get.
    pub unfunded_fen: Fen,
}
