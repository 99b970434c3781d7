//! What every import is given.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// A file to import.
#[derive(Debug, Clone, ClapArgs)]
pub struct ImportFile {
    /// CSV file or Excel workbook (.xlsx, its first sheet) with a header; `-` is stdin
    pub file: PathBuf,
}

/// Help of every import.
pub(super) const IMPORT_HELP: &str = "\
The file names its columns in a header, in any order; others are ignored. Dates are YYYY-MM-DD, or as 2025/1/3; an empty `to` means until further notice.
Good rows go in, bad ones are listed with line and reason, and then the exit code is 1. Importing the same file again changes nothing.";

/// Help of the import of accounts.
pub(super) const ACCOUNTS_HELP: &str = "\
The file names its columns in a header, in any order; others are ignored.
Good rows go in, bad ones are listed with line and reason, and then the exit code is 1. Importing the same file again changes nothing, but for a payee to whom a payment came back: its account is proposed anew, and paid to again once it is confirmed. A number as `account list` shows it (…1234) says which account is recorded and proposes nothing, so that a list can be imported again.";
