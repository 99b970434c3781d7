//! `gazelle usage`.

use std::path::PathBuf;

use clap::Subcommand;
use gazelle_kernel::PlatformId;

use super::{PlatformPeriod, platform};

/// What the platforms charged.
#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    /// Report a month's records: record_id, merchant_id, fee_kind, occurred_on, amount_fen, reverses_record_id
    #[command(after_help = "\
As the platform itself: gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 january.csv
Reporting the same again is harmless: records that are there already count as duplicates. A refused record never costs the others; it is listed with its line and reason, and then the exit code is 1.
JSON: accepted, duplicates, rejected, rejections [{line, record_id, reason, message}].")]
    Report {
        /// Whose and which month
        #[command(flatten)]
        of: PlatformPeriod,
        /// CSV file in UTF-8 with a header; `-` is stdin
        file: PathBuf,
    },
    /// State how many records a month has, and their sum
    State {
        /// Whose and which month
        #[command(flatten)]
        of: PlatformPeriod,
        /// All its records, reversals too
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
        record_count: i64,
        /// Their sum in fen, reversals negative
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        total_fen: i64,
    },
    /// Seal a month whose stated totals agree with what was received (as officer)
    Seal {
        /// Whose and which month
        #[command(flatten)]
        of: PlatformPeriod,
    },
    /// List months with what was received, stated and sealed
    Periods {
        /// Only this platform's
        #[arg(long, value_name = "ID", value_parser = platform)]
        platform: Option<PlatformId>,
    },
    /// List a month's refused records
    Refused {
        /// Whose and which month
        #[command(flatten)]
        of: PlatformPeriod,
    },
    /// List a month's accepted records (as the platform or auditor)
    Records {
        /// Whose and which month
        #[command(flatten)]
        of: PlatformPeriod,
        /// Only this record
        #[arg(long, value_name = "ID")]
        record: Option<String>,
    },
}
