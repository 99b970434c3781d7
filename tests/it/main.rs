//! The suite, started for real and used as its users would.

mod architecture;
