//! How any service of the suite starts, knows its callers, answers, and stops.
//!
//! A service reads its [`config`], opens its [`database`], puts its gRPC services into a
//! [`server::Server`] and serves until [`shutdown`]; [`command`] is the `main` around that. No
//! call reaches a handler before [`access`] has found who is calling ([`auth`], or [`tls`] by the
//! connection's certificate) and that the contract lets them. Handlers refuse with [`status`],
//! list by the [`page`], write inside [`detach`], take time and ids from the [`clock`], and chain
//! what was done with [`audit`]. Whoever operates it looks at the [`admin`] port, and at what
//! [`telemetry`] sends.
//!
//! There is no business rule here, and nothing that only one service needs.

mod accept;
pub mod access;
mod activity;
pub mod admin;
pub mod audit;
pub mod auth;
mod causes;
pub mod clock;
pub mod command;
pub mod config;
mod connection;
pub mod database;
pub mod deadline;
pub mod detach;
mod incoming;
pub mod issuer;
mod limit;
pub mod metrics;
mod observe;
pub mod page;
pub mod peers;
mod process;
pub mod ready;
mod remote;
mod room;
pub mod schema;
mod seldom;
pub mod server;
pub mod shutdown;
mod socket;
mod sql;
mod sqlstate;
pub mod status;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod told;
pub mod turn;
mod under_way;
mod web;
mod wire;

pub use gazelle_client::watched::FileError;
