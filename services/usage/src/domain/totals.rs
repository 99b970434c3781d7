//! The totals of sealed periods.

use gazelle_kernel::{Date, MerchantId, Period, PlatformId};

use super::period::ReportedPeriod;

/// The sum of one merchant's fees of one kind and fee date in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Total {
    /// What for: the number of the fee kind; in a part, its position among the part's.
    pub fee_kind: i32,
    /// The day on which the fees count.
    pub fee_date: Date,
    pub fee_fen: i64,
    pub record_count: i64,
}

/// The totals of one merchant, by kind and day.
#[derive(Debug)]
pub struct MerchantTotals {
    pub merchant_id: MerchantId,
    /// One or more.
    pub totals: Vec<Total>,
}

/// Totals of a few merchants.
#[derive(Debug, Default)]
pub struct TotalsPart {
    /// The names of the fee kinds that occur.
    pub fee_kinds: Vec<String>,
    pub merchants: Vec<MerchantTotals>,
}

/// What a reader of sealed totals is sent.
#[derive(Debug)]
pub enum SealedPart {
    /// The first period of a platform of which anything is held or stated.
    FirstPeriod(PlatformId, Period),
    /// A period begins, of which anything is held or stated.
    Period(Box<ReportedPeriod>),
    /// Some of its totals.
    Totals(TotalsPart),
    /// That was all. What ends without this is not whole.
    End,
}
