//! Requests as values of the domain. Every field that is wrong is named.

mod common;
mod enrollment;
mod fields;
mod objection;
mod payment;
mod program;
mod run;

pub use common::{program_id, refused, run_id, uscc};
pub use enrollment::enrollment;
pub use objection::argument;
pub use payment::{
    answer_format, answer_too_large, checkpoint, file_format, ledger_format, sha256,
};
pub use program::terms;
pub use run::{computation, readiness, run_name};
