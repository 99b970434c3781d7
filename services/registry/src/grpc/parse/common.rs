//! What the requests of several subjects have.

use gazelle_kernel::{Explanation, Interval, Name, ParseError, Uscc, parse_date, text};
use gazelle_proto::{optional, registry::v1::ErrorReason};
use gazelle_runtime::status::check_batch_size;
use tonic::{Code, Status};

use crate::{
    domain::{
        import::{ITEMS_MAX, Item},
        refusal::ItemRefused,
        revision::Revision,
    },
    grpc::status::refusal,
};

/// Reads each item of a batch by itself; refuses one of a wrong size.
pub fn batch<P, T>(items: &[P], read: fn(&P) -> Item<T>) -> Result<Vec<Item<T>>, Status> {
    size(items.len(), ITEMS_MAX)?;
    Ok(items.iter().map(read).collect())
}

/// Refuses a batch of a wrong size.
pub fn size(item_count: usize, item_count_max: usize) -> Result<(), Status> {
    Ok(check_batch_size(item_count, item_count_max, |message| {
        refusal(Code::InvalidArgument, ErrorReason::BatchSize, message)
    })?)
}

/// Says which field of an item is to blame.
pub trait InItem<T> {
    /// The field's name in the contract.
    fn at(self, field: &'static str) -> Item<T>;
}

impl<T> InItem<T> for Result<T, ParseError> {
    fn at(self, field: &'static str) -> Item<T> {
        self.map_err(|error| ItemRefused::Field { field, error })
    }
}

/// An interval of two fields, of which the second may be empty.
pub fn interval(
    (from_field, from): (&'static str, &str),
    (to_field, to): (&'static str, &str),
) -> Item<Interval> {
    let from = parse_date(from).at(from_field)?;
    let to = optional::parse(to, parse_date).at(to_field)?;
    Interval::new(from, to).at(to_field)
}

/// A code that may be an exception; whether it is one only the registry knows.
pub fn uscc(text: &str) -> Result<Uscc, ParseError> {
    Uscc::parse_excepted(text)
}

/// A name that goes into the lists of whoever pays.
pub fn name(text: &str) -> Result<Name, ParseError> {
    Name::parse(text::no_formula(text)?)
}

/// A reason or evidence, which goes into lists.
pub fn explanation(text: &str) -> Result<Explanation, ParseError> {
    Explanation::parse(text::no_formula(text)?)
}

/// A past revision; `None` for 0, which stands for any.
pub fn revision(number: i64) -> Result<Option<Revision>, ParseError> {
    if number == 0 {
        return Ok(None);
    }
    Revision::new(number).map(Some).ok_or_else(|| {
        let expected = "a past revision, or 0";
        ParseError::new("REVISION_INVALID", &number.to_string(), expected)
    })
}
