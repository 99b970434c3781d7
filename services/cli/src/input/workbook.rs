//! The first sheet of an Excel workbook, row by row.
//!
//! A sheet is as large as what is in it: one cell in its farthest corner costs one cell.

use std::io::{self, Cursor, Read};
use std::iter::Peekable;
use std::vec::IntoIter;

use calamine::{Data, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use sha2::{Digest as _, Sha256};

use super::bad_row::BadRow;
use super::kind::other_kind;
use super::lines::{Record, Unread, is_nothing};
use crate::failure::Failure;
use crate::words::{self, Text};

/// Largest workbook that is read, in bytes: it is held in memory.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What it may hold unpacked: a little file may be made to fill any memory.
const UNPACKED_MAX: u64 = 512 * 1024 * 1024;

/// A cell that holds anything: its row and its column, from 0, and what it holds; none: a formula
/// that was never computed.
type Found = (u32, usize, Option<Data>);

/// A sheet that is being read.
pub(super) struct Sheet {
    /// Name of the sheet.
    pub(super) name: String,
    header: Vec<String>,
    /// By row and column.
    cells: Peekable<IntoIter<Found>>,
    /// Columns that somebody asked for; none known yet: all.
    asked: Option<Vec<usize>>,
    /// Days are counted from 1904.
    pub(super) is_1904: bool,
    bytes: u64,
    sha256: [u8; 32],
}

impl Sheet {
    /// Reads the first sheet of the workbook `input`, which `path` names for people.
    pub(super) fn read(path: &str, input: impl Read) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        input.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BYTES_MAX {
            let limit = BYTES_MAX >> 20;
            let message = words::WORKBOOK_TOO_LARGE.with(&[("path", &path), ("limit", &limit)]);
            return Err(Failure::new("FILE_TOO_LARGE", message));
        }
        let sha256 = Sha256::digest(&bytes).into();
        let length = bytes.len() as u64;
        let unreadable = |error: XlsxError, what: Option<String>| {
            if let Some(what) = what {
                return other_kind(path, &what);
            }
            let message = words::WORKBOOK_UNREADABLE.with(&[("path", &path), ("error", &error)]);
            Failure::new("FILE_KIND", message)
        };
        let what = other_archive(&bytes);
        if unpacks_beyond(&bytes, UNPACKED_MAX) {
            let limit = UNPACKED_MAX >> 20;
            let message = words::WORKBOOK_SWELLS.with(&[("path", &path), ("limit", &limit)]);
            return Err(Failure::new("FILE_TOO_LARGE", message));
        }
        let mut workbook =
            Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(error, what))?;
        let unreadable = |error| unreadable(error, None);
        let is_1904 = workbook.has_1904_epoch();
        let name = first_seen(&workbook);
        let cells = cells(&mut workbook, &name).map_err(unreadable)?;
        Ok(Self {
            name,
            header: Vec::new(),
            cells: cells.into_iter().peekable(),
            asked: None,
            is_1904,
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

    /// From here on the columns have these names, and only those that were asked for have to be
    /// readable.
    pub(super) fn ask(&mut self, names: Vec<String>, columns: Vec<usize>) {
        self.header = names;
        self.asked = Some(columns);
    }

    /// The next row that holds anything, at least as wide as the header.
    pub(super) fn next_record(&mut self) -> Option<Record> {
        loop {
            let &(row, ..) = self.cells.peek()?;
            let line = u64::from(row) + 1;
            let mut fields = vec![String::new(); self.header.len()];
            let mut bad = None;
            while let Some((_, at, cell)) = self.cells.next_if(|&(its, ..)| its == row) {
                if at >= fields.len() {
                    fields.resize(at + 1, String::new());
                }
                let asked = self.asked.as_ref().is_none_or(|them| them.contains(&at));
                match text(cell.as_ref()) {
                    Ok(text) => fields[at] = text,
                    Err(_) if !asked => {
                        fields[at] = cell.map_or_else(String::new, |it| it.to_string());
                    }
                    Err(why) => {
                        let column = self.header.get(at).map_or("", String::as_str);
                        bad = Some(why.told(line, column));
                    }
                }
            }
            if let Some(bad) = bad {
                return Some(Err(Unread { bad, seen: fields }));
            }
            if !is_nothing(&fields) {
                return Some(Ok((line, fields)));
            }
        }
    }

    /// As far as the rows are used, of the file's bytes.
    pub(super) fn bytes_read(&self) -> u64 {
        if self.cells.len() == 0 { self.bytes } else { 0 }
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.sha256
    }
}

/// What an archive is that holds no Excel workbook; none: it holds one, or is damaged.
fn other_archive(bytes: &[u8]) -> Option<String> {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    let says = |text: Text| Some(text.say().to_owned());
    if has(b"xl/workbook.bin") {
        says(words::A_BINARY_WORKBOOK)
    } else if has(b"xl/") {
        None
    } else if has(b"opendocument.spreadsheet") {
        says(words::AN_OPEN_WORKBOOK)
    } else if has(b"word/document") {
        says(words::A_TEXT_DOCUMENT)
    } else {
        Some(words::AN_ARCHIVE.with(&[("format", &"zip")]))
    }
}

/// Whether an archive unpacks to more than `max` bytes, whatever it says of itself.
fn unpacks_beyond(bytes: &[u8], max: u64) -> bool {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return false;
    };
    let mut left = max;
    for at in 0..archive.len() {
        // What is damaged is told by whoever reads it.
        let Ok(entry) = archive.by_index(at) else {
            continue;
        };
        let mut counted = entry.take(left + 1);
        let _ = io::copy(&mut counted, &mut io::sink());
        match counted.limit().checked_sub(1) {
            Some(rest) => left = rest,
            None => return true,
        }
    }
    false
}

/// The first sheet with cells that people see; where there is none, the first.
fn first_seen(workbook: &Xlsx<Cursor<Vec<u8>>>) -> String {
    let sheets = workbook.sheets_metadata();
    let seen = sheets
        .iter()
        .find(|it| it.typ == SheetType::WorkSheet && it.visible == SheetVisible::Visible);
    let first = seen.or_else(|| sheets.first());
    first.map_or_else(String::new, |it| it.name.clone())
}

/// What is in a sheet, in order, whatever the order of the file.
fn cells(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Vec<Found>, XlsxError> {
    let mut reader = match workbook.worksheet_cells_reader(name) {
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        reader => reader?,
    };
    let mut cells = Vec::new();
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = cell.pos;
        let value = match Data::from(cell.value) {
            Data::Empty if cell.formula.is_some() => None,
            Data::Empty => continue,
            Data::String(text) if text.is_empty() => continue,
            value => Some(value),
        };
        cells.push((row, column as usize, value));
    }
    cells.sort_by_key(|&(row, column, _)| (row, column));
    Ok(cells)
}

enum Unreadable {
    /// A number of more digits than a spreadsheet keeps.
    Inexact,
    /// What the sheet shows instead of a value.
    Error(String),
    /// A formula, and not what it comes to.
    Uncomputed,
}

impl Unreadable {
    fn told(&self, line: u64, column: &str) -> BadRow {
        match self {
            Self::Inexact => {
                let message = words::NUMBER_INEXACT.with(&[("column", &column)]);
                BadRow::new(line, "NUMBER_INEXACT", message)
            }
            Self::Error(error) => {
                let message = words::CELL_ERROR.with(&[("column", &column), ("error", error)]);
                BadRow::new(line, "CELL_ERROR", message)
            }
            Self::Uncomputed => {
                let message = words::CELL_UNCOMPUTED.with(&[("column", &column)]);
                BadRow::new(line, "CELL_ERROR", message)
            }
        }
    }
}

/// A cell as it would stand in a CSV file.
fn text(cell: Option<&Data>) -> Result<String, Unreadable> {
    Ok(match cell.ok_or(Unreadable::Uncomputed)? {
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

#[cfg(test)]
#[path = "workbook_tests.rs"]
mod tests;
