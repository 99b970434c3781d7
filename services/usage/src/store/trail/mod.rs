//! What the trail is compared with, as it is stored, whatever that is.

mod entries;
pub mod reversals;
mod rows;
mod strays;

pub use entries::entries;
pub use rows::{CountedPlatforms, list_periods, list_platforms, refused};
pub use strays::find_stray;
