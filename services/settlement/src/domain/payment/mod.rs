//! From what approved runs gave to money on accounts (`PAYMENT.md`).
//!
//! [`items`] says what a payment is made of, [`order`] who is paid and who is held, [`answer`] what
//! an answer does to an order, [`money`] what became of it all. [`file`] writes orders for whoever
//! pays, and reads what they answer; [`id`] says how orders and payments are called.

pub mod account;
pub mod answer;
pub mod file;
pub mod id;
pub mod items;
pub mod money;
pub mod order;
pub mod shown;
