//! Files that people give us: read at the edge, a bad row never costs the others.

mod bad_row;
mod cell;
mod dates;
pub mod field;
mod header;
mod hidden;
mod kind;
mod lines;
mod merged;
pub mod program;
pub mod rows;
mod shown;
mod source;
mod split;
pub mod stamp;
mod survey;
mod tally;
pub mod text;
mod workbook;
