//! Files that people give us: read at the edge, a bad row never costs the others.

mod bad_row;
mod dates;
pub mod field;
mod header;
mod kind;
mod lines;
pub mod program;
pub mod rows;
mod source;
mod split;
mod survey;
mod tally;
pub mod text;
mod workbook;
