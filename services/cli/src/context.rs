//! What every command has at hand.

use gazelle_runtime::config::TelemetryConfig;

use crate::args::Global;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Out;
use crate::profile::Home;

/// What every command has at hand.
pub struct Context {
    /// Where profiles and data are.
    pub home: Home,
    /// Who calls.
    pub profile: String,
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
            profile: global.profile,
            out: Out::stdout(global.output),
            yes: global.yes,
            telemetry: TelemetryConfig {
                otlp_endpoint: global.otlp_endpoint,
            },
        })
    }

    /// Clients of the services, as the caller.
    pub async fn client(&self) -> Result<Client, Failure> {
        let caller = self.home.caller(&self.profile).await?;
        Ok(Client::new(&caller.endpoints, &caller.bearer)?)
    }
}
