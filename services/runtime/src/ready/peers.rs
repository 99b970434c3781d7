//! Whether the services that this one calls serve.

use gazelle_client::{ClientError, TlsFiles, health::Health};
use tokio_util::task::AbortOnDropHandle;

use super::{Needed, Readiness};

/// Asks the service at `url` again and again whether it serves.
pub fn watch(
    name: &str,
    url: &str,
    tls: &TlsFiles,
    needed: Needed,
    readiness: &Readiness,
) -> Result<AbortOnDropHandle<()>, ClientError> {
    let health = Health::new(url, tls)?;
    Ok(readiness.watch(name, needed, move || {
        let mut health = health.clone();
        async move { health.check().await }
    }))
}
