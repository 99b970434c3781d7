//! The forms that an order is written in, and those that an answer is read in.

use super::{answer_list, pain002};

/// The largest answer: some 150,000 payments.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// ISO 20022 `pain.001.001.09`.
    Pain001,
    /// The treasury list as CSV.
    TreasuryCsv,
    /// The treasury list as xlsx.
    TreasuryXlsx,
}

impl FileFormat {
    /// Its name in the trail of what was done.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pain001 => "pain.001.001.09",
            Self::TreasuryCsv => "treasury.csv",
            Self::TreasuryXlsx => "treasury.xlsx",
        }
    }
}

/// A form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFormat {
    /// ISO 20022 `pain.002`.
    Pain002,
    /// A treasury's answer list.
    TreasuryCsv,
}

impl AnswerFormat {
    /// Reads an answer; if that is none, says why.
    pub fn read(self, content: &[u8]) -> Result<pain002::Answer, String> {
        match self {
            Self::Pain002 => pain002::read(content).map_err(|error| error.to_string()),
            Self::TreasuryCsv => answer_list::read(content).map_err(|error| error.to_string()),
        }
    }
}
