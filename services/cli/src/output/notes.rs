//! What people should know beside a result, as how a file was read.
//!
//! Stderr is for the one line of a refusal, so notes are lines of a table, a field in JSON, and
//! on stderr only with CSV, which has no other place.

use serde_json::Value;

use super::{Cell, Column, Format, Out, column, note, printable};
use crate::failure::Failure;
use crate::words;

/// Notes that are kept; more are counted.
const KEPT_MAX: usize = 100;

/// Notes of one command.
#[derive(Debug, Default)]
pub struct Notes {
    lines: Vec<String>,
    /// How many of the lines were told.
    told: usize,
    more: u64,
}

impl Notes {
    /// Adds lines, to be said with those before.
    pub fn add(&mut self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            if self.lines.len() < KEPT_MAX {
                self.lines.push(line);
            } else {
                self.more += 1;
            }
        }
    }

    /// Tells those that were not told yet, before what comes next.
    pub fn tell(&mut self, out: &mut Out) -> Result<(), Failure> {
        let lines = self.untold();
        match out.format() {
            Format::Json => Ok(()),
            Format::Csv => {
                for line in &lines {
                    note(line);
                }
                Ok(())
            }
            Format::Table => lines.iter().try_for_each(|line| out.line(&printable(line))),
        }
    }

    /// The summary of a table, below the notes that were not told yet; with CSV these go out.
    #[must_use]
    pub fn above(&mut self, format: Format, summary: &str) -> String {
        let mut lines = self.untold();
        match format {
            Format::Csv => lines.drain(..).for_each(|line| note(&line)),
            Format::Table | Format::Json => {}
        }
        lines = lines.iter().map(|line| printable(line)).collect();
        lines.push(summary.to_owned());
        lines.join("\n")
    }

    /// All of them, for JSON.
    #[must_use]
    pub fn field(&self) -> (Column, Cell) {
        let all: Vec<_> = self.lines.iter().cloned().chain(self.rest()).collect();
        (column("notes", "notes"), Cell::Nested(Value::from(all)))
    }

    fn untold(&mut self) -> Vec<String> {
        let from = std::mem::replace(&mut self.told, self.lines.len());
        let rest = self.rest();
        self.lines[from..].iter().cloned().chain(rest).collect()
    }

    fn rest(&self) -> Option<String> {
        (self.more > 0).then(|| words::AND_MORE.with(&[("count", &self.more)]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::captured::Captured;
    use super::*;

    #[test]
    fn notes_are_lines_of_a_table_and_a_field_of_json() {
        let captured = Captured::default();
        let mut out = Out::to(Format::Table, Box::new(captured.clone()));
        let mut notes = Notes::default();
        notes.add(["read as gb18030".to_owned()]);
        notes.tell(&mut out).unwrap();
        notes.add(["a date".to_owned()]);
        assert_eq!(notes.above(Format::Table, "1 created"), "a date\n1 created");
        assert_eq!(captured.text(), "read as gb18030\n");
        let all = Value::from(vec!["read as gb18030", "a date"]);
        assert_eq!(notes.field().1, Cell::Nested(all));
    }

    #[test]
    fn notes_without_end_are_counted() {
        let mut notes = Notes::default();
        notes.add((0..KEPT_MAX + 20).map(|number| number.to_string()));
        let summary = notes.above(Format::Table, "done");
        assert!(summary.ends_with("99\nand 20 more\ndone"), "{summary}");
    }
}
