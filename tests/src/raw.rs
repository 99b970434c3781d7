//! Calls of any RPC by its path, with any message and whatever is to be shown.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _};
use gazelle_client::Endpoints;
use gazelle_client::channel::{Channel, channel};
use tokio_stream::{StreamExt as _, iter};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status, Streaming};

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
        self.send(path, authorization, Vec::new()).await
    }

    /// The same with those bytes as its message.
    pub async fn send(
        &self,
        path: &str,
        authorization: Option<&str>,
        message: Vec<u8>,
    ) -> Result<(), Status> {
        self.ask(path, authorization, message).await.map(|_| ())
    }

    /// The same; hands on the first message of the answer, as it came.
    pub async fn ask(
        &self,
        path: &str,
        authorization: Option<&str>,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, Status> {
        let mut answers = self.stream(path, authorization, vec![message]).await?;
        answers.next().await.unwrap_or(Ok(Vec::new()))
    }

    /// The same with all of these messages; hands on all that is answered.
    pub async fn stream(
        &self,
        path: &str,
        authorization: Option<&str>,
        messages: Vec<Vec<u8>>,
    ) -> Result<Streaming<Vec<u8>>, Status> {
        let service = path.split('.').nth(1).unwrap_or_default();
        let mut channels = self.channels.iter();
        let found = channels.find(|(name, _)| *name == service);
        let (_, channel) = found.unwrap_or(&self.channels[1]);
        let mut grpc = Grpc::new(channel.clone());
        let ready = grpc.ready().await;
        ready.map_err(|error| Status::from_error(error.into()))?;
        let mut request = Request::new(iter(messages));
        if let Some(value) = authorization {
            request
                .metadata_mut()
                .insert("authorization", value.parse().unwrap());
        }
        let path = path.parse().unwrap();
        let answers = grpc.streaming(request, path, Bytes).await?;
        Ok(answers.into_inner())
    }
}

/// Sends bytes as they are, and reads them so.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self::Decoder {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, bytes: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&bytes);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = from.remaining();
        Ok(Some(from.copy_to_bytes(length).to_vec()))
    }
}
