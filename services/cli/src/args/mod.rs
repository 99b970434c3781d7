//! The command line, as `clap` reads and explains it.

#![expect(
    clippy::doc_markdown,
    reason = "comments here are help texts, which are shown as they stand"
)]

mod audit;
mod effect;
mod environment;
mod global;
mod import;
mod payment;
mod platform;
mod profile;
mod program;
mod registry;
mod settlement;
mod suite;
mod usage;
mod values;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use audit::{AuditCommand, KeyArgs, ListAuditArgs, TrailOf};
pub use environment::without_empty_variables;
pub use global::Global;
pub use import::ImportFile;
pub use payment::{
    AccountCommand, AccountState, FileFormat, JournalFormat, LedgerCommand, OrderTable,
    PaymentCommand, Seen,
};
pub use platform::{
    CertificateArgs, ChangePlatformArgs, PlatformCommand, PlatformTokenArgs, RevokeArgs,
};
pub use profile::{AddProfileArgs, ProfileCommand};
pub use program::{EnrollmentCommand, ProgramCommand};
pub use registry::{
    EnterpriseCommand, FilingCommand, MerchantCommand, RegisterArgs, RegistryCommand,
    SuspensionCommand,
};
pub use settlement::{ResultTable, SettlementCommand};
pub use suite::{DemoArgs, SampleArgs, UpArgs};
pub use usage::{StateArgs, UsageCommand};
pub use values::{PlatformPeriod, RunRef};

const EXAMPLES: &str = "\
Try it:
  gazelle demo                                 a sample city, settled month by month
  gazelle up                                   the whole suite on this machine

Work with it, in another terminal:
  gazelle status --wait 60
  gazelle sample-city --out city
  gazelle --as registrar platform import city/platforms.csv
  gazelle --as registrar enterprise import city/enterprises.csv
  gazelle --as officer program apply city/programs/card-fee-relief.json
  gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 city/usage/alpha-mall/2025-01.csv
  gazelle --as officer settlement readiness --program card-fee-relief --through 2025-01

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
    /// Payment accounts: where payees are paid
    #[command(subcommand)]
    Account(AccountCommand),
    /// Payments: from what runs gave to money on accounts
    #[command(subcommand)]
    Payment(PaymentCommand),
    /// The books: every yuan's way, to be checked and re-added
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// The trails: who did what, when, and the proof of it
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Profiles: the identities of --as
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Write a made-up city as CSV and JSON files to try everything with
    SampleCity(SampleArgs),
    /// Generate a city, start the suite, settle a year and show who bears what
    Demo(DemoArgs),
    /// Write the manual as man pages, one a command
    #[command(after_help = "Example: gazelle man --out /usr/local/share/man/man1")]
    Man {
        /// Folder to write to; made if need be
        #[arg(long, value_name = "DIR", value_parser = values::named)]
        out: PathBuf,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example: gazelle completions bash > /etc/bash_completion.d/gazelle")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::output::Format;

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
                before.global.profile.as_deref(),
                after.global.profile.as_deref()
            ),
            (None, Some("auditor"))
        );
    }

    #[test]
    fn a_total_may_be_negative() {
        let line =
            "gazelle usage state --platform ab --period 2025-01 --record-count 1 --total-fen -5";
        assert!(Args::try_parse_from(line.split(' ')).is_ok());
    }

    #[test]
    fn where_one_of_several_options_must_be_given_all_are_named() {
        for (line, options) in [
            (
                "settlement decide a-share#1 91330106MA20003340 --decision x",
                &["--uphold", "--dismiss"][..],
            ),
            ("settlement show", &["RUN", "--latest"]),
            ("account confirm", &["PAYEE", "--all"]),
            ("platform revoke-certificate ab", &["--serial", "--all"]),
            (
                "enterprise change 91330106MA20003340 --from 2025-07-01",
                &["--district", "--industry"],
            ),
            (
                "profile add mine --token-file t",
                &["--registry", "--usage", "--settlement"],
            ),
            (
                "profile add mine --usage https://u:1",
                &["--token-file", "--certificate-file"],
            ),
        ] {
            let words = format!("gazelle {line}");
            let told = Args::try_parse_from(words.split(' ')).unwrap_err();
            let told = told.to_string();
            let required = told.split("Usage:").next().unwrap();
            for option in options {
                assert!(required.contains(option), "{line}: no {option} in {told}");
            }
        }
        let both = "gazelle settlement decide a-share#1 91330106MA20003340 --decision x --uphold --dismiss";
        assert!(Args::try_parse_from(both.split(' ')).is_err());
        let all = "gazelle profile add mine --usage https://u:1 --registry https://r:1 --token-file t --certificate-file c";
        assert!(Args::try_parse_from(all.split(' ')).is_ok());
    }

    #[test]
    fn where_standard_output_is_no_place_a_name_is_asked_for() {
        for line in [
            "man --out -",
            "sample-city --out -",
            "platform certificate ab --csr a.csr --out -",
            "usage report --platform ab --period 2025-01 --receipt - a.csv",
            "audit key --new - --name a",
        ] {
            let line = format!("gazelle {line}");
            let error = Args::try_parse_from(line.split(' ')).unwrap_err();
            assert!(error.to_string().contains("a name is needed"), "{error}");
        }
        let line = "gazelle payment export ab#1 --out -";
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
