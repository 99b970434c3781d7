//! Which field of a request is wrong, and why.

use gazelle_kernel::ParseError;

/// A field of a request that cannot be read or is out of its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Its path from the request, such as `filings[3].enterprise`.
    pub field: String,
    /// In capitals, such as `USCC_CHECK_DIGIT`.
    pub reason: &'static str,
    /// For a person.
    pub description: String,
}

impl FieldViolation {
    /// A violation at `field`.
    #[must_use]
    pub fn new(
        field: impl Into<String>,
        reason: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            reason,
            description: description.into(),
        }
    }
}

/// Says which field a value came from.
pub trait FieldExt<T> {
    /// `Uscc::parse(&request.enterprise).field("enterprise")?`; around what has fields itself,
    /// it comes before them: `filing(item).field("filings[3]")?`.
    fn field(self, field: &str) -> Result<T, FieldViolation>;
}

impl<T> FieldExt<T> for Result<T, ParseError> {
    fn field(self, field: &str) -> Result<T, FieldViolation> {
        self.map_err(|error| FieldViolation::new(field, error.reason(), error.to_string()))
    }
}

impl<T> FieldExt<T> for Result<T, FieldViolation> {
    fn field(self, field: &str) -> Result<T, FieldViolation> {
        self.map_err(|violation| FieldViolation {
            field: format!("{field}.{}", violation.field),
            ..violation
        })
    }
}
