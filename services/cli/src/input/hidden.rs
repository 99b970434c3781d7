//! Rows and columns that a sheet hides, by hand or by a filter: they are read as all others are,
//! and who sees the sheet does not see them.

use std::collections::BTreeSet;
use std::io::{BufReader, Cursor};
use std::ops::RangeInclusive;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use crate::words;

/// Runs of hidden columns that are kept: as many as a sheet has columns.
const RUNS_MAX: usize = 16_384;

/// Rows and columns that are told by name.
const TOLD_MAX: usize = 5;

/// What a sheet hides.
#[derive(Default)]
pub(super) struct Hidden {
    /// From 0.
    rows: BTreeSet<u32>,
    /// From 0.
    columns: Vec<RangeInclusive<usize>>,
}

impl Hidden {
    /// Of the rows for which `holds` what the sheet `name` of the workbook `bytes` hides, and of
    /// its columns; nothing where the workbook does not tell.
    pub(super) fn of(bytes: &[u8], name: &str, holds: impl Fn(u32) -> bool) -> Self {
        read(bytes, name, holds).unwrap_or_default()
    }

    /// Whether the column is hidden.
    pub(super) fn has_column(&self, at: usize) -> bool {
        self.columns.iter().any(|run| run.contains(&at))
    }

    /// What is hidden and read, of the sheet `name`: its rows, and these columns.
    pub(super) fn told(&self, name: &str, columns: &[&str]) -> Vec<String> {
        let told = |text: words::Text, count: usize, first: Vec<String>| {
            let dots = if count > TOLD_MAX { ", …" } else { "" };
            let listed = first.join(", ") + dots;
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("sheet", &name), ("count", &count), ("listed", &listed)];
            (count > 0).then(|| text.with(&values))
        };
        let lines = self.rows.iter().take(TOLD_MAX);
        let lines = lines.map(|row| (row + 1).to_string()).collect();
        let names = columns.iter().take(TOLD_MAX);
        let names = names.map(ToString::to_string).collect();
        let rows = told(words::HIDDEN_ROWS, self.rows.len(), lines);
        let columns = told(words::HIDDEN_COLUMNS, columns.len(), names);
        rows.into_iter().chain(columns).collect()
    }
}

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn read(bytes: &[u8], name: &str, holds: impl Fn(u32) -> bool) -> Option<Hidden> {
    let mut archive = Archive::new(Cursor::new(bytes)).ok()?;
    let path = sheet_path(&mut archive, name)?;
    let mut hidden = Hidden::default();
    let mut row = 0;
    each_element(&mut archive, &path, |element| {
        match element.local_name().as_ref() {
            "row" => {
                // One without a number is the next.
                row = number(element, "r").unwrap_or(row + 1);
                let at = row.saturating_sub(1);
                if is_hidden(element) && holds(at) {
                    hidden.rows.insert(at);
                }
            }
            "col" if is_hidden(element) && hidden.columns.len() < RUNS_MAX => {
                let end = |name| Some(number(element, name)?.saturating_sub(1) as usize);
                hidden.columns.extend(run(end("min"), end("max")));
            }
            _ => {}
        }
    })?;
    Some(hidden)
}

fn run(first: Option<usize>, last: Option<usize>) -> Option<RangeInclusive<usize>> {
    Some(first?..=last?)
}

/// Where the archive has the sheet `name`.
fn sheet_path(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let mut relation = None;
    each_element(archive, "xl/workbook.xml", |element| {
        let is_it = || attribute(element, "name").is_some_and(|it| it == name);
        if element.local_name().as_ref() == "sheet" && is_it() {
            relation = attribute(element, "id");
        }
    })?;
    let relation = relation?;
    let mut target = None;
    each_element(archive, "xl/_rels/workbook.xml.rels", |element| {
        if attribute(element, "Id").is_some_and(|it| it == relation) {
            target = attribute(element, "Target");
        }
    })?;
    let target = target?;
    Some(match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("xl/{target}"),
    })
}

/// Shows `see` each element of an XML of the archive, in order.
fn each_element(
    archive: &mut Archive<'_>,
    path: &str,
    mut see: impl FnMut(&BytesStart<'_>),
) -> Option<()> {
    let name = {
        let mut names = archive.file_names().flatten();
        let name = names.find(|name| name.eq_ignore_ascii_case(path))?;
        name.into_owned()
    };
    let mut reader = Reader::from_reader(BufReader::new(archive.by_name(&name).ok()?));
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) | Event::Empty(element) => see(&element),
            Event::Eof => return Some(()),
            _ => {}
        }
        buffer.clear();
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let attribute = attributes.find(|it| it.key.local_name().as_ref() == name)?;
    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
    value.ok().map(std::borrow::Cow::into_owned)
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.parse().ok()
}

fn is_hidden(element: &BytesStart<'_>) -> bool {
    attribute(element, "hidden").is_some_and(|it| it == "1" || it == "true")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::input::rows::RowFile;

    fn notes(mut workbook: rust_xlsxwriter::Workbook) -> Vec<String> {
        let bytes = workbook.save_to_buffer().unwrap();
        let asked = (&["id", "amount"][..], &["note"][..]);
        let input = Box::new(Cursor::new(bytes));
        let mut file = RowFile::named("f.xlsx", input, None, asked).unwrap();
        file.take_notes().split_off(1)
    }

    fn filled(workbook: &mut rust_xlsxwriter::Workbook) -> &mut rust_xlsxwriter::Worksheet {
        let sheet = workbook.add_worksheet();
        sheet
            .write_row(0, 0, ["id", "amount", "note", "x"])
            .unwrap();
        for row in 1..20 {
            sheet.write_row(row, 0, ["a", "1", "", "y"]).unwrap();
        }
        sheet
    }

    #[test]
    fn hidden_rows_that_hold_anything_are_told_with_the_first_of_them() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.add_worksheet().set_hidden(true);
        let sheet = filled(&mut workbook).set_name("A&B <表>").unwrap();
        for row in [2, 4, 5, 7, 9, 11, 12, 40] {
            sheet.set_row_hidden(row).unwrap();
        }
        sheet.set_active(true);
        assert_eq!(
            notes(workbook),
            ["the sheet A&B <表> hides 7 rows, read too: 3, 5, 6, 8, 10, …"]
        );
    }

    #[test]
    fn a_hidden_column_is_told_where_somebody_asked_for_it() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = filled(&mut workbook);
        sheet.set_column_range_hidden(1, 3).unwrap();
        assert_eq!(
            notes(workbook),
            ["the sheet Sheet1 hides 2 columns, read too: amount, note"]
        );
    }

    #[test]
    fn of_a_sheet_that_hides_nothing_nothing_is_told() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        filled(&mut workbook).set_row_hidden(30).unwrap();
        assert_eq!(notes(workbook), [""; 0]);
    }
}
