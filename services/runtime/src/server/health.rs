//! Health over gRPC, which says what readiness does.

use tonic_health::{ServingStatus, server::HealthReporter};

use crate::ready::Readiness;

/// Has health say what readiness does.
pub(super) async fn follow(
    reporter: HealthReporter,
    services: Vec<&'static str>,
    readiness: Readiness,
) {
    // From here on no change is missed; one before is in the first report.
    let mut changes = readiness.changes();
    loop {
        report(&reporter, &services, &readiness).await;
        if changes.changed().await.is_err() {
            return;
        }
    }
}

pub(super) async fn report(
    reporter: &HealthReporter,
    services: &[&'static str],
    readiness: &Readiness,
) {
    let status = match readiness.refusal() {
        None => ServingStatus::Serving,
        Some(_) => ServingStatus::NotServing,
    };
    for service in [""].iter().chain(services) {
        reporter.set_service_status(service, status).await;
    }
}

/// Says `NOT_SERVING` to all who ask or watch. Then lets the watches end: they are calls under
/// way, and each would hold up the drain to its very end.
pub(super) async fn stop_serving(mut reporter: HealthReporter, services: &[&'static str]) {
    for service in [""].iter().chain(services) {
        reporter
            .set_service_status(service, ServingStatus::NotServing)
            .await;
    }
    for service in [""].iter().chain(services) {
        reporter.clear_service_status(service).await;
    }
}
