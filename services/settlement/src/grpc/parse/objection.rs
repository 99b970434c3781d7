//! What people say about runs.

use gazelle_kernel::text;
use gazelle_runtime::status::{FieldExt as _, FieldViolation};

use crate::domain::objection::TEXT_CHARACTERS_MAX;

/// What an enterprise objects to, or why it was decided so.
pub fn argument(name: &str, argument: &str) -> Result<String, FieldViolation> {
    let expected = "a text of 1 to 2000 characters";
    let argument = text::parse(argument, TEXT_CHARACTERS_MAX, expected);
    argument.field(name).map(Into::into)
}
