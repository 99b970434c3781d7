//! Orders, payments, answers, and what came back.

mod answer;
pub mod fingerprint;
mod item;
mod money;
mod order;
mod row;
mod untold;

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
pub use untold::{
    delete as delete_untold, first as first_untold, insert as insert_untold,
    payees as untold_payees,
};
