//! Requests as values of the domain.

pub mod account;
pub mod common;
pub mod enterprise;
pub mod filing;
pub mod merchant_binding;
pub mod platform;
pub mod suspension;
