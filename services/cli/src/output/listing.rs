//! Lists of any length, written as they come.

use std::io::{self, Write as _};

use comfy_table::{Cell as TableCell, CellAlignment, ColumnConstraint, Table, Width};

use super::cell::Cell;
use super::out::{Column, Format, Out, object, write_csv_row};
use crate::failure::Failure;
use crate::words;

/// Rows of a table that are kept to find the widths of its columns; a longer list is written as
/// several tables, so that memory stays bounded.
const TABLE_ROWS_MAX: usize = 10_000;

/// Room beside the content of a column.
const PADDING: usize = 3;
/// Widths up to which columns are not broken, as much as fits.
const WHOLE: [u16; 7] = [u16::MAX, 40, 32, 24, 18, 14, 11];
/// What is not broken whatever fits: days, numbers, short codes.
const LEAST: u16 = 10;

/// A list that is being written. CSV and JSON go out row by row.
pub struct Listing<'a> {
    out: &'a mut Out,
    name: &'static str,
    columns: &'static [Column],
    table: Table,
    /// Columns of the table in which there is something.
    filled: Vec<bool>,
    /// Columns of the table in which a text has a place to be broken at.
    breakable: Vec<bool>,
    rows: usize,
    started: bool,
}

impl<'a> Listing<'a> {
    pub(super) fn new(out: &'a mut Out, name: &'static str, columns: &'static [Column]) -> Self {
        let table = new_table(out, columns);
        Self {
            out,
            name,
            columns,
            table,
            filled: vec![false; columns.len()],
            breakable: vec![false; columns.len()],
            rows: 0,
            started: false,
        }
    }

    /// Whether a row was written.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.started
    }

    /// Adds a row, a cell per column.
    pub fn row(&mut self, cells: Vec<Cell>) -> Result<(), Failure> {
        self.start()?;
        match self.out.format {
            Format::Csv => write_csv_row(&mut self.out.to, cells.iter().map(Cell::plain))?,
            Format::Json => {
                let fields: Vec<_> = self.columns.iter().copied().zip(cells).collect();
                let comma = if self.rows == 0 { "" } else { "," };
                write!(self.out.to, "{comma}\n    ")?;
                serde_json::to_writer(&mut self.out.to, &object(&fields))
                    .map_err(io::Error::from)?;
            }
            Format::Table => {
                for (at, cell) in cells.iter().enumerate().take(self.columns.len()) {
                    let text = cell.pretty();
                    self.filled[at] |= !text.is_empty();
                    self.breakable[at] |= text.contains(' ') || !text.is_ascii();
                }
                self.table.add_row(cells.iter().map(Cell::table_cell));
                if self.table.row_count() == TABLE_ROWS_MAX {
                    self.flush_table()?;
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the list; `rest` goes beside it in JSON and is left out of CSV and tables.
    pub fn finish(mut self, rest: &[(Column, Cell)]) -> Result<&'a mut Out, Failure> {
        self.start()?;
        match self.out.format {
            Format::Csv => {}
            Format::Json => {
                let end = if self.rows == 0 { "]" } else { "\n  ]" };
                write!(self.out.to, "{end}")?;
                for (key, value) in object(rest) {
                    write!(self.out.to, ",\n  {key:?}: {value}")?;
                }
                writeln!(self.out.to, "\n}}")?;
            }
            Format::Table if self.rows == 0 => {
                if rest.is_empty() {
                    let what = self.name.replace('_', " ");
                    self.out.line(&words::nothing_listed(&what))?;
                }
            }
            Format::Table => self.flush_table()?,
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn start(&mut self) -> Result<(), Failure> {
        if self.started {
            return Ok(());
        }
        self.started = true;
        match self.out.format {
            Format::Csv => write_csv_row(&mut self.out.to, self.columns.iter().map(|c| c.key)),
            Format::Json => Ok(write!(self.out.to, "{{\n  {:?}: [", self.name)?),
            Format::Table => Ok(()),
        }
    }

    fn flush_table(&mut self) -> Result<(), Failure> {
        if self.table.row_count() > 0 {
            let constraints = self.constraints();
            self.table.set_constraints(constraints);
            let text = self.table.trim_fmt();
            self.out.line(&text)?;
            self.table = new_table(self.out, self.columns);
            self.filled.fill(false);
            self.breakable.fill(false);
        }
        Ok(())
    }

    /// A column of nothing is not shown. Where the rest is wider than the terminal, texts that have
    /// a place to be broken at are, no more than it takes; ids and digests only where that is not
    /// enough.
    fn constraints(&self) -> Vec<ColumnConstraint> {
        let widths = self.table.column_max_content_widths();
        let kept = |at: usize, (texts, ids): (u16, u16)| {
            widths[at].min(if self.breakable[at] { texts } else { ids })
        };
        let shown = || (0..widths.len()).filter(|at| self.filled[*at]);
        let room = |limits| -> usize {
            let room = shown().map(|at| usize::from(kept(at, limits)) + PADDING);
            room.sum()
        };
        let limit = usize::from(self.out.width.unwrap_or(u16::MAX));
        let mut tried = WHOLE.map(|most| (most, u16::MAX)).into_iter();
        let mut again = WHOLE.map(|most| (LEAST, most)).into_iter();
        let limits = tried
            .find(|limits| room(*limits) <= limit)
            .or_else(|| again.find(|limits| room(*limits) <= limit))
            .unwrap_or((LEAST, LEAST));
        let constraint = |at: usize| match kept(at, limits) {
            _ if !self.filled[at] => ColumnConstraint::Hidden,
            kept if kept == widths[at] => ColumnConstraint::ContentWidth,
            kept => ColumnConstraint::LowerBoundary(Width::Fixed(kept)),
        };
        (0..widths.len()).map(constraint).collect()
    }
}

fn new_table(out: &Out, columns: &[Column]) -> Table {
    out.headed_table(columns.iter().map(|column| {
        let cell = TableCell::new(words::title(column.title));
        if column.key.ends_with("_fen") {
            cell.set_alignment(CellAlignment::Right)
        } else {
            cell
        }
    }))
}

impl Out {
    /// Begins a list; `name` is its key in JSON.
    #[must_use]
    pub fn list(&mut self, name: &'static str, columns: &'static [Column]) -> Listing<'_> {
        Listing::new(self, name, columns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{column, tests::Kept};
    use super::*;

    const COLUMNS: &[Column] = &[column("name", "name"), column("fee_fen", "fee (yuan)")];

    fn written(format: Format, names: &[&str], rest: &[(Column, Cell)]) -> String {
        let kept = Kept::default();
        let mut out = Out::to(format, Box::new(kept.clone()));
        let mut listing = out.list("lines", COLUMNS);
        for name in names {
            listing
                .row(vec![Cell::text(*name), Cell::fen(100_000)])
                .unwrap();
        }
        listing.finish(rest).unwrap();
        kept.text()
    }

    #[test]
    fn csv_is_the_header_and_rows_that_end_in_line_feeds() {
        assert_eq!(written(Format::Csv, &[], &[]), "name,fee_fen\n");
        let csv = written(Format::Csv, &["a", "b,\"c\""], &[]);
        assert_eq!(csv, "name,fee_fen\na,100000\n\"b,\"\"c\"\"\",100000\n");
    }

    #[test]
    fn json_is_one_object_however_many_rows() {
        let rest = [(column("accepted", "accepted"), Cell::Number(2))];
        for names in [&[][..], &["a"], &["a", "b"]] {
            let json: serde_json::Value =
                serde_json::from_str(&written(Format::Json, names, &rest)).unwrap();
            assert_eq!(json["lines"].as_array().map(Vec::len), Some(names.len()));
            assert_eq!(json["accepted"], 2);
        }
    }

    #[test]
    fn table_columns_stay_aligned_beside_wide_characters() {
        let table = written(Format::Table, &["杭州店", "shop"], &[]);
        let column_of = |text: &str| {
            let line = table.lines().find(|line| line.contains(text)).unwrap();
            let before = &line[..line.find("1,000.00").unwrap()];
            before
                .chars()
                .map(|c| if c.is_ascii() { 1 } else { 2 })
                .sum::<usize>()
        };
        assert_eq!(column_of("杭州店"), column_of("shop"));
    }

    #[test]
    fn a_narrow_terminal_breaks_long_texts_and_leaves_out_columns_of_nothing() {
        let kept = Kept::default();
        let mut out = Out::to(Format::Table, Box::new(kept.clone()));
        out.width = Some(60);
        let columns = const {
            &[
                column("period", "period"),
                column("sealed_at", "sealed at"),
                column("message", "message"),
                column("total_fen", "total (yuan)"),
            ]
        };
        let mut listing = out.list("periods", columns);
        let long = "a text of several words that is too long for it".repeat(2);
        listing
            .row(vec![
                "2025-01".into(),
                "".into(),
                long.into(),
                Cell::fen(123_456_789),
            ])
            .unwrap();
        listing.finish(&[]).unwrap();
        let text = kept.text();
        assert!(
            text.contains("2025-01") && text.contains("1,234,567.89"),
            "{text}"
        );
        assert!(!text.contains("sealed at"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(written(Format::Table, &[], &[]), "no lines\n");
    }
}
