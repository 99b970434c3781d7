//! Whether the days of records are those of their period.

/// How the days of some records of a period lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCounts {
    /// Records of proper form.
    pub proper: u32,
    /// Of these, those with a day before the period's first.
    pub late: u32,
}
