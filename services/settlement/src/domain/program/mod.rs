//! Programs: what is shared with whom, and out of which budget.

pub mod catalog;
mod checked;
mod faults;
mod terms;
mod version;

pub use checked::{Program, ProgramInvalid};
pub use faults::{Fault, payer_faults};
pub use terms::{Allocation, Budget, Payee, Payer, Release, Share, Terms};
pub use version::{Applied, Standing, Version};
