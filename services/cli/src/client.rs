//! How this crate calls the services.

pub use gazelle_client::health::{Answer, answers};
pub use gazelle_client::pages::pages;
pub use gazelle_client::retry::Tries;
pub use gazelle_client::{Authorized, Bearer, Client, ClientError};

use crate::failure::Failure;

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::caused(error.reason(), &error)
    }
}
