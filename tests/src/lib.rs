//! What the end-to-end tests stand on: the suite, started for real, and what it takes to speak
//! with it.
//!
//! Nothing here decides anything that a test is about: sums, digests and check digits are computed
//! anew, from the contract alone.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a helper that cannot go on ends the test that called it"
)]

pub mod apart;
pub mod authority;
pub mod beside;
pub mod binary;
pub mod bulk;
pub mod city;
pub mod contract;
pub mod desk;
pub mod disk;
pub mod flood;
pub mod forgetful;
pub mod frames;
pub mod fresh;
pub mod held;
pub mod honest;
pub mod instant;
pub mod leaks;
mod limit;
pub mod listing;
pub mod machine;
pub mod memory;
pub mod metrics;
pub mod office;
pub mod partner;
pub mod payments;
pub mod python;
pub mod raw;
pub mod receipt;
pub mod refusal;
pub mod registry;
pub mod report;
pub mod running;
pub mod runs;
pub mod strict;
pub mod suite;
mod tables;
pub mod terminal;
pub mod trail;
pub mod world;
pub mod written;

use std::time::Duration;

/// Bounds what would otherwise hang. Nothing waits this long, on however busy a machine.
pub const WAIT: Duration = Duration::from_mins(5);
