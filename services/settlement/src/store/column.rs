//! Values of columns that many tables have.

use gazelle_kernel::{Interval, Period, PlatformId, ProgramId, Uscc, Year};
use gazelle_runtime::store::{StoreError, read};
use serde::{Serialize, de::DeserializeOwned};
use time::Date;

/// Reads a program's id.
pub fn program_id(column: &'static str, text: &str) -> Result<ProgramId, StoreError> {
    read(column, ProgramId::parse(text))
}

/// Reads a platform's id.
pub fn platform_id(column: &'static str, text: &str) -> Result<PlatformId, StoreError> {
    read(column, PlatformId::parse(text))
}

/// Reads a code: it was judged when it was recorded, and exceptions stay.
pub fn uscc(column: &'static str, text: &str) -> Result<Uscc, StoreError> {
    read(column, Uscc::parse_excepted(text))
}

/// Reads a month.
pub fn period(column: &'static str, text: &str) -> Result<Period, StoreError> {
    read(column, Period::parse(text))
}

/// Reads a program year.
pub fn year(column: &'static str, year: i32) -> Result<Year, StoreError> {
    read(column, Year::new(year))
}

/// Reads a first day, and the first day after.
pub fn interval(
    column: &'static str,
    from: Date,
    to: Option<Date>,
) -> Result<Interval, StoreError> {
    read(column, Interval::new(from, to))
}

/// Reads JSON that the service wrote.
pub fn json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(column, error))
}

/// Writes JSON that [`json`] reads back; equal values give equal texts.
#[must_use]
pub fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("values of ours are plain JSON")
}
