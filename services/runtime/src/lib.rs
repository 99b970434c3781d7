//! How any service of the suite starts, knows its callers, answers, and stops.
//!
//! | Folder | What it is about |
//! | --- | --- |
//! | [`process`] | the `main` of a service, when it is asked to stop, the port of its operators |
//! | [`config`] | what it is told at its start |
//! | [`ready`] | whether calls should come |
//! | [`server`] | how it serves, and in which order it ends |
//! | `port` | connections: taken, counted, bounded, ended |
//! | [`tls`] | what they are encrypted with, and who shows a certificate |
//! | `layers` | what a call goes through on its way to a handler, one file a layer |
//! | [`access`] | the layer that asks whether the contract lets this caller call this |
//! | [`auth`] | who a token or a certificate says is calling |
//! | [`status`] | how a handler refuses |
//! | [`failure`] | what an error means, and what the log may be told of it |
//! | [`database`] | the pool: opened, migrated, watched |
//! | [`store`] | what the services' SQL has in common |
//! | [`audit`] | what was done, chained, and served to who reads it |
//! | [`telemetry`] | log, traces and metrics |
//!
//! Handlers also list by the [`page`], write inside [`detach`], take time and ids from the
//! [`clock`], [`turn`]s for what holds much for long, and break the [`silence`] of what takes long.
//!
//! There is no business rule here, and nothing that only one service needs.

pub mod access;
pub mod audit;
pub mod auth;
pub mod clock;
pub mod config;
pub mod database;
pub mod detach;
pub mod failure;
mod layers;
pub mod page;
mod port;
pub mod process;
pub mod ready;
pub mod server;
pub mod silence;
pub mod status;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod turn;

pub use gazelle_client::watched::FileError;
