//! The rows of a text file: lines, and those that a quoted field spans, cut into fields.
//!
//! A line ends with LF, CR LF, CR alone, or CR CR LF, which a second conversion makes of CR LF.

use std::collections::VecDeque;
use std::io;

use gazelle_kernel::text::is_invisible;

use super::bad_row::{BadRow, ROW_BYTES_MAX};
use super::source::TextSource;
use super::split::split;
use crate::failure::Failure;
use crate::words;

/// A row's line and fields, or why it is rejected.
pub(super) type Record = Result<(u64, Vec<String>), Unread>;

/// A row that cannot be read, and what is seen of its fields: it may have been a header.
pub(super) struct Unread {
    pub(super) bad: BadRow,
    pub(super) seen: Vec<String>,
}

type Split = Result<Option<Vec<Vec<u8>>>, &'static str>;

/// One line of the file without its end.
enum Line {
    Whole(Vec<u8>),
    /// Longer than [`ROW_BYTES_MAX`]; its bytes were passed over.
    TooLong,
}

/// Reads lines, and joins those that a quoted field spans.
pub(super) struct Lines {
    pub(super) source: TextSource,
    /// What the source was decoded from; none: it is UTF-8 itself.
    encoding: Option<&'static str>,
    /// What separates fields, known from the header.
    separator: u8,
    /// Number of the line that comes next.
    next_line: u64,
    /// The last line ended with CR, which more may belong to.
    after_cr: bool,
    /// Lines that were read ahead for a quoted field that did not end.
    again: VecDeque<Line>,
}

impl Lines {
    /// Bytes that are held back of what was read.
    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.source.capacity() + self.again.len() * ROW_BYTES_MAX
    }

    pub(super) fn new(source: TextSource, encoding: Option<&'static str>) -> Self {
        Self {
            source,
            encoding,
            separator: b',',
            next_line: 1,
            after_cr: false,
            again: VecDeque::new(),
        }
    }

    /// The first row: it tells what separates the fields of all.
    pub(super) fn header(&mut self) -> Result<Option<Record>, Failure> {
        let mut told = None;
        loop {
            let Some(line) = self.take_line()? else {
                return Ok(None);
            };
            if let Line::Whole(text) = &line {
                if is_blank(text) {
                    continue;
                }
                // A word of spreadsheets to spreadsheets.
                if let [b's' | b'S', b'e', b'p', b'=', separator] = text[..] {
                    told = Some(separator);
                    continue;
                }
                // Spreadsheets write semicolons where the comma is a decimal point, and tabs.
                let has = |separator| text.contains(&separator);
                let others = [b'\t', b';'].into_iter().find(|&it| !has(b',') && has(it));
                self.separator = told.or(others).unwrap_or(b',');
            }
            self.next_line -= 1;
            self.again.push_front(line);
            return self.next_record();
        }
    }

    pub(super) fn next_record(&mut self) -> Result<Option<Record>, Failure> {
        loop {
            let line = self.next_line;
            let mut text = match self.take_line()? {
                None => return Ok(None),
                Some(Line::TooLong) => return Ok(Some(Err(too_long(line)))),
                Some(Line::Whole(text)) if is_blank(&text) => continue,
                Some(Line::Whole(text)) => text,
            };
            drop_mark_before_quote(&mut text);
            let fields = match split(&text, self.separator) {
                Ok(None) => self.join(&mut text)?,
                done => done,
            };
            let bad = |message: &str| Unread {
                bad: BadRow::new(line, "QUOTE_INVALID", message),
                seen: seen(&text, self.separator),
            };
            let record = match fields {
                Ok(Some(fields)) => self.decode(line, fields),
                Ok(None) => Err(bad(words::QUOTE_OPEN.say())),
                Err(quote) => Err(bad(quote)),
            };
            if !matches!(&record, Ok((_, fields)) if is_nothing(fields)) {
                return Ok(Some(record));
            }
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
                        split(text, self.separator)
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

    fn fill(&mut self) -> Result<&[u8], Failure> {
        self.source.fill().map_err(|error| cannot_read_on(&error))
    }

    /// Takes what still belongs to the end of the last line. Returns whether a line without
    /// anything was found at that.
    fn end_last_line(&mut self) -> Result<bool, Failure> {
        if !std::mem::take(&mut self.after_cr) {
            return Ok(false);
        }
        let first = self.fill()?.first().copied();
        if first == Some(b'\n') {
            self.source.consume(1);
        }
        if first != Some(b'\r') {
            return Ok(false);
        }
        self.source.consume(1);
        if self.fill()?.first() == Some(&b'\n') {
            self.source.consume(1);
            return Ok(false);
        }
        self.after_cr = true;
        Ok(true)
    }

    fn read_line(&mut self) -> Result<Option<Line>, Failure> {
        if self.end_last_line()? {
            return Ok(Some(Line::Whole(Vec::new())));
        }
        let mut text = Vec::new();
        let mut too_long = false;
        let mut any = false;
        loop {
            let chunk = self.fill()?;
            if chunk.is_empty() && !any {
                return Ok(None);
            }
            any = true;
            let end = chunk
                .iter()
                .position(|&byte| byte == b'\n' || byte == b'\r');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            too_long |= text.len() + part.len() > ROW_BYTES_MAX;
            if !too_long {
                text.extend_from_slice(part);
            }
            let ended = end.is_some() || chunk.is_empty();
            let after_cr = end.is_some_and(|at| chunk[at] == b'\r');
            let used = part.len() + usize::from(end.is_some());
            self.source.consume(used);
            self.after_cr = after_cr;
            if ended {
                break;
            }
        }
        // Some programs put one before the one that is there.
        while self.next_line == 1 && text.starts_with(b"\xef\xbb\xbf") {
            text.drain(..3);
        }
        Ok(Some(if too_long {
            Line::TooLong
        } else {
            Line::Whole(text)
        }))
    }

    fn decode(&self, line: u64, fields: Vec<Vec<u8>>) -> Record {
        let mut is_utf8 = true;
        let decoded = fields.into_iter().map(|field| {
            String::from_utf8(field).unwrap_or_else(|error| {
                is_utf8 = false;
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            })
        });
        let fields: Vec<_> = decoded.collect();
        let unread = |message: &str, seen| Unread {
            bad: BadRow::new(line, "NOT_UTF8", message),
            seen,
        };
        if !is_utf8 {
            return Err(unread(words::NOT_UTF8.say(), fields));
        }
        // What the decoder could not read it replaced by this.
        if let Some(encoding) = self.encoding
            && fields.iter().any(|field| field.contains('\u{fffd}'))
        {
            let message = words::NOT_DECODED.with(&[("encoding", &encoding)]);
            return Err(unread(&message, fields));
        }
        Ok((line, fields))
    }
}

fn cannot_read_on(error: &io::Error) -> Failure {
    let message = words::CANNOT_READ_ON.with(&[("error", &words::cause(error))]);
    Failure::new("FILE_UNREADABLE", message)
}

fn too_long(line: u64) -> Unread {
    let message = words::LINE_TOO_LONG.with(&[("limit", &ROW_BYTES_MAX)]);
    Unread {
        bad: BadRow::new(line, "LINE_TOO_LONG", message),
        seen: Vec::new(),
    }
}

/// Where files were joined, the mark that the second began with stands before its first quote.
fn drop_mark_before_quote(text: &mut Vec<u8>) {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let marks = text.chunks(MARK.len()).take_while(|it| *it == MARK).count();
    let rest = &text[marks * MARK.len()..];
    if rest.starts_with(b"\"") || rest.starts_with(b"=\"") {
        text.drain(..marks * MARK.len());
    }
}

/// The fields of a row whose quotes are wrong, as far as they can be seen: lines that were joined
/// to it are rows of their own.
fn seen(text: &[u8], separator: u8) -> Vec<String> {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let fields = line.split(|&byte| byte == separator);
    let bare = |field| String::from_utf8_lossy(field).replace('"', "");
    fields.map(bare).collect()
}

/// Blanks, and what nobody sees: a byte order mark, or the sign by which DOS ended files.
fn is_blank(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(shows_nothing)
}

/// Whether a row holds nothing: commas and blanks, as spreadsheets leave them behind.
pub(super) fn is_nothing(fields: &[String]) -> bool {
    fields.iter().all(|field| shows_nothing(field))
}

fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}
