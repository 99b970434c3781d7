//! Platforms.

use gazelle_proto::registry::v1 as pb;

use super::common::text;
use crate::domain::platform::Platform;

pub fn platform(platform: &Platform) -> pb::Platform {
    pb::Platform {
        platform_id: platform.id.to_string(),
        name: text(platform.name.as_ref()),
        reports_from: text(platform.reporting.from()),
        reports_to: text(platform.reporting.to()),
    }
}
