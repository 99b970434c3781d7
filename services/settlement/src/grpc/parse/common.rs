//! What the requests of several subjects have.

use gazelle_kernel::{Interval, ParseError, Period, PlatformId, ProgramId, Uscc, Year, parse_date};
use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::status::{FieldExt as _, FieldViolation};
use tonic::Status;
use uuid::Uuid;

use super::fields::Fields;
use crate::domain::run::OwedPeriod;

/// Refuses a field for a reason of its own.
pub fn refused(name: &str, reason: &'static str, refused: &str, expected: &'static str) -> Status {
    let error = ParseError::new(reason, refused, expected);
    FieldViolation::new(name, reason, error.to_string()).into()
}

pub fn program_id(text: &str) -> Result<ProgramId, Status> {
    Ok(ProgramId::parse(text).field("program_id")?)
}

/// `uscc`, which is looked up: one that was issued with a wrong outer check is one too.
pub fn uscc(text: &str) -> Result<Uscc, Status> {
    Ok(Uscc::parse_excepted(text).field("uscc")?)
}

pub fn run_id(text: &str) -> Result<Uuid, Status> {
    Ok(uuid(text).field("run_id")?)
}

fn uuid(text: &str) -> Result<Uuid, ParseError> {
    Uuid::try_parse(text).map_err(|_| ParseError::new("ID_INVALID", text, "the UUID of a run"))
}

/// Two days, the second of which may be empty.
pub fn interval(
    fields: &mut Fields,
    (from_field, from): (&str, &str),
    (to_field, to): (&str, &str),
) -> Option<Interval> {
    let from = fields.read(from_field, parse_date(from));
    let to = match to {
        "" => Some(None),
        to => fields.read(to_field, parse_date(to).map(Some)),
    };
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
pub fn owed_period(month: &pb::OwedPeriod) -> Result<OwedPeriod, ParseError> {
    Ok(OwedPeriod {
        platform_id: PlatformId::parse(&month.platform_id)?,
        period: Period::parse(&month.period)?,
    })
}
