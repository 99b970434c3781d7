//! The accounts that payees are paid to (`PAYMENT.md`, Payees and their accounts).

mod details;
mod payee;
mod recorded;
mod shown;
mod version;

pub use details::{Account, BankName, HolderName, NameRefused};
pub use payee::{Choice, Payee, PaymentId, PaymentReturn, Repeat, was_seen};
pub use recorded::{Given, recorded};
pub use shown::Shown;
pub use version::{Confirmation, Decision, PaymentAccount, Rejections, Standing, State};
