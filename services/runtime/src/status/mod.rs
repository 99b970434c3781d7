//! How a service refuses, and how it fails.
//!
//! Every refusal carries a `google.rpc.ErrorInfo` whose reason is a name in the contract, so that
//! a program can tell refusals apart and a person reads the message. What is not the caller's
//! fault goes through [`fault`]: the log gets the whole chain of causes once, the caller gets
//! none of it. However long the story, it fits into the trailers that clients and proxies take.

mod batch;
mod fault;
mod field;
mod fields;
mod refusal;
mod size;
mod unread;
mod word;

pub use batch::check_batch_size;
pub use fault::fault;
pub use field::{FieldExt, FieldViolation};
pub use fields::Fields;
pub use refusal::{Refusal, SHARED_DOMAIN};
pub use size::listed;
pub use unread::unread;
pub(crate) use unread::unreadable;
pub use word::with_word;
