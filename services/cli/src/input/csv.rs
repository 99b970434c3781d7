//! CSV as spreadsheets and other systems write it (RFC 4180), row by row in bounded memory.
//!
//! Columns are found by their names, in any order; columns that nobody asked for are ignored and
//! reported. A byte order mark, CRLF and blank lines are accepted. What is wrong with one row
//! (`LINE_TOO_LONG`, `NOT_UTF8`, `QUOTE_INVALID`, `FIELD_COUNT`) rejects that row; what is wrong
//! with the header (`MISSING_COLUMN`, `DUPLICATE_COLUMN`) refuses the file before anything of it
//! is used. Lines are numbered as an editor does.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::fields::split;
use crate::failure::Failure;

/// Longest row, in bytes. A batch of the longest rows fits into a message of the contract.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// A file with a header.
pub struct CsvFile {
    lines: Lines,
    /// Where each asked column stands in a row of the file; an optional one may be nowhere.
    places: Vec<Option<usize>>,
    width: usize,
    ignored: Vec<String>,
}

/// A row, its fields in the order in which the columns were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it starts, from 1.
    pub line: u64,
    /// A field per asked column; empty where the file does not have an optional one.
    pub fields: Vec<String>,
}

/// A row that is rejected, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file on which it starts, from 1.
    pub line: u64,
    /// Its id, as far as it can be told.
    pub id: String,
    /// The machine reason.
    pub reason: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl BadRow {
    fn new(line: u64, reason: &str, message: impl Into<String>) -> Self {
        Self {
            line,
            id: String::new(),
            reason: reason.to_owned(),
            message: message.into(),
        }
    }
}

impl CsvFile {
    /// Opens a file (`-`: stdin) that must have the `required` columns and may have the
    /// `optional` ones; rows have their fields in that order. An empty file has no rows.
    pub fn open(path: &Path, required: &[&str], optional: &[&str]) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| {
            Failure::new(
                "FILE_UNREADABLE",
                format!("cannot read {}: {error}", path.display()),
            )
        };
        let input: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(unreadable)?)
        };
        Self::read(input, required, optional)
            .map_err(|failure| failure.hint(&format!("nothing of {} was used", path.display())))
    }

    /// As [`open`](Self::open), from anything that can be read.
    pub fn read(
        input: Box<dyn Read + Send>,
        required: &[&str],
        optional: &[&str],
    ) -> Result<Self, Failure> {
        let mut lines = Lines::new(input);
        let header = match lines.next_record()? {
            None => required.iter().map(|&name| name.to_owned()).collect(),
            Some(Err(bad)) => {
                return Err(Failure::new(
                    bad.reason,
                    format!("in the header: {}", bad.message),
                ));
            }
            Some(Ok((_, header))) => header,
        };
        let place = |name: &str| header.iter().position(|column| column == name);
        let missing: Vec<_> = required
            .iter()
            .copied()
            .filter(|name| place(name).is_none())
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "no column {}; the header must name {}, in any order",
                missing.join(", "),
                required.join(", ")
            );
            return Err(Failure::new("MISSING_COLUMN", message));
        }
        let asked = || required.iter().chain(optional).copied();
        if let Some(twice) = asked().find(|name| header.iter().filter(|c| c == name).count() > 1) {
            let message = format!("the header names the column {twice} twice");
            return Err(Failure::new("DUPLICATE_COLUMN", message));
        }
        Ok(Self {
            lines,
            places: asked().map(place).collect(),
            width: header.len(),
            ignored: header
                .iter()
                .filter(|c| !asked().any(|name| name == *c))
                .cloned()
                .collect(),
        })
    }

    /// Columns of the file that nobody asked for.
    #[must_use]
    pub fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }

    /// Bytes of the file that were read so far.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.lines.bytes_read
    }

    /// SHA-256 of the bytes that were read so far; after the last row, of the whole file.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.lines.hash.clone().finalize().into()
    }

    /// The next row, a rejected one, or `None` at the end. Fails only when the file can't be read
    /// any more.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, BadRow>>, Failure> {
        let (line, mut record) = match self.lines.next_record()? {
            None => return Ok(None),
            Some(Err(bad)) => return Ok(Some(Err(bad))),
            Some(Ok(record)) => record,
        };
        if record.len() != self.width {
            let message = format!(
                "{} fields where the header has {}",
                record.len(),
                self.width
            );
            return Ok(Some(Err(BadRow::new(line, "FIELD_COUNT", message))));
        }
        let mut take = |place: &Option<usize>| place.map(|at| std::mem::take(&mut record[at]));
        let fields = self
            .places
            .iter()
            .map(|place| take(place).unwrap_or_default())
            .collect();
        Ok(Some(Ok(Row { line, fields })))
    }
}

/// A row's line and fields, or why it is rejected.
type Record = Result<(u64, Vec<String>), BadRow>;

/// One line of the file without its end.
enum Line {
    Whole(Vec<u8>),
    /// Longer than [`ROW_BYTES_MAX`]; its bytes were passed over.
    TooLong,
}

/// Reads lines, and joins those that a quoted field spans.
struct Lines {
    input: BufReader<Box<dyn Read + Send>>,
    bytes_read: u64,
    hash: Sha256,
    /// Number of the line that comes next.
    next_line: u64,
    /// Lines that were read ahead for a quoted field that did not end.
    again: VecDeque<Line>,
}

impl Lines {
    fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input: BufReader::with_capacity(128 * 1024, input),
            bytes_read: 0,
            hash: Sha256::new(),
            next_line: 1,
            again: VecDeque::new(),
        }
    }

    fn next_record(&mut self) -> Result<Option<Record>, Failure> {
        loop {
            let line = self.next_line;
            let mut text = match self.take_line()? {
                None => return Ok(None),
                Some(Line::TooLong) => return Ok(Some(Err(too_long(line)))),
                Some(Line::Whole(text)) if text.is_empty() => continue,
                Some(Line::Whole(text)) => text,
            };
            let fields = match split(&text) {
                Ok(None) => self.join(&mut text)?,
                done => done,
            };
            return Ok(Some(match fields {
                Ok(Some(fields)) => decode(line, fields),
                Ok(None) => Err(BadRow::new(
                    line,
                    "QUOTE_INVALID",
                    "a quoted field does not end",
                )),
                Err(quote) => Err(BadRow::new(line, "QUOTE_INVALID", quote)),
            }));
        }
    }

    /// Goes on with the lines after `text` until its quoted field ends. Where it does not, the
    /// lines stay to be read as rows of their own: a stray quote costs one row.
    fn join(&mut self, text: &mut Vec<u8>) -> Result<Split, Failure> {
        let mut ahead = VecDeque::new();
        loop {
            let line = self.take_line()?;
            let fits =
                matches!(&line, Some(Line::Whole(more)) if text.len() + more.len() < ROW_BYTES_MAX);
            let result = match &line {
                Some(Line::Whole(more)) if fits => {
                    text.push(b'\n');
                    text.extend_from_slice(more);
                    // Only a quote can end the field, so other lines need no second look.
                    if more.contains(&b'"') {
                        split(text)
                    } else {
                        Ok(None)
                    }
                }
                Some(Line::Whole(_) | Line::TooLong) | None => Ok(None),
            };
            ahead.extend(line);
            match result {
                Ok(Some(fields)) => return Ok(Ok(Some(fields))),
                Ok(None) if fits => {}
                failed => {
                    self.next_line -= ahead.len() as u64;
                    ahead.append(&mut self.again);
                    self.again = ahead;
                    return Ok(failed);
                }
            }
        }
    }

    fn take_line(&mut self) -> Result<Option<Line>, Failure> {
        let line = match self.again.pop_front() {
            Some(line) => Some(line),
            None => self.read_line()?,
        };
        self.next_line += u64::from(line.is_some());
        Ok(line)
    }

    fn read_line(&mut self) -> Result<Option<Line>, Failure> {
        let mut text = Vec::new();
        let mut too_long = false;
        let mut any = false;
        loop {
            let buffer = self
                .input
                .fill_buf()
                .map_err(|e| Failure::new("FILE_UNREADABLE", format!("cannot read on: {e}")))?;
            if buffer.is_empty() && !any {
                return Ok(None);
            }
            any = true;
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            too_long |= text.len() + part.len() > ROW_BYTES_MAX;
            if !too_long {
                text.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            let ended = end.is_some() || buffer.is_empty();
            self.hash.update(&buffer[..used]);
            self.input.consume(used);
            let at_start = self.bytes_read == 0;
            self.bytes_read += used as u64;
            if at_start && text.starts_with(b"\xef\xbb\xbf") {
                text.drain(..3);
            }
            if ended {
                break;
            }
        }
        if text.last() == Some(&b'\r') {
            text.pop();
        }
        Ok(Some(if too_long {
            Line::TooLong
        } else {
            Line::Whole(text)
        }))
    }
}

type Split = Result<Option<Vec<Vec<u8>>>, &'static str>;

fn too_long(line: u64) -> BadRow {
    BadRow::new(
        line,
        "LINE_TOO_LONG",
        format!("a line of more than {ROW_BYTES_MAX} bytes"),
    )
}

fn decode(line: u64, fields: Vec<Vec<u8>>) -> Record {
    let decoded: Result<Vec<_>, _> = fields.into_iter().map(String::from_utf8).collect();
    let message = "not UTF-8; save the file as UTF-8 (from GBK: iconv -f GB18030 -t UTF-8)";
    decoded
        .map(|fields| (line, fields))
        .map_err(|_| BadRow::new(line, "NOT_UTF8", message))
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
