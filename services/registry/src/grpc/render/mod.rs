//! Values of the domain as messages.

pub mod account;
pub mod change;
pub mod common;
pub mod enterprise;
pub mod import;
pub mod merchant_binding;
pub mod platform;
