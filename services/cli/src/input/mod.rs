//! Files that people give us: read at the edge, a bad row never costs the others.

pub mod csv;
mod fields;
pub mod program;
