//! Runs: what is settled by one, what it must have read, and how it comes to be approved.

mod computation;
mod digest;
mod history;
mod notice;
mod owed;
mod part;
mod period;
mod readiness;
mod record;
mod seal;
mod state;
mod sums;

pub use computation::Computation;
pub use digest::{ResultDigest, Verified};
pub use history::History;
pub use notice::notice_ends_at;
pub use owed::{
    LeftOutRefused, NotMissing, NotSealed, OwedPeriod, Owing, PlatformReports, ReportedPeriod,
    Scope, ScopeRefused,
};
pub use part::{AppliedBy, Part};
pub use period::{PeriodRefused, check_period, check_year};
pub use readiness::{PeriodReadiness, PeriodState, Readiness};
pub use record::{Run, RunDetail, RunName};
pub use seal::Seal;
pub use state::{Approved, Cancelled, Computed, Open, Published, RunError, RunState};
pub use sums::Earlier;
