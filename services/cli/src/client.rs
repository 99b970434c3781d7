//! How this crate calls the services.

pub use gazelle_client::health::serving;
pub use gazelle_client::pages::pages;
pub use gazelle_client::retry::Tries;
pub use gazelle_client::{Authorized, Bearer, Client, ClientError};

use crate::failure::Failure;

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::said(error.reason(), &message)
    }
}
