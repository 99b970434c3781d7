//! Payment accounts: proposed by one person, confirmed or rejected by another.

mod decide;
mod load;
mod note;
mod propose;
mod read;
