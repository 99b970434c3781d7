//! Runs, from what they must read to their end.

mod basis;
mod compute;
mod evidence;
mod facts;
mod find;
mod list;
mod posting;
mod readiness;
mod step;

pub(super) use find::{detail, find_run, lock_run, stored_settlement};
pub(super) use posting::post;
