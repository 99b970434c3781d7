//! Platforms as messages.

use gazelle_proto::{optional, registry::v1 as pb};

use crate::domain::platform::Platform;

pub fn platform(platform: &Platform) -> pb::Platform {
    pb::Platform {
        platform_id: platform.id.to_string(),
        name: optional::text(platform.name.as_ref()),
        reports_from: optional::text(platform.reporting.from()),
        reports_to: optional::text(platform.reporting.to()),
    }
}
