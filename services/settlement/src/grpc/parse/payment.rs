//! What requests say about payments and the books.

use gazelle_kernel::ParseError;
use gazelle_proto::settlement::v1::{self as pb, ErrorReason};
use gazelle_runtime::status::{FieldExt as _, Refusal};
use tonic::{Code, Status};

use super::common::refused;
use crate::{
    app::{ANSWER_BYTES_MAX, AnswerFormat, FileFormat},
    domain::ledger::{journal::Format, verify::Checkpoint},
};

/// A SHA-256 digest, as 64 hexadecimal digits.
pub fn sha256(name: &str, text: &str) -> Result<[u8; 32], Status> {
    let mut digest = [0; 32];
    let decoded = hex::decode_to_slice(text, &mut digest);
    let error = || ParseError::new("DIGEST_INVALID", text, "64 hexadecimal digits");
    let digest = decoded.map(|()| digest).map_err(|_| error());
    Ok(digest.field(name)?)
}

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
pub fn ledger_format(format: pb::LedgerFormat) -> Result<Format, Status> {
    match format {
        pb::LedgerFormat::Hledger => Ok(Format::Hledger),
        pb::LedgerFormat::Beancount => Ok(Format::Beancount),
        pb::LedgerFormat::Unspecified => Err(no_format()),
    }
}

/// A form of a payment file.
pub fn file_format(format: pb::PaymentFileFormat) -> Result<FileFormat, Status> {
    match format {
        pb::PaymentFileFormat::Pain001 => Ok(FileFormat::Pain001),
        pb::PaymentFileFormat::TreasuryCsv => Ok(FileFormat::TreasuryCsv),
        pb::PaymentFileFormat::TreasuryXlsx => Ok(FileFormat::TreasuryXlsx),
        pb::PaymentFileFormat::Unspecified => Err(no_format()),
    }
}

/// A form of an answer.
pub fn answer_format(format: pb::AnswerFormat) -> Result<AnswerFormat, Status> {
    match format {
        pb::AnswerFormat::Pain002 => Ok(AnswerFormat::Pain002),
        pb::AnswerFormat::TreasuryCsv => Ok(AnswerFormat::TreasuryCsv),
        pb::AnswerFormat::Unspecified => Err(no_format()),
    }
}

fn no_format() -> Status {
    refused(
        "format",
        "KIND_INVALID",
        "",
        "one of the formats of the contract",
    )
}

/// An answer that goes on beyond what is taken.
pub fn answer_too_large() -> Status {
    let reason = ErrorReason::AnswerTooLarge.as_str_name();
    let message = format!("an answer has at most {ANSWER_BYTES_MAX} bytes: split it");
    Refusal::new(
        Code::InvalidArgument,
        "gazelle.settlement.v1",
        reason,
        message,
    )
    .with("bytes_max", ANSWER_BYTES_MAX)
    .into()
}
