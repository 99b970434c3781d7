//! Rows that were not taken: listed as they come, counted by reason.

mod advice;

use std::collections::BTreeMap;

pub use advice::Others;

use crate::failure::Failure;
use crate::input::rows::BadRow;
use crate::output::{Cell, Column, Format, Listing, Out, column, thousands};
use crate::words;

/// Lists rejected rows.
pub struct Rejections<'a> {
    listing: Listing<'a>,
    format: Format,
    by_reason: BTreeMap<String, u64>,
    total: u64,
    /// Rows are judged, and none is kept.
    check_only: bool,
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
            check_only: false,
        }
    }

    /// Nothing goes in: rows are judged, and not kept.
    #[must_use]
    pub fn of_a_check(mut self) -> Self {
        self.check_only = true;
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
            words::told(&bad.reason, &bad.message).into(),
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
    /// rejected, with what became of the `others`; `what` names rows in the plural.
    pub fn finish(
        self,
        what: &str,
        others: Others,
        rest: &[(Column, Cell)],
        line: &str,
    ) -> Result<(), Failure> {
        let failure = self.failure(what, others);
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
    fn failure(&self, what: &str, others: Others) -> Option<Failure> {
        let (reason, _) = self.by_reason.iter().max_by_key(|(_, times)| **times)?;
        let count = |number: u64| thousands(i64::try_from(number).unwrap_or(i64::MAX));
        let each: Vec<_> = self
            .by_reason
            .iter()
            .map(|(r, times)| format!("{r} {}", count(*times)))
            .collect();
        let count = count(self.total);
        let (what, reasons) = (words::title_of(what), each.join(words::COMMA.say()));
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("count", &count), ("what", &what), ("reasons", &reasons)];
        if self.check_only {
            let message = words::ROWS_WOULD_BE_REJECTED.with(&values);
            return Some(Failure::new(reason.clone(), message));
        }
        let message = format!("{}{}", words::ROWS_REJECTED.with(&values), others.said());
        let failure = Failure::new(reason.clone(), message);
        let advice = advice::of(self.by_reason.keys().map(String::as_str));
        Some(
            advice
                .iter()
                .fold(failure, |failure, advice| failure.hint(advice)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::captured::Captured;

    fn told(reasons: &[&str], others: Others, check_only: bool) -> Result<(), Failure> {
        let mut out = Out::to(Format::Csv, Box::new(std::io::sink()));
        let mut rejections = Rejections::new(&mut out, ROWS);
        if check_only {
            rejections = rejections.of_a_check();
        }
        for reason in reasons {
            let (line, id, reason) = (2, String::new(), (*reason).to_owned());
            let message = String::new();
            rejections.add(BadRow {
                line,
                id,
                reason,
                message,
            })?;
        }
        rejections.finish("records", others, &[], "")
    }

    #[test]
    fn a_list_of_rejected_rows_is_in_one_language_in_each_form() {
        for format in [Format::Json, Format::Csv, Format::Table] {
            let captured = Captured::default();
            let mut out = Out::to(format, Box::new(captured.clone()));
            let listed = words::in_chinese(|| {
                let mut rejections = Rejections::new(&mut out, ROWS);
                for (reason, message) in [
                    ("MISSING", "it is empty: expected a program"),
                    ("CELL_ERROR", "name：单元格为错误值 #N/A"),
                ] {
                    rejections.add(BadRow {
                        line: 2,
                        id: String::new(),
                        reason: reason.to_owned(),
                        message: message.to_owned(),
                    })?;
                }
                rejections.finish("records", Others::of(1, 0), &[], "")
            });
            assert_eq!(listed.unwrap_err().reason(), "MISSING");
            let told = captured.text();
            assert!(told.contains("不能为空，应为项目"), "{told}");
            assert!(!told.contains("expected"), "{told}");
        }
    }

    #[test]
    fn what_was_rejected_fails_by_its_commonest_reason() {
        let reasons = ["PERIOD_SEALED", "DATE_INVALID", "PERIOD_SEALED"];
        let failure = told(&reasons, Others::of(1, 0), false).unwrap_err();
        assert_eq!(failure.reason(), "PERIOD_SEALED");
        assert!(
            failure
                .to_string()
                .contains("rejected 3 of the records (DATE_INVALID 1, PERIOD_SEALED 2)")
        );
        assert!(told(&[], Others::of(0, 0), false).is_ok());
    }

    #[test]
    fn what_became_of_the_others_is_told_as_it_is() {
        for (new, there, said) in [
            (1, 0, "(DATE_INVALID 1), the others went in; correct"),
            (2, 3, "the others went in"),
            (0, 3, "the others were there already"),
            (0, 0, "(DATE_INVALID 1), none went in; correct"),
        ] {
            let failure = told(&["DATE_INVALID"], Others::of(new, there), false).unwrap_err();
            assert!(failure.to_string().contains(said), "{failure}");
        }
        let check = told(&["DATE_INVALID"], Others::of(1, 0), true).unwrap_err();
        assert!(check.to_string().ends_with("nothing was kept"), "{check}");
    }

    #[test]
    fn nobody_is_told_to_correct_what_no_correction_mends() {
        let others = Others::of(1, 0);
        let said = |reasons: &[&str]| told(reasons, others, false).unwrap_err().to_string();
        for (reason, advice) in [
            ("PERIOD_SEALED", "late fees go into an open one"),
            ("NOT_YOUR_PLATFORM", "each platform sends its own"),
            ("RECORD_CONFLICT", "report it anew under a new id"),
            ("PERMISSION_DENIED", "send them as who may"),
            (
                "OCCURRED_AFTER_PERIOD",
                "report them for the month of their day",
            ),
            ("UNAVAILABLE", "send them again later"),
        ] {
            let said = said(&[reason]);
            assert!(said.contains(advice), "{said}");
            assert!(!said.contains("correct those"), "{said}");
        }
        let mixed = said(&["PERIOD_SEALED", "DATE_INVALID"]);
        assert!(mixed.contains("correct the rest of those"), "{mixed}");
        assert!(mixed.contains("late fees"), "{mixed}");
    }
}
