//! Importing a CSV file in batches, for every kind of row.
//!
//! Each batch is judged row by row by its service. Sending one again changes nothing, so a batch
//! whose answer was lost is simply sent again.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use gazelle_kernel::{Fen, parse_instant};
use gazelle_proto::time::timestamp;
use gazelle_proto::{registry::v1 as registry, settlement::v1 as settlement};
use indicatif::ProgressBar;
use prost_types::Timestamp;
use serde_json::json;
use tonic::Status;

pub use super::item::{ItemKind, Opened};
use super::rejected::{Others, ROWS, Rejections};
use crate::failure::Failure;
pub use crate::input::field::BadField;
use crate::input::rows::{BadRow, Row};
use crate::output::{Cell, Column, Notes, Out, column, progress, thousands};
use crate::words;

/// Rows of a batch, and the bytes of their fields: the contract's bounds.
pub const BATCH_ROWS: usize = 1_000;
/// Well below the contract's message limit, whatever encoding adds.
pub const BATCH_BYTES: usize = 256 * 1024;

/// What a service made of a batch.
pub struct Answer {
    created: i32,
    changed: i32,
    unchanged: i32,
    /// Indexes in the batch of what was changed.
    changed_at: Vec<i32>,
    /// Index in the batch, reason, message.
    rejections: Vec<(i32, String, String)>,
    /// Remarks on items that were taken, likewise.
    warnings: Vec<(i32, String, String)>,
}

/// What became of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that were new.
    pub created: u64,
    /// Rows that replaced an earlier version of themselves.
    pub changed: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows that were taken, and that there is something to say about.
    pub warned: u64,
    /// Line and id of rows that were changed, the first of them.
    pub changed_rows: Vec<(u64, String)>,
}

impl From<registry::ImportResult> for Answer {
    fn from(result: registry::ImportResult) -> Self {
        let rejection = |r: registry::Rejection| (r.index, r.reason, place(&r.field, r.message));
        let warning = |w: registry::Warning| (w.index, w.reason, place(&w.field, w.message));
        Self {
            created: result.created_count,
            changed: result.changed_count,
            unchanged: result.unchanged_count,
            changed_at: result.changed_indexes,
            rejections: result.rejections.into_iter().map(rejection).collect(),
            warnings: result.warnings.into_iter().map(warning).collect(),
        }
    }
}

impl From<settlement::ImportResult> for Answer {
    fn from(result: settlement::ImportResult) -> Self {
        let rejection = |r: settlement::Rejection| (r.index, r.reason, place(&r.field, r.message));
        Self {
            created: result.created_count,
            changed: result.changed_count,
            unchanged: result.unchanged_count,
            changed_at: result.changed_indexes,
            rejections: result.rejections.into_iter().map(rejection).collect(),
            warnings: Vec::new(),
        }
    }
}

fn place(field: &str, message: String) -> String {
    if field.is_empty() {
        return message;
    }
    format!("{field}: {message}")
}

/// The result of a batch, or what an answer without one means.
pub fn answer<R: Into<Answer>>(result: Option<R>) -> Result<Answer, Status> {
    result
        .map(Into::into)
        .ok_or_else(|| Status::internal("the service answered without a result"))
}

/// A batch of one item: its rejection is a failure.
pub fn one<R: Into<Answer>>(result: Option<R>) -> Result<(), Failure> {
    let answer = answer(result)?;
    match answer.rejections.into_iter().next() {
        None => Ok(()),
        Some((_, reason, message)) => {
            let message = words::told_in_words(&reason, &message);
            Err(Failure::new(reason, message))
        }
    }
}

/// Imports a file and says what became of it.
pub async fn run<T: Debug>(
    out: &mut Out,
    kind: &ItemKind<T>,
    path: &Path,
    put: impl AsyncFn(Vec<T>) -> Result<Answer, Status>,
) -> Result<(), Failure> {
    run_with(out, kind, path, put, |_, _| (), async || Vec::new()).await
}

/// Imports a file, and says what became of it with what there is to remark afterwards; `see` gets
/// each item that is sent, with its line.
pub async fn run_with<T: Debug>(
    out: &mut Out,
    kind: &ItemKind<T>,
    path: &Path,
    put: impl AsyncFn(Vec<T>) -> Result<Answer, Status>,
    see: impl FnMut(u64, &T),
    remark: impl AsyncFnOnce() -> Vec<String>,
) -> Result<(), Failure> {
    let mut opened = kind.open(path)?;
    let mut notes = Notes::default();
    notes.add(opened.file.take_notes());
    notes.tell(out)?;
    let bar = progress::bytes(
        words::title_of(kind.what),
        fs::metadata(path).map_or(0, |meta| meta.len()),
    );
    let mut rejections = Rejections::new(out, ROWS);
    let told = Told {
        see,
        reject: |bad| rejections.add(bad),
        notes: &mut notes,
    };
    let counts = rows(kind, &mut opened, put, &bar, told).await;
    bar.finish_and_clear();
    notes.add(opened.file.take_notes());
    let counts = counts?;
    let ignored = opened.file.ignored_columns().join(", ");

    let rejected = rejections.total();
    let (changed, changed_field) = changed_rows(&counts);
    notes.add(changed);
    notes.add(remark().await);
    let (mut fields, line) = summary(kind.what, &counts, rejected, &ignored);
    fields.push(changed_field);
    fields.push(notes.field());
    let line = notes.above(rejections.format(), &line);
    let others = Others::of(counts.created + counts.changed, counts.unchanged);
    rejections.finish(kind.what, others, &fields, &line)
}

/// Changed rows that are kept, for programs; people are told of few.
const CHANGED_KEPT_MAX: usize = 1_000;
const CHANGED_TOLD_MAX: usize = 20;

/// Which rows were changed: for people, and for programs.
fn changed_rows(counts: &Counts) -> (Option<String>, (Column, Cell)) {
    let row = |(line, id): &(u64, String)| words::CHANGED_ROW.with(&[("line", line), ("id", id)]);
    let told = counts.changed_rows.iter().take(CHANGED_TOLD_MAX).map(row);
    let mut told: Vec<_> = told.collect();
    let more = counts.changed.saturating_sub(CHANGED_TOLD_MAX as u64);
    if more > 0 {
        told.push(words::AND_MORE.with(&[("count", &more)]));
    }
    let rows = counts.changed_rows.iter();
    let rows = rows.map(|(line, id)| json!({"line": line, "id": id}));
    let field = column("changed_rows", "changed");
    let line = words::CHANGED_ROWS.with(&[("rows", &told.join("; "))]);
    let line = (!told.is_empty()).then_some(line);
    (line, (field, Cell::Nested(rows.collect())))
}

/// What is said of an import: for programs, and for people.
fn summary(
    what: &str,
    counts: &Counts,
    rejected: u64,
    ignored: &str,
) -> (Vec<(Column, Cell)>, String) {
    let each = [
        ("created", counts.created, words::CREATED),
        ("changed", counts.changed, words::CHANGED),
        ("unchanged", counts.unchanged, words::UNCHANGED),
        ("rejected", rejected, words::REJECTED),
        ("warnings", counts.warned, words::WARNED),
    ];
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut fields: Vec<(Column, Cell)> = each
        .iter()
        .map(|(key, n, _)| (column(key, key), number(*n).into()))
        .collect();
    fields.push((column("ignored_columns", "ignored columns"), ignored.into()));
    let told: Vec<_> = each
        .iter()
        .filter(|(key, n, _)| *key != "warnings" || *n > 0)
        .map(|(_, n, text)| text.with(&[("count", &thousands(number(*n)))]))
        .collect();
    let what = words::title_of(what);
    let mut line =
        words::ROWS_OF.with(&[("what", &what), ("counts", &told.join(words::COMMA.say()))]);
    if !ignored.is_empty() {
        let ignored = words::IGNORED_COLUMNS.with(&[("columns", &ignored)]);
        line = [line, ignored].join(words::SEMICOLON.say());
    }
    (fields, line)
}

/// Who is told what of the rows of a file.
pub struct Told<'a, S, R> {
    /// Each that is sent, with its line.
    pub see: S,
    /// Each that was not taken.
    pub reject: R,
    /// What there is to say of others.
    pub notes: &'a mut Notes,
}

/// Imports the rows of a file in batches, but those that contradict others of it.
pub async fn rows<T: Debug>(
    kind: &ItemKind<T>,
    opened: &mut Opened,
    put: impl AsyncFn(Vec<T>) -> Result<Answer, Status>,
    bar: &ProgressBar,
    mut told: Told<'_, impl FnMut(u64, &T), impl FnMut(BadRow) -> Result<(), Failure>>,
) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    loop {
        let (batch, ended) = ItemBatch::read(kind, opened)?;
        opened.file.check_unchanged()?;
        for (item, (line, _)) in batch.items.iter().zip(&batch.named) {
            (told.see)(*line, item);
        }
        let mut bad = batch.bad;
        if !batch.items.is_empty() {
            let answer = put(batch.items).await?;
            counts.add(&answer);
            let named = |index: i32| {
                let at = usize::try_from(index).ok();
                let named = at.and_then(|at| batch.named.get(at));
                named.cloned().unwrap_or_default()
            };
            for index in answer.changed_at {
                if counts.changed_rows.len() < CHANGED_KEPT_MAX {
                    counts.changed_rows.push(named(index));
                }
            }
            for (index, reason, message) in answer.warnings {
                let (line, id) = named(index);
                told.notes.add([warning(line, &id, &reason, &message)]);
            }
            for (index, reason, message) in answer.rejections {
                let (line, id) = named(index);
                bad.push(BadRow {
                    line,
                    id,
                    reason,
                    message,
                });
            }
        }
        bad.sort_by_key(|row| row.line);
        bad.into_iter().try_for_each(&mut told.reject)?;
        bar.set_position(opened.file.bytes_read());
        if ended {
            return Ok(counts);
        }
    }
}

/// What there is to say of a row that was taken.
fn warning(line: u64, id: &str, reason: &str, message: &str) -> String {
    let message = words::told(reason, message);
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("line", &line),
        ("id", &id),
        ("reason", &reason),
        ("message", &message),
    ];
    words::WARNING.with(&values)
}

impl Counts {
    fn add(&mut self, answer: &Answer) {
        let count = |n: i32| u64::try_from(n).unwrap_or(0);
        self.created += count(answer.created);
        self.changed += count(answer.changed);
        self.unchanged += count(answer.unchanged);
        self.warned += answer.warnings.len() as u64;
    }
}

/// Rows to be sent together, and those between them that cannot be sent.
struct ItemBatch<T> {
    items: Vec<T>,
    /// Line and id of each item.
    named: Vec<(u64, String)>,
    bad: Vec<BadRow>,
}

impl<T: Debug> ItemBatch<T> {
    /// Reads the next one, and whether it is the last.
    fn read(kind: &ItemKind<T>, opened: &mut Opened) -> Result<(Self, bool), Failure> {
        let mut batch = Self {
            items: Vec::new(),
            named: Vec::new(),
            bad: Vec::new(),
        };
        let mut bytes = 0;
        while batch.items.len() + batch.bad.len() < BATCH_ROWS && bytes < BATCH_BYTES {
            match opened.file.next_row()? {
                None => return Ok((batch, true)),
                Some(Err(bad)) => batch.bad.push(bad),
                Some(Ok(Row { line, fields })) => {
                    bytes += fields.iter().map(String::len).sum::<usize>();
                    let id = fields[..kind.id_columns].join(" ");
                    let (columns, key) = kind.key(&fields);
                    let item = kind.item(&fields).and_then(|item| {
                        if kind.may_contradict(&fields, &item) {
                            opened.repeated.check(line, (&columns, &key), &item)?;
                        }
                        Ok(item)
                    });
                    match item {
                        Ok(item) => {
                            batch.items.push(item);
                            batch.named.push((line, id));
                        }
                        Err(BadField { reason, message }) => batch.bad.push(BadRow {
                            line,
                            id,
                            reason,
                            message,
                        }),
                    }
                }
            }
        }
        Ok((batch, false))
    }
}

/// Reads an amount in fen, with the blanks around it that people align columns by. Refused as
/// `AMOUNT_INVALID`.
pub fn amount(column: &str, text: &str) -> Result<i64, BadField> {
    Fen::parse(text.trim())
        .map(Fen::get)
        .map_err(|error| BadField {
            reason: error.reason().to_owned(),
            message: format!("{column}: {error}"),
        })
}

/// Reads a whole number, which is written with digits alone: no sign, no separators; blanks around
/// it do not matter. Refused as `reason`.
pub fn number<N: std::str::FromStr>(column: &str, text: &str, reason: &str) -> Result<N, BadField> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or_else(|| {
        let text = format!("{text:?}");
        BadField {
            reason: reason.to_owned(),
            message: words::NUMBER_INVALID.with(&[("column", &column), ("text", &text)]),
        }
    })
}

/// Reads a moment with an offset, as which days and times of day were read already. Refused as
/// `INSTANT_INVALID`.
pub fn instant(column: &str, text: &str) -> Result<Timestamp, BadField> {
    parse_instant(text)
        .map(timestamp)
        .map_err(|error| BadField {
            reason: error.reason().to_owned(),
            message: words::INSTANT_FORMS
                .with(&[("column", &column), ("text", &format!("{text:?}"))]),
        })
}

/// Takes the fields of a row by their place; the reader made sure that they are there.
#[must_use]
pub fn field(fields: &[String], at: usize) -> String {
    fields.get(at).cloned().unwrap_or_default()
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
