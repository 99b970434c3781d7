//! What an error means, and what the log may be told of it.

mod causes;
pub(crate) mod sqlstate;
mod told;

pub use causes::causes;
pub use sqlstate::is_starting;
pub use told::told;
pub(crate) use told::without_values;
