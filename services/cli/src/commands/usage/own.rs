//! What only the platform itself may do.

use gazelle_kernel::PlatformId;

use crate::failure::Failure;
use crate::words;

/// What to do when the caller is not the platform, or not this one.
pub(super) fn as_platform(failure: Failure, platform: &PlatformId) -> Failure {
    let only = || words::ONLY_THE_PLATFORM.with(&[("platform", platform)]);
    match failure.reason() {
        // Others may read what is looked at first.
        "PERMISSION_DENIED" => Failure::new("PERMISSION_DENIED", only()),
        "NOT_YOUR_PLATFORM" => failure.hint(&only()),
        _ => failure,
    }
}
