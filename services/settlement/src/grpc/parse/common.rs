//! What the requests of several subjects have.

use gazelle_kernel::{
    Interval, ParseError, Period, PlatformId, ProgramId, Uscc, Year, parse_date, parse_digest,
};
use gazelle_proto::{
    optional,
    settlement::v1::{self as pb, ErrorReason},
};
use gazelle_runtime::status::{FieldExt as _, FieldViolation, Fields, check_batch_size};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::{domain::run::OwedPeriod, grpc::status::refusal};

/// Most items of a batch.
const ITEMS_MAX: usize = 1_000;

/// Reads each item of a batch by itself; refuses one of a wrong size.
pub fn batch<P, T>(items: &[P], read: fn(&P) -> T) -> Result<Vec<T>, Status> {
    check_batch_size(items.len(), ITEMS_MAX, |message| {
        refusal(Code::InvalidArgument, ErrorReason::BatchSize, message)
    })?;
    Ok(items.iter().map(read).collect())
}

/// Refuses a field for a reason of its own.
pub fn refused(
    name: &str,
    reason: &'static str,
    refused: &str,
    expected: &'static str,
) -> FieldViolation {
    let error = ParseError::new(reason, refused, expected);
    FieldViolation::new(name, reason, error.to_string())
}

pub fn program_id(text: &str) -> Result<ProgramId, FieldViolation> {
    ProgramId::parse(text).field("program_id")
}

/// `uscc`, which is looked up: one that was issued with a wrong outer check is one too.
pub fn uscc(text: &str) -> Result<Uscc, FieldViolation> {
    Uscc::parse_excepted(text).field("uscc")
}

pub fn run_id(text: &str) -> Result<Uuid, FieldViolation> {
    uuid(text).field("run_id")
}

fn uuid(text: &str) -> Result<Uuid, ParseError> {
    Uuid::try_parse(text).map_err(|_| ParseError::new("ID_INVALID", text, "the UUID of a run"))
}

/// A SHA-256 digest, as 64 hexadecimal digits in lower case.
pub fn sha256(name: &str, text: &str) -> Result<[u8; 32], FieldViolation> {
    parse_digest(text).field(name)
}

/// Refuses a format that the contract does not have.
pub fn no_format() -> FieldViolation {
    refused(
        "format",
        "FORMAT_INVALID",
        "",
        "one of the formats of the contract",
    )
}

/// Two days, the second of which may be empty.
pub fn interval(
    fields: &mut Fields,
    (from_field, from): (&str, &str),
    (to_field, to): (&str, &str),
) -> Option<Interval> {
    let from = fields.read(from_field, parse_date(from));
    let to = fields.read(to_field, optional::parse(to, parse_date));
    fields.read(to_field, Interval::new(from?, to?))
}

/// A program year; where it is 0, the period's.
pub fn year(fields: &mut Fields, year: i32, through: Option<Period>) -> Option<Year> {
    match year {
        0 => through.map(Period::year),
        year => fields.read("year", Year::new(year)),
    }
}

/// A platform's month.
pub fn owed_period(owed: &pb::OwedPeriod) -> Result<OwedPeriod, ParseError> {
    Ok(OwedPeriod {
        platform_id: PlatformId::parse(&owed.platform_id)?,
        period: Period::parse(&owed.period)?,
    })
}

#[cfg(test)]
mod tests {
    use gazelle_proto::reason;

    use super::*;

    #[test]
    fn a_digest_has_one_spelling() {
        let text = "0f".repeat(32);
        assert_eq!(sha256("digest", &text), Ok([0x0f; 32]));
        for other in ["", &text[2..], &text.to_uppercase(), &"杭".repeat(22)] {
            let refused = sha256("digest", other).unwrap_err();
            assert_eq!(
                (refused.field.as_str(), refused.reason),
                ("digest", "DIGEST_INVALID"),
                "{other:?}"
            );
        }
    }

    #[test]
    fn a_format_is_refused_for_a_reason_of_this_contract() {
        let status = Status::from(no_format());
        let told = String::from_utf8_lossy(status.details());
        assert!(
            told.contains(reason::bare(ErrorReason::FormatInvalid.as_str_name())),
            "{told}"
        );
    }
}
