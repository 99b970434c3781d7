//! The `main` of a service's own binary.
//!
//! ```no_run
//! # use gazelle_runtime::config::DatabaseConfig;
//! # #[derive(serde::Deserialize)]
//! # struct Config { database: DatabaseConfig }
//! # static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate::Migrator::DEFAULT;
//! # async fn serve(_: Config, _: tokio_util::sync::CancellationToken) -> anyhow::Result<()> { Ok(()) }
//! fn main() -> std::process::ExitCode {
//!     gazelle_runtime::command::run("usage", &MIGRATOR, |config: &Config| &config.database, serve)
//! }
//! ```

use std::{future::Future, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{Arg, Command, value_parser};
use serde::de::DeserializeOwned;
use sqlx::migrate::Migrator;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{self, DatabaseConfig},
    database, shutdown,
    telemetry::{self, Format},
};

/// Runs the binary of the service `name`: `serve` until a signal, `migrate` its database, or
/// `check` its configuration. `database` tells where in the configuration the database is;
/// `serve` returns when its token is cancelled and everything is drained.
pub fn run<C, F>(
    name: &'static str,
    migrator: &'static Migrator,
    database: fn(&C) -> &DatabaseConfig,
    serve: impl FnOnce(C, CancellationToken) -> F,
) -> ExitCode
where
    C: DeserializeOwned,
    F: Future<Output = anyhow::Result<()>>,
{
    let arguments = arguments(name).get_matches();
    telemetry::init(Format::Json);
    let file = arguments.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let work = async {
        let config: C = config::load(name, file)?;
        match arguments.subcommand_name() {
            Some("migrate") => {
                let owner = database(&config).owner_url.as_ref();
                let owner = owner.context("`database.owner_url` is not configured")?;
                database::migrate(owner, migrator).await?;
                tracing::info!(service = name, "migrated");
            }
            Some("check") => tracing::info!(service = name, "the configuration is valid"),
            _ => serve(config, shutdown::on_signal()?).await?,
        }
        anyhow::Ok(())
    };

    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(work);
    // Whatever blocks a thread now must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(service = name, "failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(name: &str) -> Command {
    let config = Arg::new("config")
        .long("config")
        .global(true)
        .value_name("FILE")
        .env(format!("GAZELLE_{}_CONFIG", name.to_uppercase()))
        .hide_env_values(true)
        .value_parser(value_parser!(PathBuf))
        .help("TOML file; the environment overrides it, as GAZELLE_SERVICE__SECTION__KEY");
    Command::new(format!("gazelle-{name}"))
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg(config)
        .subcommand(Command::new("serve").about("Serve until SIGTERM or SIGINT"))
        .subcommand(Command::new("migrate").about("Bring the database's tables to this version"))
        .subcommand(Command::new("check").about("Read the configuration and do nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        arguments("usage").debug_assert();
    }
}
