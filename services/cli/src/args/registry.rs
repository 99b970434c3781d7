//! What the registry is asked: enterprises, filings, merchant accounts, suspensions.

#![expect(
    clippy::doc_markdown,
    reason = "comments here are help texts, which are shown as they stand"
)]

use clap::{Args as ClapArgs, Subcommand};
use gazelle_kernel::PlatformId;

use super::import::{IMPORT_HELP, ImportFile};
use super::values::{date, one_of, platform};

/// `gazelle enterprise`.
#[derive(Debug, Subcommand)]
pub enum EnterpriseCommand {
    /// Import enterprises: uscc, name, district_code, industry_code, established_on [,
    /// uscc_exception_evidence]
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
    #[command(group = one_of(["district", "industry"]))]
    Change {
        /// Whose
        uscc: String,
        /// The district code (6 digits) that holds from that day on
        #[arg(long, value_name = "CODE")]
        district: Option<String>,
        /// The industry code (4 digits) that holds from that day on
        #[arg(long, value_name = "CODE")]
        industry: Option<String>,
        /// The day, YYYY-MM-DD
        #[arg(long, value_name = "DATE", value_parser = date)]
        from: String,
    },
    /// Register one enterprise, or correct what is recorded of it; what is not given stays
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
    /// (the first day after)
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
    /// Import suspensions: uscc, suspended_from, suspended_to (the first day after), reason
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
}

/// `gazelle registry`.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// List every change with who made it and when, chained by digest (as auditor)
    Changes,
}
