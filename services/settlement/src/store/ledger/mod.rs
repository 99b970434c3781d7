//! The books.

mod causes;
mod post;
mod read;

pub use causes::{Booked, disagreement};
pub use post::{PostError, Posted, post};
pub use read::{Page, balances, budgets, chart, ends, entries, head};
