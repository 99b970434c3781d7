//! The books.

mod causes;
mod post;
mod read;

pub use causes::disagreement;
pub use post::{PostError, post};
pub use read::{Page, balances, budgets, chart, ends, entries, head};
