//! What only the platform itself may do.

use gazelle_kernel::PlatformId;

use crate::failure::Failure;
use crate::words;

/// What to do when the caller is not the platform, or not this one.
pub(super) fn as_platform(failure: Failure, platform: &PlatformId) -> Failure {
    if matches!(failure.reason(), "PERMISSION_DENIED" | "NOT_YOUR_PLATFORM") {
        return failure.hint(&words::ONLY_THE_PLATFORM.with(&[("platform", platform)]));
    }
    failure
}
