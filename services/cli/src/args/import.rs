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
The file names its columns in a header, in any order; others are ignored. Dates are YYYY-MM-DD; an empty `to` means until further notice.
Good rows go in, bad ones are listed with line and reason, and then the exit code is 1. Importing the same file again changes nothing.";
