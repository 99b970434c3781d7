//! Empty: the crate `hex` does this. To go together with its line in `lib.rs`.
