//! What goes to whoever pays an order, and what comes back: one order, two adapters.
//!
//! A bank is sent ISO 20022 [`pain001`] and answers with [`pain002`]; a city that pays through its
//! treasury is sent a [`treasury`] list and answers with an [`answer_list`]. All are functions of
//! values: the same order gives the same bytes for ever. No file tells more about a payee than the
//! payment needs.

pub mod amount;
pub mod answer_list;
pub mod capitals;
pub mod format;
mod line_count;
pub mod order;
pub mod pain001;
pub mod pain002;
mod quotes;
pub mod treasury;
