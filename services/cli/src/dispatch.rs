//! Which command is run, with its trace and to its end.

use clap::CommandFactory as _;
use gazelle_proto::access::rule;
use gazelle_runtime::access::denied;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::TelemetryConfig;
use gazelle_runtime::telemetry::{self, Format, Telemetry, TelemetryError};
use tonic::Status;
use tracing::Instrument as _;

use crate::args::{Args, Command};
use crate::commands::{
    account, audit, enrollment, enterprise, filing, ledger, man, merchant, payment, platform,
    profile, program, registry, settlement, status, suspension, usage,
};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{note, shanghai};
use crate::{demo, sample, unreached, up, words};

/// Runs one command to its end; `name` is what its trace is called.
pub async fn run(args: Args, name: &str) -> Result<(), Failure> {
    let given_home = args.global.home.clone();
    let mut context = Context::new(args.global)?;
    if args.command.goes_on_unread() {
        context.out.go_on_unread();
    }
    // What serves has a log, and a trace of each call instead of one of its own.
    let telemetry = match &args.command {
        Command::Up(_) => {
            for part in telemetry::unreadable_filters() {
                note(&words::LOG_FILTER_UNREADABLE.with(&[("part", &part)]));
            }
            Some(started(Format::Text, &context.telemetry)?)
        }
        _ if context.telemetry.otlp_endpoint.is_some() => {
            Some(started(Format::Off, &context.telemetry)?)
        }
        _ => None,
    };
    let span = if let Command::Up(_) = &args.command {
        tracing::Span::none()
    } else {
        tracing::info_span!("command", otel.name = name)
    };
    // What all commands need together is too much for a stack.
    let changes = args.command.changes_something();
    let meant = args.command.meant_rpc().and_then(rule);
    let result = Box::pin(dispatch(&mut context, args.command, given_home.is_some()));
    let result = result.instrument(span).await;
    if let Some(telemetry) = telemetry {
        telemetry.flush().await;
    }
    let written = context.out.finish();
    match result.and(written) {
        Ok(()) => Ok(()),
        Err(failure) => {
            let failure = match meant {
                Some(rule) if failure.reason() == "PERMISSION_DENIED" => {
                    Status::from(denied(rule.callers)).into()
                }
                _ => failure,
            };
            Err(explained(&context, failure, changes).await)
        }
    }
}

/// The failure with what the caller's profile explains of it.
async fn explained(context: &Context, failure: Failure, changes: bool) -> Failure {
    let profile = context.profile.as_deref();
    match (failure.reason(), profile) {
        ("PERMISSION_DENIED", Some(profile)) => {
            let subject = context.home.subject(profile);
            let whole = match subject.filter(|subject| subject != profile) {
                Some(subject) => format!("{profile} ({subject})"),
                None => profile.to_owned(),
            };
            return failure.hint(&words::YOU_ACT_AS.with(&[("profile", &whole)]));
        }
        ("ADDRESS_MISSING", Some(profile)) => {
            return failure.hint(&words::ADD_ADDRESS.with(&[("profile", &profile)]));
        }
        ("UNAUTHENTICATED" | "TOKEN_EXPIRED", Some(profile)) if context.home.signs(profile) => {
            let now = shanghai(Clock::system().now());
            let message = words::OWN_TOKEN_NOT_BELIEVED.with(&[("now", &now)]);
            return Failure::new(failure.reason().to_owned(), message);
        }
        _ if !failure.is_unreached() => return failure.in_doubt(changes),
        _ => {}
    }
    match context.home.endpoints(profile) {
        Ok(endpoints) => {
            let is_own = context.home.is_own(profile);
            unreached::explained(failure, &endpoints, is_own, changes).await
        }
        Err(_) => failure,
    }
}

fn started(format: Format, config: &TelemetryConfig) -> Result<Telemetry, Failure> {
    let started = telemetry::init("gazelle".to_owned(), format, config);
    started.map_err(|error| untraced(&error, config.otlp_endpoint.as_deref()))
}

/// What a library says of an address is for who writes programs.
fn untraced(error: &TelemetryError, endpoint: Option<&str>) -> Failure {
    match (error, endpoint) {
        (TelemetryError::Endpoint(_), Some(url)) => {
            let message = words::COLLECTOR_UNUSABLE.with(&[("url", &url)]);
            Failure::new("TELEMETRY_FAILED", message)
        }
        _ => Failure::caused("TELEMETRY_FAILED", error),
    }
}

async fn dispatch(
    context: &mut Context,
    command: Command,
    home_given: bool,
) -> Result<(), Failure> {
    match command {
        Command::Up(args) => up::run(context, args).await,
        Command::Status { wait } => status::run(context, wait).await,
        Command::Enterprise(command) => enterprise::run(context, command).await,
        Command::Filing(command) => filing::run(context, command).await,
        Command::Merchant(command) => merchant::run(context, command).await,
        Command::Suspension(command) => suspension::run(context, command).await,
        Command::Enrollment(command) => enrollment::run(context, command).await,
        Command::Platform(command) => platform::run(context, command).await,
        Command::Registry(command) => registry::run(context, command).await,
        Command::Program(command) => program::run(context, command).await,
        Command::Usage(command) => usage::run(context, command).await,
        Command::Settlement(command) => settlement::run(context, command).await,
        Command::Account(command) => account::run(context, command).await,
        Command::Payment(command) => payment::run(context, command).await,
        Command::Ledger(command) => ledger::run(context, command).await,
        Command::Audit(command) => audit::run(context, command).await,
        Command::Profile(command) => profile::run(context, command).await,
        Command::SampleCity(args) => sample::run(context, &args),
        Command::Demo(args) => demo::run(context, &args, home_given).await,
        Command::Man { out } => man::run(context, &out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                shell,
                &mut words::help::for_shells(Args::command()),
                "gazelle",
                &mut script,
            );
            context.out.script(&String::from_utf8_lossy(&script))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_collector_that_is_no_url_is_told_without_a_librarys_words() {
        let url = "no url";
        let config = TelemetryConfig {
            otlp_endpoint: Some(url.to_owned()),
        };
        let failure = words::in_chinese(|| started(Format::Off, &config)).unwrap_err();
        assert_eq!(failure.reason(), "TELEMETRY_FAILED");
        let english = words::english_of(failure.message(), "no url OTLP http localhost");
        assert_eq!(english, Vec::<&str>::new(), "{failure}");
    }
}
