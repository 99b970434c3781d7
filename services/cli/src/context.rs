//! What every command has at hand.

use gazelle_runtime::config::TelemetryConfig;

use crate::args::Global;
use crate::client::{Client, client};
use crate::failure::Failure;
use crate::output::Out;
use crate::profile::{Caller, Home};

/// What every command has at hand.
pub struct Context {
    /// Where profiles and data are.
    pub home: Home,
    /// Who calls, where that was said.
    pub profile: Option<String>,
    /// Where the result goes.
    pub out: Out,
    /// Nothing is to be asked before what cannot be undone.
    pub yes: bool,
    /// Where to send what is done.
    pub telemetry: TelemetryConfig,
}

impl Context {
    /// For a command that was given these.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        Ok(Self {
            home: Home::new(global.home)?,
            profile: global.profile.filter(|name| !name.is_empty()),
            out: Out::stdout(global.output),
            yes: global.yes,
            telemetry: TelemetryConfig {
                otlp_endpoint: global.otlp_endpoint,
            },
        })
    }

    /// Who calls. Nobody is assumed to: what is done is recorded under that name.
    pub async fn caller(&self) -> Result<Caller, Failure> {
        match &self.profile {
            Some(profile) => self.home.caller(profile).await,
            None => Err(self.home.nobody_chosen()),
        }
    }

    /// Clients of the services, as the caller.
    pub async fn client(&self) -> Result<Client, Failure> {
        let caller = self.caller().await?;
        client(&caller.endpoints, &caller.bearer)
    }
}
