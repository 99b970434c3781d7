//! The command line, as `clap` reads and explains it.

#![expect(
    clippy::doc_markdown,
    reason = "comments here are help texts, which are shown as they stand"
)]

mod settlement;
mod usage;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use gazelle_kernel::{Period, PlatformId, ProgramId, Uscc, Year, parse_date};

pub use settlement::{ResultTable, SettlementCommand};
pub use usage::UsageCommand;

use crate::output::Format;

const EXAMPLES: &str = "\
Try it:
  gazelle demo                                 a sample city, settled month by month
  gazelle up                                   the whole suite on this machine

Work with it, in another terminal:
  gazelle status --wait 60
  gazelle sample-city --out city
  gazelle --as registrar enterprise import city/enterprises.csv
  gazelle --as officer program apply city/programs/marketplace-fee-share.json
  gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 city/usage/alpha-mall/2025-01.csv
  gazelle --as officer settlement compute --program marketplace-fee-share --through 2025-01

Amounts are whole fen (1 yuan = 100 fen) in files, options, JSON and CSV; tables show yuan.
Exit codes: 0 all done; 1 something was refused, with one line `error: REASON: what and why` on stderr; 2 bad usage.";

/// Shares platform fees between government, platforms and small enterprises, to the fen.
#[derive(Debug, Parser)]
#[command(name = "gazelle", bin_name = "gazelle", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command, before or after its name.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Folder with the data of `gazelle up` and the profiles of its users [default: as root
    /// /var/lib/gazelle, else gazelle in the user's data folder]
    #[arg(long, global = true, env = "GAZELLE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Who you are: registrar, officer, approver, auditor, admin, platform:ID, or one of your own
    /// (see `gazelle profile list`)
    #[arg(
        long = "as",
        global = true,
        env = "GAZELLE_AS",
        value_name = "PROFILE",
        default_value = "admin"
    )]
    pub profile: String,
    /// How to write the result: a table with yuan for people, json or csv with fen for programs
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "table|json|csv",
        hide_possible_values = true,
        default_value_t
    )]
    pub output: Format,
    /// Send traces of what is done to that OTLP collector (gRPC), such as http://localhost:4317
    #[arg(
        long,
        global = true,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub otlp_endpoint: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything in one process, on a PostgreSQL of its own under --home
    Up(UpArgs),
    /// Show whether the services serve, and where
    Status {
        /// Wait up to that many seconds for all of them
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
    /// Enterprises: who they are
    #[command(subcommand)]
    Enterprise(EnterpriseCommand),
    /// Yearly filings, which decide an enterprise's size class
    #[command(subcommand)]
    Filing(FilingCommand),
    /// Merchant accounts: whose shop is whose
    #[command(subcommand)]
    Merchant(MerchantCommand),
    /// Suspensions from support
    #[command(subcommand)]
    Suspension(SuspensionCommand),
    /// Enrollments of enterprises in programs
    #[command(subcommand)]
    Enrollment(EnrollmentCommand),
    /// Partner platforms
    #[command(subcommand)]
    Platform(PlatformCommand),
    /// The registry's own history
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// Programs: what is shared, with whom, on which budget
    #[command(subcommand)]
    Program(ProgramCommand),
    /// Usage: what the platforms charged
    #[command(subcommand)]
    Usage(UsageCommand),
    /// Settlement: who bears what
    #[command(subcommand)]
    Settlement(SettlementCommand),
    /// Profiles: the identities of --as
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Write a made-up city as CSV and JSON files to try everything with
    SampleCity(SampleArgs),
    /// Generate a city, start the suite, settle a year and show who bears what
    Demo(DemoArgs),
    /// Print a completion script for a shell
    #[command(after_help = "Example: gazelle completions bash > /etc/bash_completion.d/gazelle")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// `gazelle up`.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(after_help = "\
Data, keys and profiles live under --home; starting again on the same home goes on where it stopped, also after a crash.
Ports are chosen on the first start and kept. SIGTERM or Ctrl-C drains and stops; a second one stops at once.
GAZELLE_LOG filters the log on stderr, for example GAZELLE_LOG=info,gazelle_usage=debug.

Another PostgreSQL: gazelle up --database-url 'postgres://{role}:secret@db.example/{database}'
  Its databases gazelle_registry, gazelle_usage, gazelle_settlement must exist, with a role of the same name each and its owner gazelle_X_owner.")]
pub struct UpArgs {
    /// Address of the registry service
    #[arg(long, value_name = "ADDR")]
    pub registry_listen: Option<SocketAddr>,
    /// Address of the usage service
    #[arg(long, value_name = "ADDR")]
    pub usage_listen: Option<SocketAddr>,
    /// Address of the settlement service
    #[arg(long, value_name = "ADDR")]
    pub settlement_listen: Option<SocketAddr>,
    /// Address for /livez, /readyz and /metrics over HTTP, for all services together [default: none]
    #[arg(long, value_name = "ADDR")]
    pub admin_listen: Option<SocketAddr>,
    /// Use that PostgreSQL instead of an embedded one: a URL with {database} and {role}
    #[arg(
        long,
        env = "GAZELLE_DATABASE_URL",
        hide_env_values = true,
        value_name = "TEMPLATE"
    )]
    pub database_url: Option<String>,
}

/// A file to import.
#[derive(Debug, Clone, ClapArgs)]
pub struct ImportFile {
    /// CSV file in UTF-8 with a header; `-` is stdin
    pub file: PathBuf,
}

const IMPORT_HELP: &str = "\
The file names its columns in a header, in any order; others are ignored. Dates are YYYY-MM-DD; an empty `to` means until further notice.
Good rows go in, bad ones are listed with line and reason, and then the exit code is 1. Importing the same file again changes nothing.";

/// `gazelle enterprise`.
#[derive(Debug, Subcommand)]
pub enum EnterpriseCommand {
    /// Import enterprises: uscc, name, district_code, industry_code, established_on [, uscc_exception_evidence]
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
    /// Show an enterprise with its filings, suspensions and merchant accounts
    Show {
        /// Its unified social credit code
        uscc: String,
    },
    /// List all enterprises by code
    List,
    /// Record that an enterprise moved or changed its industry on a day
    #[command(
        after_help = "Example: gazelle enterprise change 91330106MA20003340 --district 330108 --from 2025-07-01"
    )]
    Change {
        /// Whose
        uscc: String,
        /// The district code (6 digits) that holds from that day on
        #[arg(
            long,
            value_name = "CODE",
            required_unless_present = "industry",
            conflicts_with = "industry"
        )]
        district: Option<String>,
        /// The industry code (4 digits) that holds from that day on
        #[arg(long, value_name = "CODE")]
        industry: Option<String>,
        /// The day, YYYY-MM-DD
        #[arg(long, value_name = "DATE", value_parser = date)]
        from: String,
    },
    /// Register one enterprise, or correct what is recorded of it
    Register(RegisterArgs),
}

/// `gazelle enterprise register`.
#[derive(Debug, ClapArgs)]
pub struct RegisterArgs {
    /// Its unified social credit code, 18 characters
    pub uscc: String,
    /// Its registered name
    #[arg(long)]
    pub name: String,
    /// District code, 6 digits (GB/T 2260)
    #[arg(long, value_name = "CODE")]
    pub district: String,
    /// Industry code, 4 digits (GB/T 4754-2017)
    #[arg(long, value_name = "CODE")]
    pub industry: String,
    /// Day of establishment, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub established_on: Option<String>,
    /// For a code that was officially issued though its check digit is wrong: the evidence
    #[arg(long, value_name = "TEXT")]
    pub exception_evidence: Option<String>,
}

/// `gazelle filing`.
#[derive(Debug, Subcommand)]
pub enum FilingCommand {
    /// Import filings: uscc, fiscal_year, headcount, annual_revenue_fen, total_assets_fen
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
}

/// `gazelle merchant`.
#[derive(Debug, Subcommand)]
pub enum MerchantCommand {
    /// Import merchant accounts: platform_id, merchant_id, uscc, bound_from, bound_to
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
    /// List merchant accounts by platform, account and first day
    List {
        /// Only this platform's
        #[arg(long, value_name = "ID", value_parser = platform)]
        platform: Option<PlatformId>,
        /// Only this enterprise's
        #[arg(long)]
        uscc: Option<String>,
    },
}

/// `gazelle suspension`.
#[derive(Debug, Subcommand)]
pub enum SuspensionCommand {
    /// Import suspensions: uscc, suspended_from, suspended_to, reason
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
}

/// `gazelle enrollment`.
#[derive(Debug, Subcommand)]
pub enum EnrollmentCommand {
    /// Import enrollments: program_id, uscc, applied_at, effective_from, effective_to
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
    /// List a program's enrollments by enterprise and first day
    List {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
    },
}

/// `gazelle platform`.
#[derive(Debug, Subcommand)]
pub enum PlatformCommand {
    /// List the known platforms
    List,
}

/// `gazelle registry`.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// List every change with who made it and when, chained by digest (as auditor)
    Changes,
}

/// `gazelle program`.
#[derive(Debug, Subcommand)]
pub enum ProgramCommand {
    /// Create or change a program from a JSON file
    #[command(after_help = "\
Keys: program_id, name, name_zh, valid_from, valid_to, platforms, districts, industries, size_classes, shares [{fee_kind, government_bps, platform_bps}], enterprise_year_cap_fen, budgets [{year, amount_fen, release}], allocation, payee, excludes, notice_days (7 unless said).
Rates are basis points (1/10,000). See the programs of `gazelle sample-city` for examples; `gazelle program show ID --output json` prints such a file.")]
    Apply {
        /// The JSON file
        file: PathBuf,
    },
    /// Show a program
    Show {
        /// Its id
        #[arg(value_parser = program)]
        program: ProgramId,
        /// An earlier version of it
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        version: i32,
    },
    /// List all programs
    List,
}

/// `gazelle profile`.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// List the profiles of this home
    List,
    /// Add a profile for a suite that runs elsewhere
    Add(AddProfileArgs),
    /// Print a bearer token of a profile, for clients of your own (curl, grpcurl, another language)
    #[command(
        after_help = "Example: grpcurl -plaintext -H \"authorization: Bearer $(gazelle profile token auditor)\" ADDRESS gazelle.registry.v1.RegistryService/ListPlatforms"
    )]
    Token {
        /// The profile, as for --as
        name: String,
        /// How long the token is valid
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=720))]
        hours: i64,
    },
}

/// `gazelle profile add`.
#[derive(Debug, ClapArgs)]
pub struct AddProfileArgs {
    /// Its name, for --as
    pub name: String,
    /// URL of the registry service, http:// or https://
    #[arg(long, value_name = "URL")]
    pub registry: String,
    /// URL of the usage service
    #[arg(long, value_name = "URL")]
    pub usage: String,
    /// URL of the settlement service
    #[arg(long, value_name = "URL")]
    pub settlement: String,
    /// File with the bearer token; read again at every command
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// Certificates (PEM) that https:// servers are checked against
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// `gazelle sample-city`.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_help = "The same seed and sizes give the same bytes on any machine.")]
pub struct SampleArgs {
    /// Folder to write to; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What to start from
    #[arg(long, default_value_t = 2025)]
    pub seed: u64,
    /// How many enterprises
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=10_000_000))]
    pub enterprises: u32,
    /// How many usage records, about [default: 25 an enterprise]
    #[arg(long)]
    pub records: Option<u64>,
}

/// `gazelle demo`.
#[derive(Debug, Clone, ClapArgs)]
#[command(
    after_help = "Data goes to --home where that is given, which must not exist or be empty; else to a new folder beside the default home. It stays, so you can go on exploring."
)]
pub struct DemoArgs {
    /// How many enterprises
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub enterprises: u32,
    /// What the city is generated from
    #[arg(long, default_value_t = 2025)]
    pub seed: u64,
}

/// Which platform's month.
#[derive(Debug, Clone, ClapArgs)]
pub struct PlatformPeriod {
    /// The platform
    #[arg(long, value_name = "ID", value_parser = platform)]
    pub platform: PlatformId,
    /// The calendar month
    #[arg(long, value_name = "YYYY-MM", value_parser = period)]
    pub period: Period,
}

fn told<T>(parsed: Result<T, gazelle_kernel::ParseError>) -> Result<T, String> {
    parsed.map_err(|error| format!("{}: {error}", error.reason()))
}

fn date(text: &str) -> Result<String, String> {
    told(parse_date(text)).map(|day| day.to_string())
}

fn period(text: &str) -> Result<Period, String> {
    told(Period::parse(text))
}

fn year(text: &str) -> Result<Year, String> {
    told(Year::parse(text))
}

fn platform(text: &str) -> Result<PlatformId, String> {
    told(PlatformId::parse(text))
}

fn program(text: &str) -> Result<ProgramId, String> {
    told(ProgramId::parse(text))
}

fn uscc(text: &str) -> Result<Uscc, String> {
    told(Uscc::parse_excepted(text))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_of_every_command_stand_before_or_after_it() {
        let before = Args::parse_from([
            "gazelle", "--home", "h", "--output", "json", "platform", "list",
        ]);
        let after = Args::parse_from([
            "gazelle", "platform", "list", "--as", "auditor", "--output", "json",
        ]);
        assert_eq!(
            (before.global.output, after.global.output),
            (Format::Json, Format::Json)
        );
        assert_eq!(
            (
                before.global.profile.as_str(),
                after.global.profile.as_str()
            ),
            ("admin", "auditor")
        );
    }

    #[test]
    fn a_total_may_be_negative() {
        let line =
            "gazelle usage state --platform ab --period 2025-01 --record-count 1 --total-fen -5";
        assert!(Args::try_parse_from(line.split(' ')).is_ok());
    }

    #[test]
    fn a_month_that_is_none_is_bad_usage_and_has_its_reason() {
        let line = "gazelle usage seal --platform ab --period 2025-13";
        let error = Args::try_parse_from(line.split(' ')).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("PERIOD_INVALID"));
    }
}
