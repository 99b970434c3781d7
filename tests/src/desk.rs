//! A clerk's desk: files, and the command line.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gazelle_proto::usage::v1::UsageRecord;
use tempfile::TempDir;

use crate::binary::{Ran, command, run};
use crate::suite::Suite;

/// A desk: files, and the binary at hand.
#[derive(Debug)]
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// An empty one.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it makes a folder, which no default should"
    )]
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and says where it is.
    #[must_use]
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let file = self.folder.path().join(name);
        fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Runs a command against the shared suite.
    pub async fn gazelle(&self, profile: &str, arguments: &str) -> Ran {
        run(command(Suite::shared().home.folder(), profile, arguments)).await
    }

    /// Runs a command that must be done, and reads the JSON that it prints.
    pub async fn json(&self, profile: &str, arguments: &str) -> serde_json::Value {
        self.gazelle(profile, &format!("--output json {arguments}"))
            .await
            .done()
            .json()
    }
}

/// First line of a file of records.
pub const USAGE_HEADER: &str =
    "record_id,merchant_id,fee_kind,occurred_on,amount_fen,reverses_record_id\n";

/// The file that these records stand in.
#[must_use]
pub fn usage_csv(records: &[UsageRecord]) -> String {
    let mut file = USAGE_HEADER.to_owned();
    for record in records {
        let UsageRecord {
            record_id,
            merchant_id,
            fee_kind,
            occurred_on,
            amount_fen,
            reverses_record_id,
        } = record;
        writeln!(
            file,
            "{record_id},{merchant_id},{fee_kind},{occurred_on},{amount_fen},{reverses_record_id}"
        )
        .unwrap();
    }
    file
}
