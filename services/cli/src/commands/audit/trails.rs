//! Whose trails there are.

use gazelle_client::{Client, Patient};
use gazelle_proto::audit::v1::audit_service_client::AuditServiceClient;

use crate::args::TrailOf;

/// All trails, in their order.
pub(super) const TRAILS: [TrailOf; 3] = [TrailOf::Registry, TrailOf::Usage, TrailOf::Settlement];

/// The client of a service's trail.
pub(super) fn trail(client: &Client, service: TrailOf) -> AuditServiceClient<Patient> {
    let trails = &client.trails;
    let trail = match service {
        TrailOf::Registry => &trails.registry,
        TrailOf::Usage => &trails.usage,
        TrailOf::Settlement => &trails.settlement,
    };
    trail.clone()
}

/// The service, as it is called.
pub(super) fn name(service: TrailOf) -> &'static str {
    match service {
        TrailOf::Registry => "registry",
        TrailOf::Usage => "usage",
        TrailOf::Settlement => "settlement",
    }
}
