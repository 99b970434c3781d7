//! How this crate calls the services.

pub use gazelle_client::health::serving;
pub use gazelle_client::pages::pages;
pub use gazelle_client::retry::Tries;
pub use gazelle_client::{Authorized, Bearer, Client, ClientError};

use crate::failure::Failure;

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let mut message = error.to_string();
        if let Some(cause) = std::error::Error::source(&error) {
            message = format!("{message}: {cause}");
        }
        Self::new(error.reason(), message)
    }
}
