//! The command line of the suite, and the suite in one process.
//!
//! [`args`] reads the command line, [`commands`] ask the services over [`client`] as the identity
//! that [`profile`] finds, [`input`] reads the files that people give, and [`output`] writes what
//! came of it. [`up`] is all services in one process, on the PostgreSQL of [`embedded`] and with
//! the certificates of [`authority`]. [`sample`] makes a city to try everything with, and [`demo`]
//! plays a year of it.

pub mod args;
pub mod authority;
pub mod client;
pub mod commands;
pub mod context;
pub mod demo;
pub mod dispatch;
pub mod embedded;
pub mod failure;
pub mod files;
pub mod input;
pub mod minted;
pub mod output;
pub mod profile;
pub mod sample;
mod unreached;
pub mod up;
pub mod words;
