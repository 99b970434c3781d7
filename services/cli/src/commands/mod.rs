//! What each command does: ask the services, and say what they answered.

pub mod account;
pub mod audit;
mod checked;
pub(crate) mod confirm;
pub mod enrollment;
pub mod enterprise;
pub mod filing;
pub mod import;
pub mod item;
pub(crate) mod ledger;
pub(crate) mod man;
pub mod merchant;
pub(crate) mod names;
pub mod payment;
pub(crate) mod platform;
pub(crate) mod profile;
pub mod program;
pub(crate) mod registry;
pub mod rejected;
pub mod repeated;
pub mod report;
pub mod settlement;
pub(crate) mod status;
pub mod suspension;
pub mod usage;
