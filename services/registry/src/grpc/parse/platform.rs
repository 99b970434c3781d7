//! What requests say about platforms.

use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::{optional, registry::v1 as pb};

use super::common::{InItem, name};
use crate::domain::{
    import::Item,
    platform::{Platform, Reporting},
};

/// A platform of a batch.
pub fn platform(item: &pb::Platform) -> Item<Platform> {
    let from = optional::parse(&item.reports_from, Period::parse).at("reports_from")?;
    let to = optional::parse(&item.reports_to, Period::parse).at("reports_to")?;
    Ok(Platform {
        id: PlatformId::parse(&item.platform_id).at("platform_id")?,
        name: optional::parse(&item.name, name).at("name")?,
        reporting: Reporting::new(from, to).at("reports_to")?,
    })
}
