//! Orders, payments and answers.

mod answer;
pub mod fingerprint;
mod item;
mod money;
mod order;
mod row;

pub use answer::{after as answers, breaks, insert as insert_answer, returned_count, taken};
pub use item::{given, open, payable, payees, run_years, save};
pub use money::{returned, run_money, statement};
pub use order::{
    decide, find, insert as insert_order, last_number, lock, open_order, page, settle, sums,
};
pub use row::{
    answerable, apply, cancel_all, chunk, held, insert as insert_payments, insert_held,
    page as payments, remittances, versions,
};
