//! TLS on the port for gRPC, and who the certificates of its clients name.

mod workload;

pub use workload::Workload;
