//! Rows that were not taken: listed as they come, counted by reason.

use std::collections::BTreeMap;

use crate::failure::Failure;
use crate::input::rows::BadRow;
use crate::output::{Cell, Column, Format, Listing, Out, column, thousands};
use crate::words::{self, Text};

/// Lists rejected rows.
pub struct Rejections<'a> {
    listing: Listing<'a>,
    format: Format,
    by_reason: BTreeMap<String, u64>,
    total: u64,
    /// How a failure says it.
    told: Text,
}

/// Columns of a list of rows that an import refused.
pub const ROWS: &[Column] = &[
    column("line", "line"),
    column("id", "id"),
    column("reason", "reason"),
    column("message", "message"),
];

/// For usage records.
pub const RECORDS: &[Column] = &[
    column("line", "line"),
    column("record_id", "record"),
    column("reason", "reason"),
    column("message", "message"),
];

impl<'a> Rejections<'a> {
    /// Lists them on `out`.
    pub fn new(out: &'a mut Out, columns: &'static [Column]) -> Self {
        Self {
            format: out.format(),
            listing: out.list("rejections", columns),
            by_reason: BTreeMap::new(),
            total: 0,
            told: words::ROWS_REJECTED,
        }
    }

    /// Nothing goes in: rows are judged, and not kept.
    #[must_use]
    pub fn of_a_check(mut self) -> Self {
        self.told = words::ROWS_WOULD_BE_REJECTED;
        self
    }

    /// Lists one more.
    pub fn add(&mut self, bad: BadRow) -> Result<(), Failure> {
        self.total += 1;
        *self.by_reason.entry(bad.reason.clone()).or_default() += 1;
        let line = i64::try_from(bad.line).unwrap_or(i64::MAX);
        self.listing.row(vec![
            line.into(),
            bad.id.into(),
            bad.reason.as_str().into(),
            Cell::coded(bad.message.clone(), words::told(&bad.reason, &bad.message)),
        ])
    }

    /// How they are listed.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Ends the list with a summary: `rest` in JSON, `line` in a table. Fails when anything was
    /// rejected; `what` names rows in the plural.
    pub fn finish(self, what: &str, rest: &[(Column, Cell)], line: &str) -> Result<(), Failure> {
        let failure = self.failure(what);
        let Self {
            listing, format, ..
        } = self;
        let out = listing.finish(rest)?;
        if format == Format::Table {
            out.line(line)?;
        }
        out.flush()?;
        failure.map_or(Ok(()), Err)
    }

    /// Named after the reason of most of them.
    fn failure(&self, what: &str) -> Option<Failure> {
        let (reason, _) = self.by_reason.iter().max_by_key(|(_, times)| **times)?;
        let each: Vec<_> = self
            .by_reason
            .iter()
            .map(|(r, times)| format!("{r} {times}"))
            .collect();
        let count = thousands(i64::try_from(self.total).unwrap_or(i64::MAX));
        let (what, reasons) = (words::title_of(what), each.join(", "));
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("count", &count), ("what", &what), ("reasons", &reasons)];
        let message = self.told.with(&values);
        Some(Failure::new(reason.clone(), message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rejected_fails_by_its_commonest_reason() {
        let mut out = Out::to(Format::Csv, Box::new(std::io::sink()));
        let mut rejections = Rejections::new(&mut out, ROWS);
        for reason in ["PERIOD_SEALED", "DATE_INVALID", "PERIOD_SEALED"] {
            let (line, id, reason) = (2, String::new(), reason.to_owned());
            let message = String::new();
            rejections
                .add(BadRow {
                    line,
                    id,
                    reason,
                    message,
                })
                .unwrap();
        }
        let failure = rejections.finish("records", &[], "").unwrap_err();
        assert_eq!(failure.reason(), "PERIOD_SEALED");
        assert!(
            failure
                .to_string()
                .contains("rejected 3 of the records (DATE_INVALID 1, PERIOD_SEALED 2)")
        );

        let none = Rejections::new(&mut out, ROWS);
        assert!(none.finish("records", &[], "").is_ok());
    }
}
