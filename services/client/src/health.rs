//! Whether a service serves.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    channel::{Channel, channel},
    endpoints::Endpoints,
    error::ClientError,
    files::TlsFiles,
};

/// Longest wait for a service to say whether it serves.
const HEALTH_WAIT: Duration = Duration::from_secs(2);

/// Asks one service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health(HealthClient<Channel>);

impl Health {
    /// Connects when first asked.
    pub fn new(url: &str, tls: &TlsFiles) -> Result<Self, ClientError> {
        let channel = channel(url, tls, HEALTH_WAIT)?;
        Ok(Self(HealthClient::new(channel)))
    }

    /// Refused with why not.
    pub async fn check(&mut self) -> Result<(), String> {
        match timeout(HEALTH_WAIT, self.0.check(HealthCheckRequest::default())).await {
            Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => Ok(()),
            Ok(Ok(_)) => Err("it does not serve".to_owned()),
            Ok(Err(status)) => {
                tracing::debug!(%status, "a service does not answer");
                Err("it does not answer".to_owned())
            }
            Err(_) => Err("it does not answer in time".to_owned()),
        }
    }
}

/// Whether each service serves of which it is known where.
pub async fn serving(endpoints: &Endpoints) -> Vec<bool> {
    let each = endpoints.known();
    let Ok(tls) = endpoints.tls_files() else {
        return each.map(|_| false).collect();
    };
    let asked = each.map(|(_, url)| async {
        match Health::new(url, &tls) {
            Ok(mut health) => health.check().await.is_ok(),
            Err(_) => false,
        }
    });
    join_all(asked).await
}
