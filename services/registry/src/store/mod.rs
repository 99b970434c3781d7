//! The registry's tables, in SQL: one statement a function.
//!
//! A table keeps every version of its rows. `current` reads what holds now, for a writer who has
//! locked the [`revision`]; a page reads what held at a revision. A writer first closes the
//! versions that it replaces, then inserts, both in the order of the keys.

pub mod account;
pub mod change;
pub mod comparison;
pub mod enterprise;
pub mod enterprise_code;
pub mod filing;
pub mod merchant_binding;
pub mod payment_return;
pub mod platform;
pub mod revision;
pub mod suspension;

pub use gazelle_runtime::store::clock;
