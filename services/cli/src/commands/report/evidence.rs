//! What a platform keeps of a report: its receipt, which file it is for, how it was checked.

use std::path::{Path, PathBuf};

use gazelle_kernel::{Period, PlatformId};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Check, Reported};
use crate::failure::Failure;
use crate::profile::write_json;

/// A report that was made.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The platform that the records are of.
    pub platform: &'a PlatformId,
    /// The month that they are reported for.
    pub period: Period,
    /// From which file.
    pub file: &'a Path,
    /// To which service.
    pub service: &'a str,
    /// What came of it.
    pub reported: &'a Reported,
    /// Rows that were not taken.
    pub rejected: i64,
    /// Whether the receipt agrees.
    pub check: &'a Check,
    /// When it was done.
    pub at: OffsetDateTime,
}

impl Evidence<'_> {
    /// Writes it as JSON. Refused as `FILE_UNWRITABLE`.
    pub fn write(&self, to: &Path) -> Result<(), Failure> {
        let tally = &self.reported.tally;
        let at = self.at.format(&Rfc3339).map_err(std::io::Error::other)?;
        let evidence = json!({
            "platform_id": self.platform.as_str(),
            "period": self.period.to_string(),
            "file": self.file,
            "file_sha256": hex::encode(self.reported.file_sha256),
            "service": self.service,
            "finished_at": at,
            "accepted": tally.accepted.record_count(),
            "duplicates": tally.duplicates.record_count(),
            "rejected": self.rejected,
            "acknowledged": tally.taken().json(),
            "before": tally.before.json(),
            "receipt": tally.after.json(),
            "check": self.check.name(),
        });
        write_json(&absolute(to)?, &evidence)
    }
}

/// A name alone has the empty folder as its parent.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(path)?)
}
