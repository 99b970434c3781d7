//! What requests say about the books.

use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::status::{FieldViolation, Fields, Refusal};

use super::common::{no_format, refused, sha256};
use crate::domain::ledger::{journal::Format, verify::Checkpoint};

/// A checkpoint that was kept elsewhere.
pub fn checkpoint(checkpoint: &pb::LedgerCheckpoint) -> Result<Checkpoint, Refusal> {
    let mut fields = Fields::default();
    let entry_number = fields.note(entry_number(checkpoint.entry_number));
    let digest = fields.note(sha256("checkpoint.digest", &checkpoint.digest));
    let read = entry_number.zip(digest);
    fields.finish(read.map(|(entry_number, digest)| Checkpoint {
        entry_number,
        digest,
    }))
}

fn entry_number(number: i64) -> Result<i64, FieldViolation> {
    if number >= 0 {
        return Ok(number);
    }
    let (name, expected) = ("checkpoint.entry_number", "the number of an entry");
    let given = number.to_string();
    Err(refused(name, "COUNT_NEGATIVE", &given, expected))
}

/// A form of the books.
pub fn format(format: pb::LedgerFormat) -> Result<Format, FieldViolation> {
    match format {
        pb::LedgerFormat::Hledger => Ok(Format::Hledger),
        pb::LedgerFormat::Beancount => Ok(Format::Beancount),
        pb::LedgerFormat::Unspecified => Err(no_format()),
    }
}
