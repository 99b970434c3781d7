//! How this crate calls the services.

pub use gazelle_client::health::{Answer, answers};
pub use gazelle_client::pages::pages;
pub use gazelle_client::patient::Tell;
pub use gazelle_client::retry::Tries;
pub use gazelle_client::{Bearer, Client, ClientError, Endpoints, Patient};

use crate::failure::Failure;
use crate::output::progress;

/// Clients of the services that wait for what passes, and show that they do.
pub fn client(endpoints: &Endpoints, bearer: &Bearer) -> Result<Client, Failure> {
    let tell = Box::new(progress::trying_again());
    Ok(Client::patient(endpoints, bearer, tell)?)
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::caused(error.reason(), &error)
    }
}
