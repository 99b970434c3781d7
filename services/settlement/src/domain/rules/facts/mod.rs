//! What is known about enterprises, their shops and their enrollments, looked up by date.
//!
//! A settlement reads its facts from here alone. They are as the registry and the enrollments were
//! recorded at one moment, and are kept with the run.

mod dated;
mod enrollments;
mod enterprise;
mod known;
mod owners;

pub use dated::Dated;
pub use enrollments::Enrollments;
pub use enterprise::{EnterpriseFacts, Filing};
pub use known::{Facts, FactsError};
pub use owners::{Binding, Owners};
