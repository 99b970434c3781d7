//! Calls of any RPC by its path, with an empty message and whatever is to be shown.

use std::time::Duration;

use gazelle_client::Endpoints;
use gazelle_client::channel::{Channel, channel};
use tokio_stream::{StreamExt as _, once};
use tonic::client::Grpc;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

const WAIT: Duration = Duration::from_secs(30);

/// Channels to the services.
pub struct Raw {
    channels: [(&'static str, Channel); 3],
}

impl Raw {
    /// To where they listen.
    #[must_use]
    pub fn new(endpoints: &Endpoints) -> Self {
        let tls = endpoints.tls_files().unwrap();
        Self {
            channels: endpoints
                .each()
                .map(|(name, url)| (name, channel(url, &tls, WAIT).unwrap())),
        }
    }

    /// Calls an RPC with an empty message and that `authorization`, and waits for its first word.
    /// What no service has, usage is asked.
    pub async fn call(
        &self,
        path: &'static str,
        authorization: Option<&str>,
    ) -> Result<(), Status> {
        let service = path.split('.').nth(1).unwrap_or_default();
        let mut channels = self.channels.iter();
        let found = channels.find(|(name, _)| *name == service);
        let (_, channel) = found.unwrap_or(&self.channels[1]);
        let mut grpc = Grpc::new(channel.clone());
        let ready = grpc.ready().await;
        ready.map_err(|error| Status::from_error(error.into()))?;
        let mut request = Request::new(once(()));
        if let Some(value) = authorization {
            request
                .metadata_mut()
                .insert("authorization", value.parse().unwrap());
        }
        // Any message that is read as nothing: what it says does not matter.
        let codec = ProstCodec::<(), ()>::default();
        let answers = grpc
            .streaming(request, path.parse().unwrap(), codec)
            .await?;
        answers.into_inner().next().await.unwrap_or(Ok(()))
    }
}
