//! The names of the reasons that exclude a fee.

use std::fmt;

/// Why a fee in scope is not shared (`SETTLEMENT.md`, Eligibility). The order is that of the
/// ladder: of several that apply, the first is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExclusionReason {
    /// The fee date is outside the program's term.
    OutsideProgramTerm,
    /// No enterprise was bound to the account on the fee date.
    UnboundMerchant,
    /// No enrollment in the program covers the fee date.
    NotEnrolled,
    /// The enterprise was suspended on the fee date.
    Suspended,
    /// No filing for either of the two fiscal years before the program year.
    SizeUnknown,
    /// Its size class is not the program's.
    SizeNotEligible,
    /// Its district on the fee date is not the program's.
    DistrictNotEligible,
    /// Its industry on the fee date is not the program's.
    IndustryNotEligible,
    /// A program that this one yields to shares the fee.
    CoveredByOtherProgram,
}

impl ExclusionReason {
    /// All reasons, in the order of the ladder.
    pub const ALL: [Self; 9] = [
        Self::OutsideProgramTerm,
        Self::UnboundMerchant,
        Self::NotEnrolled,
        Self::Suspended,
        Self::SizeUnknown,
        Self::SizeNotEligible,
        Self::DistrictNotEligible,
        Self::IndustryNotEligible,
        Self::CoveredByOtherProgram,
    ];

    /// The name in result files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutsideProgramTerm => "OUTSIDE_PROGRAM_TERM",
            Self::UnboundMerchant => "UNBOUND_MERCHANT",
            Self::NotEnrolled => "NOT_ENROLLED",
            Self::Suspended => "SUSPENDED",
            Self::SizeUnknown => "SIZE_UNKNOWN",
            Self::SizeNotEligible => "SIZE_NOT_ELIGIBLE",
            Self::DistrictNotEligible => "DISTRICT_NOT_ELIGIBLE",
            Self::IndustryNotEligible => "INDUSTRY_NOT_ELIGIBLE",
            Self::CoveredByOtherProgram => "COVERED_BY_OTHER_PROGRAM",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

impl fmt::Display for ExclusionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
