//! The contract, served: parse, call, render.

mod convert;
mod explain;
mod fields;
mod program;
mod render;
mod run;
mod status;

use gazelle_kernel::{ParseError, ProgramId, Uscc};
use gazelle_runtime::{access::principal, status::FieldViolation};
use tonic::{Request, Status};
use uuid::Uuid;

pub use program::Programs;
pub use run::Runs;

use crate::domain::run::Actor;

/// Who calls, and what they ask.
fn open<T>(request: Request<T>) -> (Actor, T) {
    let actor = Actor::new(principal(&request).actor().as_str());
    (actor, request.into_inner())
}

fn program_id(text: &str) -> Result<ProgramId, Status> {
    field("program_id", ProgramId::parse(text))
}

/// A code that is looked up: one that was issued with a wrong outer check is one too.
fn uscc(text: &str) -> Result<Uscc, Status> {
    field("uscc", Uscc::parse_excepted(text))
}

fn run_id(text: &str) -> Result<Uuid, Status> {
    let id = Uuid::try_parse(text);
    field(
        "run_id",
        id.map_err(|_| ParseError::new("ID_INVALID", text, "the UUID of a run")),
    )
}

fn field<T>(field: &str, parsed: Result<T, ParseError>) -> Result<T, Status> {
    let violation =
        |error: ParseError| FieldViolation::new(field, error.reason(), error.to_string());
    parsed.map_err(|error| violation(error).into())
}

/// A count of items of a batch, which has at most a thousand.
fn count(items: usize) -> i32 {
    i32::try_from(items).expect("a batch is small")
}
