//! What is known of records without asking the database. It only ever advises: what is forgotten or
//! mistaken here is told by the database.

mod key_filter;
pub mod period_filters;
pub mod recent;
