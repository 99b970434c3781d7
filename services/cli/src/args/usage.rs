//! `gazelle usage`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use gazelle_kernel::{Period, PlatformId};

use super::values::{PlatformPeriod, count, fen, named, period, platform};

/// What the platforms charged.
#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    /// Report a month's records: record_id, merchant_id, fee_kind, occurred_on, amount_fen,
    /// reverses_record_id
    #[command(after_help = "\
As the platform itself: gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 january.csv
Reporting the same again is harmless: records that are there already count as duplicates. A refused record never costs the others; it is listed with its line and reason, and then the exit code is 1.
After a cut connection, also after a restart of the service, it goes on by itself: for two minutes it tries again, which a terminal shows. A service that never answered is not waited for. Stopped for good, it is simply run again.

The receipt says what the service holds of the month: records, sum, and a digest over their contents. It is compared with one that is computed here from the records that were acknowledged:
  WHOLE_PERIOD  the month is exactly this file's records, but for those refused
  INCREASE      the month grew by exactly the records that were accepted; others are there too
  UNDECIDED     others reported for the month meanwhile, so nothing certain can be said
When the receipt lacks what was acknowledged, the exit code is 1 with RECEIPT_MISMATCH. With --receipt it is kept as JSON, with the file's SHA-256, the time, and what the month held before: evidence for an audit, to be kept with the file. A receipt that is there already is never replaced: nothing is sent then.

JSON: accepted, duplicates, rejected, receipt {record_count, total_fen, digest}, receipt_check, rejections [{line, record_id, reason, message}], warnings [{kind, record_count, of_record_count, message}]; with --check, added instead of the receipt: what the month would get.")]
    Report {
        /// Whose and which month
        #[command(flatten)]
        whose: PlatformPeriod,
        /// Judge the file as reporting it would, and keep nothing
        #[arg(long, conflicts_with = "receipt")]
        check: bool,
        /// Keep the receipt in this file, which must be new
        #[arg(long, value_name = "FILE", value_parser = named)]
        receipt: Option<PathBuf>,
        /// CSV file or Excel workbook (.xlsx, its first sheet) with a header, whose reversals may
        /// stand anywhere: they are sent last; `-` is stdin, which is sent as it comes
        file: PathBuf,
    },
    /// State how many records a month has, and their sum
    #[command(
        after_help = "With --from, all months of a file: platform_id, period, record_count, total_fen. Acting as a platform, its own rows are taken; --platform and --period choose others."
    )]
    State(StateArgs),
    /// Take back all that an open month holds: a wrong file (as the platform)
    #[command(
        after_help = "What is held is shown first, and on a terminal you are asked. With --digest, only what you looked at is withdrawn. It stays as evidence, and its ids are free again."
    )]
    Withdraw {
        /// Whose and which month
        #[command(flatten)]
        whose: PlatformPeriod,
        /// Withdraw only records with this digest
        #[arg(long, value_name = "HEX")]
        digest: Option<String>,
    },
    /// Seal a month whose stated totals agree with what was received (as officer)
    Seal {
        /// Whose and which month
        #[command(flatten)]
        whose: PlatformPeriod,
    },
    /// List months with what was received, stated and sealed
    Periods {
        /// Only this platform's
        #[arg(long, value_name = "ID", value_parser = platform)]
        platform: Option<PlatformId>,
    },
    /// List a month's refused records, by when they first came
    Refused {
        /// Whose and which month
        #[command(flatten)]
        whose: PlatformPeriod,
        /// Only those that were accepted, and fell when a month was sealed
        #[arg(long)]
        by_seal: bool,
        /// Those that went with a withdrawal, by its number
        #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
        withdrawal: i32,
    },
    /// List a month's accepted records (as the platform or auditor)
    Records {
        /// Whose and which month
        #[command(flatten)]
        whose: PlatformPeriod,
        /// Only this record
        #[arg(long, value_name = "ID")]
        record: Option<String>,
        /// Those of a withdrawal, by its number
        #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
        withdrawal: i32,
    },
}

/// `gazelle usage state`.
#[derive(Debug, ClapArgs)]
pub struct StateArgs {
    /// The platform
    #[arg(long, value_name = "ID", value_parser = platform, required_unless_present = "from")]
    pub platform: Option<PlatformId>,
    /// The calendar month
    #[arg(long, value_name = "YYYY-MM", value_parser = period, required_unless_present = "from")]
    pub period: Option<Period>,
    /// All its records, reversals too
    #[arg(
        long,
        value_name = "N",
        value_parser = count,
        allow_negative_numbers = true,
        required_unless_present = "from"
    )]
    pub record_count: Option<i64>,
    /// Their sum in fen, reversals negative
    #[arg(
        long,
        value_name = "N",
        value_parser = fen,
        allow_negative_numbers = true,
        required_unless_present = "from"
    )]
    pub total_fen: Option<i64>,
    /// State what this file says, month by month
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record_count", "total_fen"])]
    pub from: Option<PathBuf>,
}
