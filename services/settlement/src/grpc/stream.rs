//! Streams of messages.

use std::pin::Pin;

use futures::Stream;
use tonic::Status;

/// Messages as they come.
pub type Messages<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;
