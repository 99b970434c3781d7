//! `gazelle program` and `gazelle enrollment`.

#![expect(
    clippy::doc_markdown,
    reason = "comments here are help texts, which are shown as they stand"
)]

use std::path::PathBuf;

use clap::Subcommand;
use gazelle_kernel::ProgramId;

use super::import::{IMPORT_HELP, ImportFile};
use super::values::program;

/// `gazelle program`.
#[derive(Debug, Subcommand)]
pub enum ProgramCommand {
    /// Create or change a program from a JSON file
    #[command(after_help = "\
Keys: program_id, name, name_zh, valid_from, valid_to, platforms, districts, industries, size_classes, shares [{fee_kind, government_bps, platform_bps}], enterprise_year_cap_fen, budgets [{year, amount_fen, release}], allocation, payee, payment_min_fen (no less is paid, but by a last order), payer {account_name, account_number, bank_code, bank_name} (whose account pays; else the installation's), excludes, notice_days (7 unless said).
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

/// `gazelle enrollment`.
#[derive(Debug, Subcommand)]
pub enum EnrollmentCommand {
    /// Import enrollments: program_id, uscc, applied_at, effective_from, effective_to
    /// (the first day after)
    #[command(after_help = IMPORT_HELP)]
    Import(ImportFile),
    /// List a program's enrollments by enterprise and first day
    List {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
    },
}
