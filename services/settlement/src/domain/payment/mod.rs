//! From what approved runs gave to money on accounts (`PAYMENT.md`).

pub mod file;
