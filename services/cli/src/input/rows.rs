//! Files of rows under a header, as spreadsheets and other systems write them: CSV in any encoding
//! that they use, or an Excel workbook.
//!
//! Columns are found by their names, in any order; columns that nobody asked for are ignored and
//! reported. Where files were joined, what is below the header of the second is read by that one,
//! or, where it cannot be used, not at all. Byte order marks, any line end, and rows of nothing
//! are accepted. What is wrong with one row (`LINE_TOO_LONG`, `NOT_UTF8`, `QUOTE_INVALID`,
//! `FIELD_COUNT`, `NUMBER_INEXACT`, `CELL_ERROR`, `CELL_MERGED`, `CELL_NOT_TEXT`, `ID_INVALID`,
//! `NUMBER_FORMAT`, `TEXT_INVALID`) rejects that row; what is wrong with the file
//! (`FILE_UNREADABLE`, `FILE_KIND`, `FILE_EMPTY`, `MISSING_COLUMN`, `DUPLICATE_COLUMN`) refuses it
//! before anything of it is used; one that is changed while it is read (`FILE_CHANGED`) is not used
//! any further. Lines are numbered as an editor does. A CSV file is read in bounded memory.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::Encoding;
use gazelle_kernel::text::is_cell_error;

pub use super::bad_row::{BadRow, ROW_BYTES_MAX};
use super::cell::Unreadable;
use super::dates::{Holds, exists, normal, serial};
use super::field::{bare, no_id, no_name, no_number};
use super::header::{Asked, Header};
use super::kind::{FileKind, kind, other_kind};
use super::lines::{Lines, Record, Unread};
use super::source::{TextSource, peeked};
use super::stamp::Stamp;
use super::survey::encoding;
use super::workbook::Sheet;
use crate::failure::Failure;
use crate::files::unreadable;
use crate::words;

/// A file with a header.
pub struct RowFile {
    rows: Rows,
    asked: Asked,
    header: Header,
    /// Why the last header cannot be used: nothing says which column of what is below it is which.
    unusable: Option<BadRow>,
    ignored: Vec<String>,
    /// Columns without a name in which there is something, from 0.
    unnamed: BTreeSet<usize>,
    notes: Vec<String>,
    name: String,
    /// Of a file on disk.
    stamp: Option<Stamp>,
    /// Whether there was a row below the header.
    has_rows: bool,
    /// Whether it was noted that days, times, values, and numbers were read as they are not
    /// written.
    noted: [bool; 4],
}

enum Rows {
    Text(Box<Lines>),
    Sheet(Box<Sheet>),
}

/// A row, its fields in the order in which the columns were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it starts, from 1.
    pub line: u64,
    /// A field per asked column; empty where the file does not have an optional one.
    pub fields: Vec<String>,
}

impl RowFile {
    /// Opens a file (`-`: stdin) that must have the `required` columns and may have the
    /// `optional` ones; rows have their fields in that order.
    pub fn open(path: &Path, required: &[&str], optional: &[&str]) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let name = words::STANDARD_INPUT.say();
            return Self::named(name, Box::new(io::stdin()), None, (required, optional));
        }
        let name = path.display().to_string();
        if path.is_dir() {
            return Err(other_kind(&name, words::A_FOLDER.say()));
        }
        let unreadable = |error: io::Error| unreadable(path, &error);
        let (file, stamp) = Stamp::open(path).map_err(unreadable)?;
        // What is no file on disk, as a pipe, can be read only once.
        let again = stamp.is_some().then_some(path);
        let opened = Self::named(&name, Box::new(file), again, (required, optional));
        if let Some(stamp) = &stamp {
            stamp.check()?;
        }
        let file = opened.map_err(|failure| match failure.reason() {
            "FILE_KIND" | "FILE_EMPTY" | "FILE_UNREADABLE" => failure,
            _ => failure.hint(&words::NOTHING_USED.with(&[("path", &name)])),
        })?;
        Ok(Self { stamp, ..file })
    }

    /// As [`open`](Self::open), of what `name` names for people; `again` where it can be read
    /// twice.
    pub(crate) fn named(
        name: &str,
        input: Box<dyn Read + Send>,
        again: Option<&Path>,
        asked: (&[&str], &[&str]),
    ) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| unreadable(Path::new(name), &error);
        let (head, input) = peeked(input).map_err(unreadable)?;
        let mut notes = Vec::new();
        let rows = match kind(&head) {
            FileKind::Other(what) => return Err(other_kind(name, &what)),
            FileKind::Zip => {
                let sheet = Sheet::read(name, input)?;
                notes.push(sheet.told(name));
                Rows::Sheet(Box::new(sheet))
            }
            FileKind::Text => {
                let found = encoding(&head, again).map_err(unreadable)?;
                notes.extend(found.told(name)?);
                let source = TextSource::new(input, found.encoding);
                let encoding = found.encoding.map(Encoding::name);
                Rows::Text(Box::new(Lines::new(source, encoding)))
            }
        };
        Self::headed(name, rows, notes, Asked::new(asked))
    }

    /// As [`open`](Self::open), from anything that can be read.
    pub fn read(
        input: Box<dyn Read + Send>,
        required: &[&str],
        optional: &[&str],
    ) -> Result<Self, Failure> {
        Self::named("-", input, None, (required, optional))
    }

    fn headed(
        name: &str,
        mut rows: Rows,
        mut notes: Vec<String>,
        asked: Asked,
    ) -> Result<Self, Failure> {
        let header = match rows.header()? {
            None => {
                let empty = match &rows {
                    Rows::Text(_) => words::FILE_EMPTY.with(&[("path", &name)]),
                    Rows::Sheet(sheet) => sheet.told_empty(name),
                };
                return Err(Failure::new("FILE_EMPTY", empty));
            }
            Some(Err(Unread { bad, .. })) => {
                let message = words::HEADER_BAD.with(&[("problem", &bad.message)]);
                return Err(Failure::new(bad.reason, message));
            }
            Some(Ok((_, header))) => header,
        };
        let header = Header::of(&header, &asked).map_err(|failure| {
            notes
                .iter()
                .fold(failure, |failure, note| failure.hint(note))
        })?;
        rows.ask(&header);
        if let Rows::Sheet(sheet) = &rows {
            notes.extend(sheet.told_hidden());
        }
        Ok(Self {
            rows,
            ignored: header.ignored(&asked).cloned().collect(),
            asked,
            header,
            unusable: None,
            unnamed: BTreeSet::new(),
            notes,
            name: name.to_owned(),
            stamp: None,
            has_rows: false,
            noted: [false; 4],
        })
    }

    /// The same, with rejected rows told by their first `columns`, as far as they can be read.
    #[must_use]
    pub fn with_id(mut self, columns: usize) -> Self {
        self.asked.id_columns = columns;
        self
    }

    /// The names of its columns; of one without a name, none.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header.names
    }

    /// Columns of the file that nobody asked for, as many as anybody reads; one without a name
    /// counts once a row was read that has something in it.
    #[must_use]
    pub fn ignored_columns(&self) -> Vec<String> {
        const TOLD_MAX: usize = 20;
        let unnamed = self
            .unnamed
            .iter()
            .map(|at| words::UNNAMED_COLUMN.with(&[("number", &(at + 1))]));
        let count = self.ignored.len() + self.unnamed.len();
        let more = count.checked_sub(TOLD_MAX).filter(|more| *more > 0);
        let more = more.map(|more| words::AND_MORE.with(&[("count", &more)]));
        let all = self.ignored.iter().cloned().chain(unnamed);
        all.take(TOLD_MAX).chain(more).collect()
    }

    /// What people should know of how the file was read, since the last time that this was asked.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Bytes of the file that were read so far.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        match &self.rows {
            Rows::Text(lines) => lines.source.bytes_read(),
            Rows::Sheet(sheet) => sheet.bytes_read(),
        }
    }

    /// SHA-256 of the bytes that were read so far; after the last row, of the whole file.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        match &self.rows {
            Rows::Text(lines) => lines.source.sha256(),
            Rows::Sheet(sheet) => sheet.sha256(),
        }
    }

    /// What the file was when it was opened; none where it is no file on disk.
    #[must_use]
    pub fn stamp(&self) -> Option<&Stamp> {
        self.stamp.as_ref()
    }

    /// Refused as `FILE_CHANGED` where the file is not what was opened any more. To be asked before
    /// rows are used while others are still to be read: the last before a cut may be half of one.
    pub fn check_unchanged(&self) -> Result<(), Failure> {
        self.stamp().map_or(Ok(()), Stamp::check)
    }

    /// The next row, a rejected one, or `None` at the end. Fails only when the file can't be read
    /// any more, or is not what was opened: then why a row is rejected would mislead.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, BadRow>>, Failure> {
        let next = self.read_row();
        if !matches!(next, Ok(Some(Ok(_)))) {
            self.check_unchanged()?;
        }
        next
    }

    fn read_row(&mut self) -> Result<Option<Result<Row, BadRow>>, Failure> {
        let (line, mut record) = loop {
            let next = self.rows.next_record()?;
            if next.is_none() && !std::mem::replace(&mut self.has_rows, true) {
                self.notes
                    .push(words::NO_ROWS.with(&[("path", &self.name)]));
            }
            match next {
                None => return Ok(None),
                Some(Ok((line, record)))
                    if self.asked.are_named_in(&record) && !self.header.is_glued_to(&record) =>
                {
                    if let Err(bad) = self.head_anew(line, &record) {
                        return Ok(Some(Err(self.lose_columns(bad))));
                    }
                }
                Some(Ok(record)) => break record,
                Some(Err(Unread { bad, seen })) => {
                    self.has_rows = true;
                    let is_header = self.asked.are_named_in(&seen);
                    // Only a sheet has a place for each field, whatever is wrong with others.
                    let has_places = self.unusable.is_none() && matches!(self.rows, Rows::Sheet(_));
                    return Ok(Some(Err(match (is_header, has_places) {
                        (true, _) => self.lose_columns(bad),
                        (false, true) => bad.of(self.header.id_in(&seen, &self.asked)),
                        (false, false) => bad,
                    })));
                }
            }
        };
        self.has_rows = true;
        if let Some(header) = &self.unusable {
            let message = words::BELOW_BAD_HEADER.with(&[("line", &header.line)]);
            return Ok(Some(Err(BadRow::new(line, &header.reason, message))));
        }
        let mut beyond = record.iter().skip(self.header.names.len());
        // In a line, more fields than columns mean that they are shifted. A sheet has a place for
        // each, and people put remarks anywhere.
        let is_shifted =
            matches!(self.rows, Rows::Text(_)) && beyond.any(|field| !field.trim().is_empty());
        if record.len() < self.header.width || is_shifted {
            let (found, expected) = (record.len(), self.header.names.len());
            let message = words::FIELD_COUNT.with(&[("found", &found), ("expected", &expected)]);
            return Ok(Some(Err(BadRow::new(line, "FIELD_COUNT", message))));
        }
        for (at, field) in record.iter().enumerate() {
            let is_unnamed = self.header.names.get(at).is_none_or(String::is_empty);
            if is_unnamed && !field.trim().is_empty() {
                self.unnamed.insert(at);
            }
        }
        Ok(Some(self.asked(line, &mut record)))
    }

    /// The row, of the columns that were asked for.
    fn asked(&mut self, line: u64, record: &mut [String]) -> Result<Row, BadRow> {
        let mut fields = Vec::with_capacity(self.header.places.len());
        for at in 0..self.header.places.len() {
            let (place, holds) = self.header.places[at];
            let Some(place) = place else {
                fields.push(String::new());
                continue;
            };
            let field = self.value(line, std::mem::take(&mut record[place]));
            let wrong = match holds {
                _ if is_cell_error(&field) => Some(Unreadable::Error(field.clone())),
                Holds::Code => no_id(&self.header.names[place], &field),
                Holds::Name => no_name(&field),
                Holds::Number | Holds::Fen => no_number(&field),
                _ => None,
            };
            if let Some(why) = wrong {
                let bad = why.told(line, &self.header.names[place]);
                return Err(bad.of(self.asked.id(&fields)));
            }
            fields.push(self.normal(line, holds, field));
        }
        Ok(Row { line, fields })
    }

    /// The field without what stands around its value; notes the first around which anything did.
    fn value(&mut self, line: u64, field: String) -> String {
        let value = bare(&field);
        if value == field {
            return field;
        }
        let value = value.to_owned();
        if !value.is_empty() && !std::mem::replace(&mut self.noted[2], true) {
            let found = format!("{field:?}");
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("found", &found), ("line", &line), ("read", &value)];
            self.notes.push(words::VALUES_READ.with(&values));
        }
        value
    }

    /// From here on the columns are where a header below the first says.
    fn head_anew(&mut self, line: u64, record: &[String]) -> Result<(), BadRow> {
        let header = Header::of(record, &self.asked).map_err(|failure| {
            let message = words::HEADER_BAD.with(&[("problem", &failure.message())]);
            BadRow::new(line, failure.reason(), message)
        })?;
        let is_as_before = self.unusable.is_none() && header.places == self.header.places;
        let told = if is_as_before {
            words::HEADER_AGAIN
        } else {
            words::HEADER_ANEW
        };
        self.notes.push(told.with(&[("line", &line)]));
        for name in header.ignored(&self.asked) {
            if !self.ignored.contains(name) {
                self.ignored.push(name.clone());
            }
        }
        self.rows.ask(&header);
        (self.header, self.unusable) = (header, None);
        Ok(())
    }

    /// Keeps why a header cannot be used, by which what is below it had to be read.
    fn lose_columns(&mut self, header: BadRow) -> BadRow {
        self.has_rows = true;
        self.unusable = Some(header.clone());
        header
    }

    /// The field in the form of the contract; notes the first that was written otherwise.
    fn normal(&mut self, line: u64, holds: Holds, field: String) -> String {
        let read = match self.rows.serial(holds, &field) {
            Some(read) => read,
            None => match normal(holds, &field) {
                Cow::Borrowed(_) => return field,
                Cow::Owned(read) => read,
            },
        };
        let (noted, text) = match holds {
            Holds::Instant => (1, words::TIMES_READ),
            Holds::Number | Holds::Fen => (3, words::NUMBERS_READ),
            _ => (0, words::DATES_READ),
        };
        // What will be refused is no example of how dates are read.
        if exists(holds, &read) && !std::mem::replace(&mut self.noted[noted], true) {
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("found", &field), ("line", &line), ("read", &read)];
            self.notes.push(text.with(&values));
        }
        read
    }

    #[cfg(test)]
    fn held_bytes(&self) -> usize {
        match &self.rows {
            Rows::Text(lines) => lines.held_bytes(),
            Rows::Sheet(_) => 0,
        }
    }
}

impl Rows {
    fn header(&mut self) -> Result<Option<Record>, Failure> {
        match self {
            Self::Text(lines) => lines.header(),
            Self::Sheet(sheet) => Ok(sheet.header()),
        }
    }

    /// The day that a number is in a workbook.
    fn serial(&self, holds: Holds, field: &str) -> Option<String> {
        match self {
            Self::Text(_) => None,
            Self::Sheet(sheet) => serial(holds, field, sheet.is_1904),
        }
    }

    /// What stands in other columns costs no row.
    fn ask(&mut self, header: &Header) {
        if let Self::Sheet(sheet) = self {
            let places = header.places.iter();
            let columns = places.filter_map(|(place, holds)| place.map(|at| (at, *holds)));
            sheet.ask(header.names.clone(), columns.collect());
        }
    }

    fn next_record(&mut self) -> Result<Option<Record>, Failure> {
        match self {
            Self::Text(lines) => lines.next_record(),
            Self::Sheet(sheet) => Ok(sheet.next_record()),
        }
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
