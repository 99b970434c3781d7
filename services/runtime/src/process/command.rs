//! The `main` of a service's own binary.
//!
//! ```no_run
//! # use gazelle_runtime::{clock::Clock, config::{DatabaseConfig, ServerConfig, TelemetryConfig}};
//! # #[derive(serde::Deserialize)]
//! # struct Config { server: ServerConfig, database: DatabaseConfig, telemetry: TelemetryConfig }
//! # static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate::Migrator::DEFAULT;
//! # fn check(_: &Config) -> anyhow::Result<()> { Ok(()) }
//! # use tokio::net::TcpListener;
//! # use tokio_util::sync::CancellationToken;
//! # async fn serve(
//! #     _: Config, _: TcpListener, _: Clock, _: CancellationToken,
//! # ) -> anyhow::Result<()> {
//! #     Ok(())
//! # }
//! use gazelle_runtime::process::command::{Binary, run};
//!
//! fn main() -> std::process::ExitCode {
//!     let binary = Binary {
//!         service: "usage",
//!         migrator: &MIGRATOR,
//!         server: |config: &Config| &config.server,
//!         database: |config| &config.database,
//!         telemetry: |config| &config.telemetry,
//!         check,
//!         access: "",
//!     };
//!     run(&binary, serve)
//! }
//! ```

use std::{
    future::Future,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde::de::DeserializeOwned;
use sqlx::migrate::Migrator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::shutdown;
use crate::{
    clock::Clock,
    config::{self, ConfigError, DatabaseConfig, ServerConfig, TelemetryConfig},
    database, server,
    telemetry::{self, Format},
};

/// From the signal until whatever is still under way is cut off. With what telemetry may take
/// after that, a process ends within 10 s; an orchestrator kills what takes longer.
const STOP_WAIT: Duration = Duration::from_millis(8_500);

/// A service's own binary.
#[derive(Debug)]
pub struct Binary<C> {
    /// Which service it is, as in its configuration and its roles.
    pub service: &'static str,
    /// What makes and changes its tables.
    pub migrator: &'static Migrator,
    /// Where in its configuration it says where it listens.
    pub server: fn(&C) -> &ServerConfig,
    /// Where in its configuration the database is.
    pub database: fn(&C) -> &DatabaseConfig,
    /// Where in its configuration it says what becomes of telemetry.
    pub telemetry: fn(&C) -> &TelemetryConfig,
    /// Opens what the configuration names, without a connection to anything.
    pub check: fn(&C) -> anyhow::Result<()>,
    /// Who may do what with its database, as its `access.txt` has it.
    pub access: &'static str,
}

/// Runs a binary: `serve` until a signal, `migrate` its database, or `check` its configuration.
/// `serve` returns when its token is cancelled and everything is drained.
pub fn run<C, F>(
    binary: &Binary<C>,
    serve: impl FnOnce(C, TcpListener, Clock, CancellationToken) -> F,
) -> ExitCode
where
    C: DeserializeOwned,
    F: Future<Output = anyhow::Result<()>>,
{
    let arguments = arguments(binary.service).get_matches();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(work(binary, &arguments, serve));
    // Whatever blocks a thread now must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

async fn work<C, F>(
    binary: &Binary<C>,
    arguments: &ArgMatches,
    serve: impl FnOnce(C, TcpListener, Clock, CancellationToken) -> F,
) -> ExitCode
where
    C: DeserializeOwned,
    F: Future<Output = anyhow::Result<()>>,
{
    let service = binary.service;
    let file = arguments.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let config: Result<C, ConfigError> = config::load(service, file);
    let telemetry = match &config {
        Ok(config) => (binary.telemetry)(config).clone(),
        Err(_) => TelemetryConfig::default(),
    };
    let telemetry = match telemetry::init(process_name(service), Format::Json, &telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("cannot start: {:#}", anyhow::Error::from(error));
            return ExitCode::FAILURE;
        }
    };
    for part in telemetry::unreadable_filters() {
        tracing::warn!(%part, "GAZELLE_LOG has a part that is no filter, and that is not used");
    }
    let result = match config {
        Ok(config) => verb(binary, arguments, config, serve).await,
        Err(error) => Err(error.into()),
    };
    let code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(service, "failed: {error:#}");
            ExitCode::FAILURE
        }
    };
    telemetry.flush().await;
    code
}

async fn verb<C, F>(
    binary: &Binary<C>,
    arguments: &ArgMatches,
    config: C,
    serve: impl FnOnce(C, TcpListener, Clock, CancellationToken) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let service = binary.service;
    match arguments.subcommand() {
        Some(("migrate", _)) => {
            let owner = (binary.database)(&config).owner_options()?;
            let owner = owner.context("`database.owner_url` is not configured")?;
            // The first process of a container ends by a signal only if it says so itself. What
            // is under way then is rolled back.
            let stop = shutdown::on_signal()?;
            let migrated = stop.run_until_cancelled(database::migrate_as(&owner, binary.migrator));
            migrated
                .await
                .context("told to stop before it was done")??;
            tracing::info!(service, "migrated");
        }
        Some(("check", verb)) => {
            let database = (binary.database)(&config);
            database.options()?;
            database.owner_options()?;
            (binary.check)(&config)?;
            tracing::info!(service, "the configuration is valid");
            if verb.get_flag("database") {
                check_database(binary, database).await?;
            }
        }
        _ => {
            let stop = shutdown::on_signal()?;
            let too_late = async {
                stop.cancelled().await;
                tokio::time::sleep(STOP_WAIT).await;
            };
            let listener = server::bind((binary.server)(&config).listen)?;
            tokio::select! {
                served = serve(config, listener, Clock::system(), stop.clone()) => served?,
                () = too_late => anyhow::bail!("it did not stop in time and was cut off"),
            }
        }
    }
    Ok(())
}

/// Says what is not as it should be in the database, and fails where anything is.
async fn check_database<C>(binary: &Binary<C>, database: &DatabaseConfig) -> anyhow::Result<()> {
    let (options, _) = database.options()?;
    let service = binary.service;
    let differences = database::check_access(service, &options, binary.access).await?;
    // What was asked for, not what is logged.
    write!(io::stdout(), "{differences}")?;
    anyhow::ensure!(
        differences.count() == 0,
        "the database differs from how it should be in {} ways, each with a line on stdout",
        differences.count()
    );
    tracing::info!(
        service,
        "the database lets everybody do what they must, and no more"
    );
    Ok(())
}

/// As collectors show it.
fn process_name(service: &str) -> String {
    format!("gazelle-{service}")
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
    let database = Arg::new("database")
        .long("database")
        .action(ArgAction::SetTrue)
        .help("Also connect, and say what roles may do that they must not, and what they may not");
    Command::new(format!("gazelle-{name}"))
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg(config)
        .subcommand(Command::new("serve").about("Serve until SIGTERM or SIGINT"))
        .subcommand(Command::new("migrate").about("Bring the database's tables to this version"))
        .subcommand(
            Command::new("check")
                .about("Read the configuration and the files that it names, and do nothing")
                .arg(database),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        arguments("usage").debug_assert();
    }
}
