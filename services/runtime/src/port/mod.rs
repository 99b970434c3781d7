//! Connections to a port of ours, from the moment that one is taken to its end.
//!
//! `accept` takes them, and goes on when descriptors are short; `incoming` bounds those for gRPC,
//! in all (`descriptors`) and from one address, by a place in a `room`, and has TLS shake hands,
//! while `newcomers` give way, all of it `apart` from where calls are served; a `connection` is how
//! long each may be silent and may live, and at what `pace` it is read from, over the `socket` that
//! its bytes go through. Beside each of its requests stands the `remote`: where it comes from, and
//! the `activity` on it.

pub(crate) mod accept;
mod activity;
mod apart;
pub(crate) mod connection;
mod descriptors;
pub(crate) mod incoming;
pub(crate) mod newcomers;
mod pace;
pub(crate) mod remote;
pub(crate) mod room;
pub(crate) mod socket;
