//! What requests say about the books.

use gazelle_proto::settlement::v1 as pb;
use tonic::Status;

use super::common::{no_format, refused, sha256};
use crate::domain::ledger::{journal::Format, verify::Checkpoint};

/// A checkpoint that was kept elsewhere.
pub fn checkpoint(checkpoint: &pb::LedgerCheckpoint) -> Result<Checkpoint, Status> {
    let number = checkpoint.entry_number;
    if number < 0 {
        let (name, expected) = ("checkpoint.entry_number", "the number of an entry");
        return Err(refused(
            name,
            "COUNT_NEGATIVE",
            &number.to_string(),
            expected,
        ));
    }
    Ok(Checkpoint {
        entry_number: number,
        digest: sha256("checkpoint.digest", &checkpoint.digest)?,
    })
}

/// A form of the books.
pub fn format(format: pb::LedgerFormat) -> Result<Format, Status> {
    match format {
        pb::LedgerFormat::Hledger => Ok(Format::Hledger),
        pb::LedgerFormat::Beancount => Ok(Format::Beancount),
        pb::LedgerFormat::Unspecified => Err(no_format()),
    }
}
