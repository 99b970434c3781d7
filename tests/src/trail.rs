//! Checks of the trails, and of what is stored against them.

use gazelle_client::{Client, Patient};
use gazelle_proto::audit::v1::{
    VerifyChainRequest, VerifyChainResponse, audit_service_client::AuditServiceClient,
};
use tokio::sync::Mutex;
use tonic::Status;

use crate::suite::Suite;

/// A service's trail, as `client` sees it.
#[must_use]
pub fn trail(client: &Client, service: &str) -> AuditServiceClient<Patient> {
    match service {
        "registry" => client.trails.registry.clone(),
        "usage" => client.trails.usage.clone(),
        _ => client.trails.settlement.clone(),
    }
}

/// What a check comes to in the end.
pub async fn verify(
    trail: &AuditServiceClient<Patient>,
    request: VerifyChainRequest,
) -> Result<VerifyChainResponse, Status> {
    let mut steps = trail.clone().verify_chain(request).await?.into_inner();
    let mut last = VerifyChainResponse::default();
    while let Some(step) = steps.message().await? {
        last = step;
    }
    Ok(last)
}

/// Checks a service's trail, and what is stored against it.
pub async fn verify_all(suite: &Suite, service: &str) -> Result<VerifyChainResponse, Status> {
    let request = VerifyChainRequest {
        with_state: true,
        ..VerifyChainRequest::default()
    };
    verify(&trail(&suite.auditor(), service), request).await
}

/// Sees that what the registry stores is what its trail says. One at a time: a service reads two
/// trails whole at once, and another test may want one.
pub async fn registry_is_sound(suite: &Suite) {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    let right = verify_all(suite, "registry").await.unwrap();
    assert!(right.state_compared);
}
