//! What a call goes through on its way to a handler, outermost first: [`web`] (pages of a
//! browser), [`under_way`], [`observe`], [`deadline::arrives`], [`wire`], then refused writes for
//! the trail (`audit::refusals`) and [`access`](crate::access), then [`limit`], [`deadline`] and
//! [`large`].
//!
//! Each is a plain function around axum's router; `server` puts them in this order.

pub(crate) mod deadline;
mod gzip;
pub(crate) mod large;
pub(crate) mod limit;
pub(crate) mod observe;
mod reflected;
mod single;
pub(crate) mod under_way;
pub(crate) mod web;
pub(crate) mod wire;
