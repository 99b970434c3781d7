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
pub mod codec;
pub mod optional;
pub mod reason;
pub mod receipt;
mod text;
pub mod time;

pub use contract::gazelle::{audit, registry, settlement, usage};

/// The whole contract as an encoded `FileDescriptorSet`, for server reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

#[cfg(test)]
mod tests {
    use prost::Message as _;

    #[test]
    fn every_file_says_what_its_package_is_called_in_go_java_and_c_sharp() {
        let set = prost_types::FileDescriptorSet::decode(super::DESCRIPTORS).unwrap();
        let mut seen = 0;
        for file in set.file {
            let Some(package) = file.package().strip_prefix("gazelle.") else {
                continue;
            };
            let (subject, version) = package.split_once('.').unwrap();
            let options = file.options.as_ref().expect("options");
            let go = format!("gazelle/proto/{subject}/{version};{subject}{version}");
            assert_eq!(options.go_package(), go, "{}", file.name());
            assert_eq!(options.java_package(), file.package(), "{}", file.name());
            assert!(options.java_multiple_files(), "{}", file.name());
            let sharp = options.csharp_namespace().to_lowercase();
            assert_eq!(sharp, file.package(), "{}", file.name());
            seen += 1;
        }
        assert!(seen > 10, "{seen}");
    }
}
