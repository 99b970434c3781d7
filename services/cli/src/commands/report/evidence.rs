//! What a platform keeps of a report: its receipt, which file it is for, how it was checked.

use std::path::Path;

use gazelle_kernel::{Period, PlatformId, format_instant};
use serde_json::json;
use time::OffsetDateTime;

use super::{Check, Reported};
use crate::failure::Failure;
use crate::files::{WholeFile, has_content, make_folders, unwritable};
use crate::words;

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
    pub fn write(&self, mut to: WholeFile<'_>) -> Result<(), Failure> {
        let tally = &self.reported.tally;
        let evidence = json!({
            "platform_id": self.platform.as_str(),
            "period": self.period.to_string(),
            "file": self.file.display().to_string(),
            "file_sha256": hex::encode(self.reported.file_sha256),
            "service": self.service,
            "finished_at": format_instant(self.at),
            "accepted": tally.accepted.record_count(),
            "duplicates": tally.duplicates.record_count(),
            "rejected": self.rejected,
            "acknowledged": tally.taken().json(),
            "before": tally.before.json(),
            "receipt": tally.after.json(),
            "check": self.check.name(),
        });
        let json = serde_json::to_vec_pretty(&evidence).map_err(std::io::Error::from)?;
        to.write(&json)?;
        to.finish()
    }
}

/// Where a receipt will be written, before anything is sent for which there is to be one. One that
/// is there already is of another report, and stays: `RECEIPT_EXISTS`. Refused as
/// `FILE_UNWRITABLE` where it could not be written.
pub fn begin(to: &Path) -> Result<WholeFile<'_>, Failure> {
    if has_content(to) {
        let message = words::RECEIPT_EXISTS.with(&[("path", &to.display())]);
        return Err(Failure::new("RECEIPT_EXISTS", message));
    }
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folders(folder).map_err(|error| unwritable(to, &error))?;
    }
    WholeFile::begin(to)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_receipt_replaces_none_and_is_refused_where_none_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let reason = |path: &Path| begin(path).err().map(|it| it.reason().to_owned());
        let file = folder.path().join("new/receipt.json");
        assert_eq!(reason(&file), None);
        assert!(!file.exists(), "nothing is left of what was not written");
        // As `mktemp` makes it.
        fs::write(&file, "").unwrap();
        assert_eq!(reason(&file), None);
        fs::write(&file, "the first").unwrap();
        assert_eq!(reason(&file).as_deref(), Some("RECEIPT_EXISTS"));
        assert_eq!(fs::read(&file).unwrap(), b"the first");
        assert_eq!(reason(folder.path()).as_deref(), Some("FILE_UNWRITABLE"));
        let below = file.join("receipt.json");
        assert_eq!(reason(&below).as_deref(), Some("FILE_UNWRITABLE"));
    }
}
