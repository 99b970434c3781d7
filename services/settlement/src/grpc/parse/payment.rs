//! What requests say about payments.

use gazelle_proto::settlement::v1::{self as pb, ErrorReason};
use gazelle_runtime::status::{FieldExt as _, FieldViolation};
use tonic::{Code, Status};

use super::common::no_format;
use crate::{
    domain::payment::{
        file::format::{ANSWER_BYTES_MAX, AnswerFormat, FileFormat},
        id::parse_order_id,
    },
    grpc::status::refusal,
};

/// An order's id, as it was made.
pub fn order_id(text: &str) -> Result<String, FieldViolation> {
    parse_order_id(text).field("order_id")
}

/// A form of a payment file.
pub fn file_format(format: pb::PaymentFileFormat) -> Result<FileFormat, FieldViolation> {
    match format {
        pb::PaymentFileFormat::Pain001 => Ok(FileFormat::Pain001),
        pb::PaymentFileFormat::TreasuryCsv => Ok(FileFormat::TreasuryCsv),
        pb::PaymentFileFormat::TreasuryXlsx => Ok(FileFormat::TreasuryXlsx),
        pb::PaymentFileFormat::Unspecified => Err(no_format()),
    }
}

/// A form of an answer.
pub fn answer_format(format: pb::AnswerFormat) -> Result<AnswerFormat, FieldViolation> {
    match format {
        pb::AnswerFormat::Pain002 => Ok(AnswerFormat::Pain002),
        pb::AnswerFormat::TreasuryCsv => Ok(AnswerFormat::TreasuryCsv),
        pb::AnswerFormat::Unspecified => Err(no_format()),
    }
}

/// An answer that goes on beyond what is taken.
pub fn answer_too_large() -> Status {
    let message = format!("an answer has at most {ANSWER_BYTES_MAX} bytes: split it");
    refusal(Code::InvalidArgument, ErrorReason::AnswerTooLarge, message)
        .with("bytes_max", ANSWER_BYTES_MAX)
        .into()
}
