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

/// What a service says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It serves.
    Serving,
    /// It is there, and does not serve now.
    NotServing,
    /// Nothing: it is not there, or not as it is asked.
    Silent,
}

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
        match self.answer().await? {
            Answer::Serving => Ok(()),
            Answer::NotServing | Answer::Silent => Err("it does not serve".to_owned()),
        }
    }

    /// Refused with why there is none.
    async fn answer(&mut self) -> Result<Answer, String> {
        match timeout(HEALTH_WAIT, self.0.check(HealthCheckRequest::default())).await {
            Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => {
                Ok(Answer::Serving)
            }
            Ok(Ok(_)) => Ok(Answer::NotServing),
            Ok(Err(status)) => {
                tracing::debug!(%status, "a service does not answer");
                Err("it does not answer".to_owned())
            }
            Err(_) => Err("it does not answer in time".to_owned()),
        }
    }
}

/// What each service says of which it is known where.
pub async fn answers(endpoints: &Endpoints) -> Vec<Answer> {
    let each = endpoints.known();
    let Ok(tls) = endpoints.tls_files() else {
        return each.map(|_| Answer::Silent).collect();
    };
    let asked = each.map(|(_, url)| async {
        match Health::new(url, &tls) {
            Ok(mut health) => health.answer().await.unwrap_or(Answer::Silent),
            Err(_) => Answer::Silent,
        }
    });
    join_all(asked).await
}
