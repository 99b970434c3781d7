//! The contract of the suite, and its bindings.
//!
//! Read the contract in `gazelle/*/v1/*.proto`; everything here is generated
//! from it: messages and stubs, the descriptors for reflection, and the table of
//! who may call what.

#[expect(
    clippy::all,
    reason = "generated code; its documentation is in the proto files"
)]
mod contract {
    include!(concat!(env!("OUT_DIR"), "/contract.rs"));
}

pub mod access;
pub mod batch;
pub mod time;

pub use contract::gazelle::{audit, registry, settlement, usage};

/// The whole contract as an encoded `FileDescriptorSet`, for server reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
