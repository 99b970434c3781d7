//! Where a result goes, and in which form.

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use serde_json::{Map, Value};

use super::cell::Cell;
use super::fitting;
use super::pipe::{self, Pipe};
use super::shown::printable;
use crate::failure::Failure;
use crate::words;

/// How a command's result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: money in yuan, with thousands separators.
    #[default]
    Table,
    /// For programs: stable `snake_case` keys, money in whole fen.
    Json,
    /// For spreadsheets and programs: a header, money in whole fen.
    Csv,
}

/// A column of a listing, or a field of one thing.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in JSON and CSV. Names of amounts end in `_fen`.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
}

/// Shorthand for a [`Column`].
#[must_use]
pub const fn column(key: &'static str, title: &'static str) -> Column {
    Column { key, title }
}

/// Tells people something beside the result, on stderr. Whoever closed it does not want to know.
pub fn note(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// Where a command writes what it found.
pub struct Out {
    pub(super) format: Format,
    pub(super) to: Pipe,
    /// Columns of the terminal; none: whoever reads it has room.
    pub(super) width: Option<u16>,
}

impl Out {
    /// Writes to stdout.
    #[must_use]
    pub fn stdout(format: Format) -> Self {
        let mut out = Self::to(format, Box::new(BufWriter::new(io::stdout())));
        out.width = pipe::terminal_width();
        out
    }

    /// Writes to `to`.
    #[must_use]
    pub fn to(format: Format, to: Box<dyn Write + Send>) -> Self {
        Self {
            format,
            to: Pipe::new(to),
            width: None,
        }
    }

    /// Goes on where nobody reads any more, as a command has to that changes something: what
    /// became of it is its exit code.
    pub fn go_on_unread(&mut self) {
        self.to.go_on_unread();
    }

    /// How it is written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// A line for people, or several, which may hold text of others.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        for line in text.split('\n') {
            writeln!(self.to, "{}", printable(line))?;
        }
        Ok(())
    }

    /// A text for a program that we wrote ourselves, as it is.
    pub fn script(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.to, "{}", text.trim_end())?)
    }

    /// A part of a file, as it is.
    pub fn piece(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.to.write_all(bytes)?)
    }

    /// Writes what is still kept back.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.to.flush()?)
    }

    /// Ends the result. Fails where a part of it could not be written, and says so of a command
    /// that has done what it should all the same.
    pub fn finish(&mut self) -> Result<(), Failure> {
        match self.to.finish() {
            Err(lost) if self.to.goes_on_unread() => {
                let cause = words::cause(&lost);
                Err(Failure::new(
                    "IO_ERROR",
                    words::OUTPUT_LOST.with(&[("cause", &cause)]),
                ))
            }
            ended => Ok(ended?),
        }
    }

    /// Writes JSON, indented.
    pub fn json(&mut self, value: &Value) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut self.to, value).map_err(io::Error::from)?;
        Ok(writeln!(self.to)?)
    }

    /// Writes one thing: in a table a line per field, without those that are empty.
    pub fn one(&mut self, fields: &[(Column, Cell)]) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.json(&Value::Object(object(fields))),
            Format::Csv => {
                let shown = || fields.iter().filter(|(_, cell)| is_flat(cell));
                write_csv_row(&mut self.to, shown().map(|(column, _)| column.key))?;
                write_csv_row(&mut self.to, shown().map(|(_, cell)| cell.plain()))
            }
            Format::Table => {
                let shown = fields
                    .iter()
                    .filter(|(_, cell)| is_flat(cell) && cell.plain() != "");
                let lines = shown.map(|(column, cell)| {
                    let title = words::title(column.title).to_owned();
                    (title, printable(&cell.pretty()))
                });
                let lines: Vec<_> = lines.collect();
                self.line(&fitting::lines(&lines, self.width))
            }
        }
    }

    /// A table with a header and a line below it, which fits the terminal.
    #[must_use]
    pub fn headed_table(&self, header: impl IntoIterator<Item = comfy_table::Cell>) -> Table {
        let line = LineStyle::new('─', '─', '─', '─');
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(line));
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        table.set_header(header.into_iter().collect::<Vec<_>>());
        table
    }
}

fn is_flat(cell: &Cell) -> bool {
    !matches!(cell, Cell::Nested(_))
}

pub(super) fn object(fields: &[(Column, Cell)]) -> Map<String, Value> {
    let entry = |(column, cell): &(Column, Cell)| (column.key.to_owned(), cell.json());
    fields.iter().map(entry).collect()
}

pub(super) fn write_csv_row(
    to: &mut dyn Write,
    cells: impl Iterator<Item = impl AsRef<[u8]>>,
) -> Result<(), Failure> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    writer.write_record(cells).map_err(io::Error::from)?;
    let row = writer
        .into_inner()
        .map_err(|e| io::Error::other(e.to_string()))?;
    Ok(to.write_all(&row)?)
}
