//! Reasons of refusals, as they are sent.

/// The name of a value of an `ErrorReason` as `google.rpc.ErrorInfo` has it.
#[must_use]
pub fn bare(name: &str) -> &str {
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}
