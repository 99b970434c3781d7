//! What the registry keeps, and how it decides: functions of values.

pub mod account;
pub mod change;
pub mod enterprise;
pub mod facts;
pub mod filing;
pub mod import;
pub mod merchant_binding;
pub mod platform;
pub mod refusal;
pub mod revision;
pub mod suspension;
