//! Who bears what: programs, runs, and what they grant.

pub mod domain;
