//! A service as a process: its `main`, when it is asked to stop, and the port of its operators.

pub mod admin;
pub mod command;
pub mod shutdown;
