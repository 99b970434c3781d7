//! What the registry decides: functions of values.
//!
//! Whoever calls these has read what is recorded and will save what comes out. There is no clock
//! here, no I/O and no SQL.

pub mod batch;
pub mod binding;
pub mod enterprise;
pub mod filing;
pub mod platform;
pub mod revision;
pub mod suspension;
pub mod text;
