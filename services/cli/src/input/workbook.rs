//! The first sheet of an Excel workbook, row by row.

use std::io::{Cursor, Read};
use std::vec::IntoIter;

use calamine::{Data, ExcelDateTime, Reader as _, Xlsx};
use sha2::{Digest as _, Sha256};

use super::bad_row::BadRow;
use super::lines::{Record, is_nothing};
use crate::failure::Failure;
use crate::words;

/// Largest workbook that is read, in bytes: it is held in memory.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A sheet that is being read.
pub(super) struct Sheet {
    /// Name of the sheet.
    pub(super) name: String,
    header: Vec<String>,
    rows: IntoIter<(u64, Vec<Data>)>,
    bytes: u64,
    left: usize,
    sha256: [u8; 32],
}

impl Sheet {
    /// Reads the first sheet of the workbook `input`, which `path` names for people.
    pub(super) fn read(path: &str, input: impl Read) -> Result<Self, Failure> {
        let unreadable = |error: String| {
            let message = words::WORKBOOK_UNREADABLE.with(&[("path", &path), ("error", &error)]);
            Failure::new("FILE_KIND", message)
        };
        let mut bytes = Vec::new();
        input.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BYTES_MAX {
            let limit = BYTES_MAX >> 20;
            let message = words::WORKBOOK_TOO_LARGE.with(&[("path", &path), ("limit", &limit)]);
            return Err(Failure::new("FILE_TOO_LARGE", message));
        }
        let sha256 = Sha256::digest(&bytes).into();
        let length = bytes.len() as u64;
        let mut workbook =
            Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(error.to_string()))?;
        let name = workbook.sheet_names().first().cloned().unwrap_or_default();
        let range = workbook
            .worksheet_range(&name)
            .map_err(|error| unreadable(error.to_string()))?;
        let first = u64::from(range.start().map_or(0, |(row, _)| row)) + 1;
        let rows: Vec<_> = (first..).zip(range.rows().map(<[Data]>::to_vec)).collect();
        Ok(Self {
            name,
            header: Vec::new(),
            left: rows.len(),
            rows: rows.into_iter(),
            bytes: length,
            sha256,
        })
    }

    /// The first row that holds anything.
    pub(super) fn header(&mut self) -> Option<Record> {
        let header = self.next_record();
        if let Some(Ok((_, names))) = &header {
            self.header.clone_from(names);
        }
        header
    }

    /// The next row that holds anything.
    pub(super) fn next_record(&mut self) -> Option<Record> {
        loop {
            let (line, cells) = self.rows.next()?;
            self.left = self.rows.len();
            let mut fields = Vec::with_capacity(cells.len());
            let mut bad = None;
            for (at, cell) in cells.iter().enumerate() {
                let column = self.header.get(at).map_or("", String::as_str);
                match text(cell) {
                    Ok(text) => fields.push(text),
                    Err(Unreadable::Inexact) => {
                        let message = words::NUMBER_INEXACT.with(&[("column", &column)]);
                        bad = Some(BadRow::new(line, "NUMBER_INEXACT", message));
                    }
                    Err(Unreadable::Error(error)) => {
                        let message =
                            words::CELL_ERROR.with(&[("column", &column), ("error", &error)]);
                        bad = Some(BadRow::new(line, "CELL_ERROR", message));
                    }
                }
            }
            if let Some(bad) = bad {
                return Some(Err(bad));
            }
            if !is_nothing(&fields) {
                return Some(Ok((line, fields)));
            }
        }
    }

    /// As far as the rows are used, of the file's bytes.
    pub(super) fn bytes_read(&self) -> u64 {
        if self.left == 0 { self.bytes } else { 0 }
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.sha256
    }
}

enum Unreadable {
    /// A number of more digits than a spreadsheet keeps.
    Inexact,
    /// What the sheet shows instead of a value.
    Error(String),
}

/// A cell as it would stand in a CSV file.
fn text(cell: &Data) -> Result<String, Unreadable> {
    Ok(match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) if number.abs() >= 1e15 => return Err(Unreadable::Inexact),
        // Rust writes the shortest text that means the same number, a whole one without a point.
        Data::Float(number) => number.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(at) => instant(*at),
        Data::Error(error) => return Err(Unreadable::Error(error.to_string())),
    })
}

/// A day, with its time of day where it has one.
fn instant(at: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return date;
    }
    format!("{date} {hour:02}:{minute:02}:{second:02}")
}
