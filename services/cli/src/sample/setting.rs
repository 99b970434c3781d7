//! When, where and under which programs the sample plays.

/// The year that the sample plays in.
pub const YEAR: i32 = 2025;

/// The platforms whose shops the sample city's enterprises have.
pub const PLATFORMS: [&str; 2] = ["alpha-mall", "beta-mall"];

/// The programs, in an order in which they can be applied: after those that they yield to.
pub const PROGRAM_IDS: [&str; 3] = [
    "marketplace-fee-share",
    "card-fee-relief",
    "binjiang-pioneers",
];
