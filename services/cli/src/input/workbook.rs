//! The first sheet of an Excel workbook, row by row.
//!
//! A sheet is as large as what is in it: one cell in its farthest corner costs one cell.

use std::io::{self, Cursor, Read};
use std::iter::Peekable;
use std::vec::IntoIter;

use calamine::{Data, DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use sha2::{Digest as _, Sha256};

use super::cell::{Unreadable, text};
use super::dates::Holds;
use super::hidden::Hidden;
use super::kind::other_kind;
use super::lines::{Record, Unread, is_nothing};
use super::merged::Merged;
use super::shown::Shown;
use crate::failure::Failure;
use crate::words::{self, Text};

/// Largest workbook that is read, in bytes: it is held in memory.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What it may hold unpacked: a little file may be made to fill any memory.
const UNPACKED_MAX: u64 = 512 * 1024 * 1024;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// A cell that holds anything.
struct Found {
    /// From 0.
    row: u32,
    /// Which format shows it, of those of the workbook.
    format: u32,
    /// From 0.
    column: usize,
    /// None: a formula that was never computed.
    value: Option<Data>,
}

/// A sheet that is being read.
pub(super) struct Sheet {
    /// Name of the sheet.
    name: String,
    /// The other sheets with cells, which are not read; of hidden ones it is said that they are.
    others: Vec<String>,
    header: Vec<String>,
    /// By row and column.
    cells: Peekable<IntoIter<Found>>,
    formats: Vec<Shown>,
    merged: Merged,
    hidden: Hidden,
    /// Columns that somebody asked for, and what they hold; none known yet: all.
    asked: Option<Vec<(usize, Holds)>>,
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
            let cause = cause(&error);
            let message = words::WORKBOOK_UNREADABLE.with(&[("path", &path), ("error", &cause)]);
            Failure::new("FILE_KIND", message)
        };
        let what = other_archive(&bytes);
        if unpacks_beyond(&bytes, UNPACKED_MAX) {
            let limit = UNPACKED_MAX >> 20;
            let message = words::WORKBOOK_SWELLS.with(&[("path", &path), ("limit", &limit)]);
            return Err(Failure::new("FILE_TOO_LARGE", message));
        }
        let mut workbook =
            Xlsx::new(Cursor::new(&bytes[..])).map_err(|error| unreadable(error, what))?;
        let unreadable = |error| unreadable(error, None);
        let is_1904 = workbook.has_1904_epoch();
        let (name, others) = seen(&workbook);
        let (cells, formats) = cells(&mut workbook, &name).map_err(unreadable)?;
        let merged = workbook.merge_cells_by_sheet_name(&name);
        let merged = Merged::new(merged.map_err(unreadable)?);
        let holds = |row| cells.binary_search_by_key(&row, |cell| cell.row).is_ok();
        let hidden = Hidden::of(&bytes, &name, holds);
        Ok(Self {
            name,
            others,
            formats,
            merged,
            hidden,
            header: Vec::new(),
            cells: cells.into_iter().peekable(),
            asked: None,
            is_1904,
            bytes: length,
            sha256,
        })
    }

    /// Which sheet of the workbook `path` is read, and which are not.
    pub(super) fn told(&self, path: &str) -> String {
        let others = self.others.join(", ");
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("path", &path), ("sheet", &self.name), ("others", &others)];
        let text = if others.is_empty() {
            words::READ_SHEET
        } else {
            words::READ_SHEET_OF
        };
        text.with(&values)
    }

    /// That there is nothing in the sheet of the workbook `path`, and where there may be.
    pub(super) fn told_empty(&self, path: &str) -> String {
        let others = self.others.join(", ");
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("path", &path), ("sheet", &self.name), ("others", &others)];
        let text = if others.is_empty() {
            words::WORKBOOK_EMPTY
        } else {
            words::WORKBOOK_EMPTY_OF
        };
        text.with(&values)
    }

    /// What the sheet hides of what is read of it.
    pub(super) fn told_hidden(&self) -> Vec<String> {
        let asked = self.asked.iter().flatten();
        let columns = asked.filter(|(at, _)| self.hidden.has_column(*at));
        let names = columns.filter_map(|(at, _)| self.header.get(*at));
        let names: Vec<&str> = names.map(String::as_str).collect();
        self.hidden.told(&self.name, &names)
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
    pub(super) fn ask(&mut self, names: Vec<String>, columns: Vec<(usize, Holds)>) {
        self.header = names;
        self.asked = Some(columns);
    }

    /// The next row that holds anything, at least as wide as the header.
    pub(super) fn next_record(&mut self) -> Option<Record> {
        loop {
            let row = self.cells.peek()?.row;
            let line = u64::from(row) + 1;
            let mut fields = vec![String::new(); self.header.len()];
            let mut bad = None;
            while let Some(cell) = self.cells.next_if(|it| it.row == row) {
                let at = cell.column;
                if at >= fields.len() {
                    fields.resize(at + 1, String::new());
                }
                match self.text(&cell) {
                    Ok(text) => fields[at] = text,
                    Err(why) => bad = Some((at, why)),
                }
            }
            if bad.is_none() && is_nothing(&fields) {
                continue;
            }
            self.merged.go_to(row);
            let asked = self.asked.iter().flatten();
            let mut hidden = asked.filter(|(at, _)| self.merged.hides(row, *at));
            let bad = bad.or_else(|| hidden.next().map(|(at, _)| (*at, Unreadable::Merged)));
            let Some((at, why)) = bad else {
                return Some(Ok((line, fields)));
            };
            let column = self.header.get(at).map_or("", String::as_str);
            let bad = why.told(line, column);
            return Some(Err(Unread { bad, seen: fields }));
        }
    }

    /// What a cell says; one that nobody asked for, as far as it can be told.
    fn text(&self, cell: &Found) -> Result<String, Unreadable> {
        let asked = self.asked.as_ref();
        let holds = asked.map(|them| them.iter().find(|(at, _)| *at == cell.column));
        let value = cell.value.as_ref();
        let shown = self.formats.get(cell.format as usize);
        let shown = shown.unwrap_or(&Shown::AsItIs);
        match holds {
            Some(Some((_, holds))) => text(value, shown, *holds),
            None => text(value, shown, Holds::Other),
            Some(None) => Ok(text(value, shown, Holds::Other)
                .unwrap_or_else(|_| value.map_or_else(String::new, Data::to_string))),
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

/// What is broken of a workbook, in the language of this process.
fn cause(error: &XlsxError) -> String {
    match error {
        XlsxError::Io(error) => words::cause(error),
        XlsxError::Zip(_) => words::ARCHIVE_BROKEN.say().to_owned(),
        XlsxError::FileNotFound(part) => words::PART_MISSING.with(&[("part", part)]),
        XlsxError::Xml(_) | XlsxError::XmlAttr(_) | XlsxError::XmlEof(_) => {
            words::PART_BROKEN.say().to_owned()
        }
        other => words::PART_STRANGE.with(&[("error", other)]),
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

/// The first sheet with cells that people see, where there is none, the first; and the others, as
/// they are told.
fn seen(workbook: &Book<'_>) -> (String, Vec<String>) {
    let sheets = workbook.sheets_metadata();
    let is_seen = |it: &calamine::Sheet| it.visible == SheetVisible::Visible;
    let with_cells = || sheets.iter().filter(|it| it.typ == SheetType::WorkSheet);
    let first = with_cells().find(|it| is_seen(it)).or(sheets.first());
    let first = first.map_or("", |it| &it.name);
    let others = with_cells().filter(|it| it.name != first).map(|it| {
        if is_seen(it) {
            return it.name.clone();
        }
        words::HIDDEN_SHEET.with(&[("sheet", &it.name)])
    });
    (first.to_owned(), others.collect())
}

/// What is in a sheet, in order, whatever the order of the file, and the formats that show it.
fn cells(workbook: &mut Book<'_>, name: &str) -> Result<(Vec<Found>, Vec<Shown>), XlsxError> {
    let Some(Special { formats, cells }) = special(workbook, name)? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut special = cells.into_iter().peekable();
    let mut reader = workbook.worksheet_cells_reader(name)?;
    let mut cells = Vec::new();
    let mut count = 0;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = cell.pos;
        let format = special.next_if(|(at, _)| *at == count);
        count += 1;
        let value = match Data::from(cell.value) {
            Data::Empty if cell.formula.is_some() => None,
            Data::Empty => continue,
            Data::String(text) if text.is_empty() => continue,
            value => Some(value),
        };
        cells.push(Found {
            row,
            format: format.map_or(0, |(_, format)| format),
            column: column as usize,
            value,
        });
    }
    cells.sort_by_key(|cell| (cell.row, cell.column));
    Ok((cells, formats))
}

/// How cells may be shown, and those that are not shown as they are.
struct Special {
    /// The first: as they are.
    formats: Vec<Shown>,
    /// The place of each among the cells of the file, and its format.
    cells: Vec<(u32, u32)>,
}

/// How a format shows numbers. Those of money that Excel has itself, each country's own, the reader
/// does not know, and takes for none.
fn shown(format: &calamine::NumberFormat) -> Shown {
    match format.format_id {
        Some(5..=8) if format.format_code == "General" => Shown::Otherwise("¥#,##0.00".to_owned()),
        _ => Shown::by(&format.format_code),
    }
}

/// Which cells are shown in a special way; none: the sheet has no cells. The reader gives either
/// formulas or formats.
fn special(workbook: &mut Book<'_>, name: &str) -> Result<Option<Special>, XlsxError> {
    let mut reader = match workbook.worksheet_cells_reader(name) {
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        reader => reader?,
    };
    let code = |style: &calamine::Style| style.number_format.as_ref().map_or(Shown::AsItIs, shown);
    let mut formats = vec![Shown::AsItIs];
    formats.extend(reader.styles().iter().map(code));
    if formats.iter().all(|shown| *shown == Shown::AsItIs) {
        let cells = Vec::new();
        return Ok(Some(Special { formats, cells }));
    }
    let mut cells = Vec::new();
    let mut count = 0;
    while let Some((cell, style)) = reader.next_cell_with_style_id()? {
        let is_number = matches!(cell.get_value(), DataRef::Float(_) | DataRef::Int(_));
        let format = u32::try_from(style + 1).unwrap_or(0);
        if is_number
            && formats
                .get(style + 1)
                .is_some_and(|it| *it != Shown::AsItIs)
        {
            cells.push((count, format));
        }
        count += 1;
    }
    Ok(Some(Special { formats, cells }))
}

#[cfg(test)]
#[path = "workbook_tests.rs"]
mod tests;
