//! What a command says on stdout: a table for people, JSON or CSV for programs.
//!
//! A command describes what it found once, as [`Cell`]s under [`Column`]s; the format decides how
//! it looks. Money is in fen in JSON and CSV, and in yuan in tables.

mod listing;
pub mod progress;

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use gazelle_kernel::Fen;
use serde_json::{Map, Value};

pub use listing::Listing;

use crate::failure::Failure;

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

/// A value in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, as it is.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A year, which has no thousands separator.
    Year(i32),
    /// An amount of money.
    Money(Fen),
    /// Yes or no.
    Flag(bool),
    /// Something with an inside, which only JSON can show.
    Nested(Value),
}

impl Cell {
    /// Text, as it is.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An amount of that many fen.
    #[must_use]
    pub const fn fen(fen: i64) -> Self {
        Self::Money(Fen::new(fen))
    }

    /// As in CSV.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Year(year) => year.to_string(),
            Self::Money(fen) => fen.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Nested(value) => value.to_string(),
        }
    }

    /// As in a table.
    fn pretty(&self) -> String {
        match self {
            Self::Money(fen) => fen.to_yuan(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::Number(number) => thousands(*number),
            Self::Text(_) | Self::Year(_) | Self::Nested(_) => self.plain(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Year(year) => Value::from(*year),
            Self::Money(fen) => Value::from(fen.get()),
            Self::Flag(flag) => Value::from(*flag),
            Self::Nested(value) => value.clone(),
        }
    }

    fn table_cell(&self) -> comfy_table::Cell {
        let cell = comfy_table::Cell::new(printable(&self.pretty()));
        match self {
            Self::Number(_) | Self::Money(_) => cell.set_alignment(CellAlignment::Right),
            Self::Text(_) | Self::Year(_) | Self::Flag(_) | Self::Nested(_) => cell,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

/// A number with thousands separators.
#[must_use]
pub fn thousands(number: i64) -> String {
    let yuan = Fen::new(number.clamp(i64::MIN / 100, i64::MAX / 100) * 100).to_yuan();
    yuan.trim_end_matches(".00").to_owned()
}

/// Text of others without what could move a terminal's cursor or hide something.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Tells people something beside the result, on stderr. Whoever closed it does not want to know.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(text));
}

/// As [`note`], each on its line.
pub fn note_all(texts: Vec<String>) {
    texts.iter().for_each(|text| note(text));
}

/// Where a command writes what it found.
pub struct Out {
    format: Format,
    to: Box<dyn Write + Send>,
}

impl Out {
    /// Writes to stdout.
    #[must_use]
    pub fn stdout(format: Format) -> Self {
        Self::to(format, Box::new(BufWriter::new(io::stdout())))
    }

    /// Writes to `to`.
    #[must_use]
    pub fn to(format: Format, to: Box<dyn Write + Send>) -> Self {
        Self { format, to }
    }

    /// How it is written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// A line for people.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.to, "{text}")?)
    }

    /// Writes what is still kept back.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.to.flush()?)
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
                let mut table = bare_table();
                for (column, cell) in fields {
                    if is_flat(cell) && cell.plain() != "" {
                        let value = comfy_table::Cell::new(printable(&cell.pretty()));
                        table.add_row([comfy_table::Cell::new(column.title), value]);
                    }
                }
                self.line(&table.trim_fmt())
            }
        }
    }

    /// Begins a list; `name` is its key in JSON.
    #[must_use]
    pub fn list(&mut self, name: &'static str, columns: &'static [Column]) -> Listing<'_> {
        Listing::new(self, name, columns)
    }
}

fn is_flat(cell: &Cell) -> bool {
    !matches!(cell, Cell::Nested(_))
}

fn object(fields: &[(Column, Cell)]) -> Map<String, Value> {
    let entry = |(column, cell): &(Column, Cell)| (column.key.to_owned(), cell.json());
    fields.iter().map(entry).collect()
}

fn write_csv_row(
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

/// A table without borders.
#[must_use]
pub fn bare_table() -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    table
}

/// A table with a header and a line below it.
#[must_use]
pub fn headed_table(header: impl IntoIterator<Item = comfy_table::Cell>) -> Table {
    let line = LineStyle::new('─', '─', '─', '─');
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(line));
    table.set_header(header.into_iter().collect::<Vec<_>>());
    table
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    pub(super) struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        pub(super) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn one(format: Format) -> String {
        let kept = Kept::default();
        let fields = [
            (column("name", "name"), Cell::text("钱塘\"店\"")),
            (column("fee_fen", "fee"), Cell::fen(-123_456)),
            (column("note", "note"), Cell::text("")),
        ];
        Out::to(format, Box::new(kept.clone()))
            .one(&fields)
            .unwrap();
        kept.text()
    }

    #[test]
    fn one_thing_is_shown_in_each_format() {
        let json: Value = serde_json::from_str(&one(Format::Json)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"name": "钱塘\"店\"", "fee_fen": -123_456, "note": ""})
        );
        assert_eq!(
            one(Format::Csv),
            "name,fee_fen,note\n\"钱塘\"\"店\"\"\",-123456,\n"
        );
        let table = one(Format::Table);
        assert!(
            table.contains("-1,234.56") && !table.contains("note"),
            "{table}"
        );
    }

    #[test]
    fn numbers_have_separators_and_texts_no_control_characters() {
        assert_eq!(thousands(-1_234_567), "-1,234,567");
        assert_eq!(thousands(0), "0");
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\u{fffd}[2J\u{fffd}b");
    }
}
