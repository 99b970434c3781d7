//! Lists of any length, written as they come.

use std::io::{self, Write as _};

use comfy_table::{Cell as TableCell, CellAlignment, Table};

use super::cell::Cell;
use super::fitting::{Needs, constraints, one_below_the_other};
use super::out::{Column, Format, Out, object, write_csv_row};
use super::shown::printable;
use crate::failure::Failure;
use crate::words;

/// Rows of a table that are kept to find the widths of its columns; a longer list is written as
/// several tables, so that memory stays bounded.
const TABLE_ROWS_MAX: usize = 10_000;

/// A list that is being written. CSV and JSON go out row by row.
pub struct Listing<'a> {
    out: &'a mut Out,
    name: &'static str,
    columns: &'static [Column],
    table: Table,
    /// What each column of the table needs.
    needs: Vec<Needs>,
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
            needs: needs_of(columns),
            rows: 0,
            started: false,
        }
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
                for (needs, cell) in self.needs.iter_mut().zip(&cells) {
                    needs.look(&printable(&cell.pretty()));
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
        if self.table.row_count() == 0 {
            return Ok(());
        }
        let width = self.out.width;
        let text = if let Some(constraints) = constraints(&self.needs, width) {
            self.table.set_constraints(constraints);
            self.table.trim_fmt()
        } else {
            let titles = self.columns.iter().map(|column| words::title(column.title));
            let titles: Vec<_> = titles.collect();
            one_below_the_other(&self.table, &titles, width.unwrap_or(u16::MAX))
        };
        self.out.line(&text)?;
        self.table = new_table(self.out, self.columns);
        self.needs = needs_of(self.columns);
        Ok(())
    }
}

fn needs_of(columns: &[Column]) -> Vec<Needs> {
    let titles = columns.iter().map(|column| words::title(column.title));
    titles.map(Needs::of_title).collect()
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
    use super::super::{captured::Captured, column};
    use super::*;

    const COLUMNS: &[Column] = &[column("name", "name"), column("fee_fen", "fee (yuan)")];

    fn written(format: Format, names: &[&str], rest: &[(Column, Cell)]) -> String {
        let captured = Captured::default();
        let mut out = Out::to(format, Box::new(captured.clone()));
        let mut listing = out.list("lines", COLUMNS);
        for name in names {
            listing
                .row(vec![Cell::text(*name), Cell::fen(100_000)])
                .unwrap();
        }
        listing.finish(rest).unwrap();
        captured.text()
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
        let captured = Captured::default();
        let mut out = Out::to(Format::Table, Box::new(captured.clone()));
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
        let text = captured.text();
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
    fn where_columns_have_no_room_side_by_side_rows_are_lines_and_nothing_is_broken() {
        let captured = Captured::default();
        let mut out = Out::to(Format::Table, Box::new(captured.clone()));
        out.width = Some(60);
        let columns = const {
            &[
                column("run_id", "run"),
                column("sealed_at", "sealed at"),
                column("name", "name"),
                column("total_fen", "total (yuan)"),
            ]
        };
        let id = "01a222ae-9337-7d95-b1af-cac8ea7644a8";
        let mut listing = out.list("runs", columns);
        for _ in 0..2 {
            let name = "杭州上城苏堤天成软件有限公司".repeat(2);
            let total = Cell::fen(123_456_789_012);
            listing
                .row(vec![id.into(), "".into(), name.into(), total])
                .unwrap();
        }
        listing.finish(&[]).unwrap();
        let text = captured.text();
        assert!(!text.contains("sealed at") && !text.contains('─'), "{text}");
        assert_eq!(text.matches(id).count(), 2, "{text}");
        assert_eq!(text.matches("1,234,567,890.12").count(), 2, "{text}");
        let width = |line: &str| -> usize {
            let each = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 });
            each.sum()
        };
        assert!(text.lines().all(|line| width(line) <= 60), "{text}");
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(written(Format::Table, &[], &[]), "no lines\n");
    }
}
