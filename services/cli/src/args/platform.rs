//! `gazelle platform`: which platforms there are, and what each of them shows when it calls.

#![expect(
    clippy::doc_markdown,
    reason = "comments here are help texts, which are shown as they stand"
)]

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use gazelle_kernel::PlatformId;

use super::import::{IMPORT_HELP, ImportFile};
use super::values::{named, one_of, period_or_empty, platform};

/// `gazelle platform`.
#[derive(Debug, Subcommand)]
pub enum PlatformCommand {
    /// Import platforms with the months that they owe: platform_id, name, reports_from, reports_to
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
    /// List the known platforms, with the months that they owe
    List,
    /// Make a platform known before it reports
    #[command(after_help = ADD)]
    Add(ChangePlatformArgs),
    /// Change a platform's name, or the months that it owes; what is not given stays
    #[command(after_help = CHANGE)]
    Change(ChangePlatformArgs),
    /// Print a token of a platform for a partner's first days, and where to call with it
    #[command(
        after_help = "Example: gazelle --as registrar platform token alpha-mall --add --output json"
    )]
    Token(PlatformTokenArgs),
    /// Sign a platform's certificate, by this home's own authority, from a signing request
    #[command(after_help = SIGN)]
    Certificate(CertificateArgs),
    /// List the certificates that were signed for platforms by this home's authority
    Certificates {
        /// Only this platform's
        #[arg(value_parser = platform)]
        platform: Option<PlatformId>,
    },
    /// Revoke certificates of a platform; the services refuse them within seconds
    #[command(after_help = "Example: gazelle platform revoke-certificate alpha-mall --all")]
    RevokeCertificate(RevokeArgs),
}

const ADD: &str = "\
A platform owes each month from --reports-from on and before --reports-to: a run waits until they are sealed. Where the first is not set, it owes its months since the first in which it reported or stated anything. A month without fees is stated as 0 records.
Example: gazelle --as registrar platform add alpha-mall --name 'Alpha Mall' --reports-from 2025-01";

const CHANGE: &str = "\
A platform owes each month from --reports-from on and before --reports-to: a run waits until they are sealed.
Example, of one that ceases: gazelle --as registrar platform change alpha-mall --reports-to 2025-07";

const SIGN: &str = "\
The platform makes key and request, and keeps the key: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout alpha.key -subj /CN=alpha-mall -out alpha.csr
Example: gazelle platform certificate alpha-mall --csr alpha.csr --out alpha.pem
Of the request only its key counts. Signed again, both certificates hold until they end: rotate while the last one holds.";

/// `gazelle platform add` and `change`.
#[derive(Debug, ClapArgs)]
pub struct ChangePlatformArgs {
    /// Its id
    #[arg(value_parser = platform)]
    pub platform: PlatformId,
    /// Its name
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The first month that it owes; empty: since its first report
    #[arg(long, value_name = "YYYY-MM", value_parser = period_or_empty)]
    pub reports_from: Option<String>,
    /// The first month that it no longer owes; empty: until further notice
    #[arg(long, value_name = "YYYY-MM", value_parser = period_or_empty)]
    pub reports_to: Option<String>,
}

/// `gazelle platform token`.
#[derive(Debug, ClapArgs)]
pub struct PlatformTokenArgs {
    /// Its id
    #[arg(value_parser = platform)]
    pub platform: PlatformId,
    /// How long the token is valid
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=720))]
    pub hours: i64,
    /// Make the platform known first where it is not, as whoever --as names
    #[arg(long)]
    pub add: bool,
}

/// `gazelle platform certificate`.
#[derive(Debug, ClapArgs)]
pub struct CertificateArgs {
    /// Its id
    #[arg(value_parser = platform)]
    pub platform: PlatformId,
    /// The platform's signing request (PKCS #10, PEM)
    #[arg(long, value_name = "FILE")]
    pub csr: PathBuf,
    /// Where to write the certificate (PEM)
    #[arg(long, value_name = "FILE", value_parser = named)]
    pub out: PathBuf,
    /// How long it holds
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=90))]
    pub days: i64,
}

/// `gazelle platform revoke-certificate`.
#[derive(Debug, ClapArgs)]
#[command(group = one_of(["serial", "all"]))]
pub struct RevokeArgs {
    /// Whose
    #[arg(value_parser = platform)]
    pub platform: PlatformId,
    /// Only the one with this serial number, as `gazelle platform certificates` shows it
    #[arg(long, value_name = "HEX")]
    pub serial: Option<String>,
    /// All that are in force
    #[arg(long)]
    pub all: bool,
}
