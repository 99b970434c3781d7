//! A usage service that remembers nothing of what came lately, as after a restart of one that was
//! told more than it remembers: ids that two open periods have are told apart when one is sealed,
//! and not before.

use gazelle_client::Client;
use gazelle_runtime::auth::Role;

use crate::apart::Apart;
use crate::running::Running;
use crate::suite::person;

/// A usage service of one's own.
#[derive(Debug)]
pub struct Forgetful {
    apart: Apart,
    _usage: Running,
}

impl Forgetful {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let apart = Apart::new().await;
        let settings = [("INGEST__REMEMBERED_RECORDS", "0")];
        let usage = apart.serve("usage", &settings).await;
        Self {
            apart,
            _usage: usage,
        }
    }

    /// Clients of a platform.
    #[must_use]
    pub fn platform(&self, id: &str) -> Client {
        self.apart.platform(id)
    }

    /// Clients of the officer.
    #[must_use]
    pub fn officer(&self) -> Client {
        self.apart.officer()
    }

    /// Clients of the auditor.
    #[must_use]
    pub fn auditor(&self) -> Client {
        self.apart.client(person("auditor", &[Role::Auditor]))
    }
}
