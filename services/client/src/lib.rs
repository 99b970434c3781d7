//! How anybody calls the suite: the command line, one service another, and tests.
//!
//! A [`channel`] leads to a service; each call over it shows a [`token`], carries the [`trace`]
//! that it belongs to and what is left of the [`deadline`] of the work at hand. What the services
//! answer is read by [`clients`], list by list with [`pages`]. A call that was not taken is made
//! again by the rules of [`retry`], a person's by a [`patient`] channel; [`health`] asks whether a
//! service serves, and [`handshake`] why none can be reached.
//!
//! There is no server here, no database, and no rule of the services.

pub mod channel;
pub mod clients;
pub mod code;
pub mod deadline;
pub mod endpoints;
pub mod error;
pub mod files;
pub mod handshake;
pub mod health;
mod material;
pub mod pages;
pub mod patient;
pub mod peer;
pub mod retry;
pub mod token;
pub mod trace;
pub mod watched;

pub use clients::{Client, Trails};
pub use endpoints::Endpoints;
pub use error::ClientError;
pub use files::TlsFiles;
pub use patient::Patient;
pub use token::{Authorized, Bearer};
