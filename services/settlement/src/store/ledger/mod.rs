//! The tables of the books (`PAYMENT.md`, Ledger).

mod causes;
mod post;
mod read;

pub use causes::{booked_otherwise, count_causes, done_otherwise};
pub use post::{PostError, post};
pub use read::{Page, balances, budgets, chart, ends, entries, head, steps};
