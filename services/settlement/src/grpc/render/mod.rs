//! Values of the domain as messages.

mod enrollment;
mod explanation;
mod objection;
pub mod payment;
mod program;
mod readiness;
mod run;

pub use enrollment::{enrollment, imported};
pub use explanation::explanation;
pub use objection::objection;
pub use program::{program, public_program};
pub use readiness::readiness;
pub use run::{enterprise, exclusion, line, run, run_detail};
