//! What `tonic` says by itself of a message that it could not read.

use gazelle_proto::{
    access::ErrorReason,
    codec::{ITEMS_MAX, TOO_MANY_ITEMS},
};
use tonic::{Code, Status};

use super::Refusal;

/// The refusal of a message that could not be read. `tonic` tells it without a reason, and as
/// `INTERNAL`, as if that were our fault. None where it is about something else.
#[must_use]
pub fn unread(status: &Status) -> Option<Status> {
    let said = status.message();
    let is = |what: &str| said.starts_with(what);
    match status.code() {
        Code::OutOfRange if said == TOO_MANY_ITEMS => {
            let message = format!("a message has {ITEMS_MAX} items at most, all lists together");
            let reason = ErrorReason::MessageTooManyItems;
            let refusal = Refusal::shared(Code::InvalidArgument, reason, message);
            Some(refusal.with("limit_items", ITEMS_MAX).into())
        }
        Code::OutOfRange | Code::ResourceExhausted
            if is("Error, decoded message") || is("Error decompressing: size limit") =>
        {
            Some(too_large(said))
        }
        Code::Internal => Some(unreadable(said)),
        _ => None,
    }
}

/// The refusal of what is no message of the contract, of which somebody said that.
pub(crate) fn unreadable(said: &str) -> Status {
    tracing::debug!(said, "a message cannot be read");
    let message = "the body is no message of the contract, or is cut off";
    let reason = ErrorReason::MessageUnreadable;
    Refusal::shared(Code::InvalidArgument, reason, message).into()
}

/// The bound is the last number that `tonic` says.
fn too_large(said: &str) -> Status {
    let mut numbers = said.rsplit(|character: char| !character.is_ascii_digit());
    let limit = numbers.find(|digits| !digits.is_empty());
    let limit = limit.unwrap_or("0").to_owned();
    let message = format!("a message has {limit} bytes at most, after inflation");
    Refusal::shared(Code::InvalidArgument, ErrorReason::MessageTooLarge, message)
        .with("limit_bytes", limit)
        .into()
}
