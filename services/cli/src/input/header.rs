//! The header of a file of rows: which of the columns that are asked for stand where.

use super::dates::{Holds, holds};
use super::field::bare;
use crate::failure::Failure;
use crate::words;

/// The columns that are asked for, in the order in which a row has its fields.
pub(super) struct Asked {
    required: Vec<String>,
    optional: Vec<String>,
    /// How many of the first name a row.
    pub(super) id_columns: usize,
}

impl Asked {
    pub(super) fn new((required, optional): (&[&str], &[&str])) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            required: owned(required),
            optional: owned(optional),
            id_columns: 0,
        }
    }

    /// What names a row, of its fields as far as they were read.
    pub(super) fn id(&self, fields: &[String]) -> String {
        named(fields.iter().take(self.id_columns).map(String::as_str))
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.required
            .iter()
            .chain(&self.optional)
            .map(String::as_str)
    }

    /// The name that a cell has among them. Spreadsheets and people write names in capitals, too.
    fn known(&self, cell: &str) -> Option<&str> {
        self.all().find(|name| name.eq_ignore_ascii_case(cell))
    }

    /// Whether a row names columns, as where files were joined: no data holds two of the names.
    pub(super) fn are_named_in(&self, row: &[String]) -> bool {
        let mut named = row.iter().filter_map(|cell| self.known(name_in(cell)));
        match (named.next(), self.required.as_slice()) {
            (None, _) => false,
            (Some(name), [only]) if name == only => true,
            (Some(_), _) => named.next().is_some(),
        }
    }

    /// Refused as `MISSING_COLUMN` or `DUPLICATE_COLUMN`.
    fn check(&self, names: &[String]) -> Result<(), Failure> {
        let times = |name: &str| names.iter().filter(|column| *column == name).count();
        let required = || self.required.iter().map(String::as_str);
        let missing: Vec<_> = required().filter(|name| times(name) == 0).collect();
        if !missing.is_empty() {
            let (missing, required) = (missing.join(", "), self.required.join(", "));
            let found: Vec<_> = names
                .iter()
                .map(String::as_str)
                .filter(|it| !it.is_empty())
                .collect();
            let found = shortened(&found.join(", "));
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("missing", &missing),
                ("required", &required),
                ("found", &found),
            ];
            let message = words::MISSING_COLUMN.with(&values);
            let failure = Failure::new("MISSING_COLUMN", message);
            return Err(if found.contains(['，', '|']) {
                failure.hint(words::ONE_COLUMN.say())
            } else {
                failure
            });
        }
        if let Some(twice) = self.all().find(|name| times(name) > 1) {
            let message = words::DUPLICATE_COLUMN.with(&[("column", &twice)]);
            return Err(Failure::new("DUPLICATE_COLUMN", message));
        }
        Ok(())
    }
}

/// A header that has what is asked for.
pub(super) struct Header {
    /// Of its columns; of one without a name, nothing.
    pub(super) names: Vec<String>,
    /// Where each asked column stands in a row of the file, and what it holds; an optional one
    /// may be nowhere.
    pub(super) places: Vec<(Option<usize>, Holds)>,
    /// Fields that a row has at least: to the last column that has a name.
    pub(super) width: usize,
}

impl Header {
    /// Refused as `MISSING_COLUMN` or `DUPLICATE_COLUMN`.
    pub(super) fn of(row: &[String], asked: &Asked) -> Result<Self, Failure> {
        let name_of = |cell: &String| {
            let name = name_in(cell);
            asked.known(name).unwrap_or(name).to_owned()
        };
        let names: Vec<_> = row.iter().map(name_of).collect();
        asked.check(&names)?;
        let place = |name: &str| names.iter().position(|column| column == name);
        let last_named = names.iter().rposition(|column| !column.is_empty());
        Ok(Self {
            places: asked.all().map(|name| (place(name), holds(name))).collect(),
            width: last_named.map_or(0, |at| at + 1),
            names,
        })
    }

    /// Whether a row ends with this header, as where a file without a line end was joined with
    /// another: what is below it is read as ever.
    pub(super) fn is_glued_to(&self, row: &[String]) -> bool {
        let Some(before) = row.len().checked_sub(self.names.len()).filter(|at| *at > 0) else {
            return false;
        };
        let is_rest = |(cell, name): (&String, &String)| name_in(cell).eq_ignore_ascii_case(name);
        let (glued, first) = (row[before].to_ascii_lowercase(), &self.names[0]);
        let mut rest = row[before..].iter().zip(&self.names).skip(1);
        glued.ends_with(first.as_str()) && rest.all(is_rest)
    }

    /// What names a row of the file of which not every field could be read.
    pub(super) fn id_in(&self, row: &[String], asked: &Asked) -> String {
        let places = self.places.iter().take(asked.id_columns);
        let fields = places.filter_map(|(place, _)| row.get((*place)?));
        named(fields.map(|field| bare(field)))
    }

    /// Names that nobody asked for.
    pub(super) fn ignored<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = &'a String> {
        let is_ignored = |name: &&String| !name.is_empty() && asked.known(name).is_none();
        self.names.iter().filter(is_ignored)
    }
}

fn named<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let fields = fields.filter(|field| !field.is_empty());
    fields.collect::<Vec<_>>().join(" ")
}

/// The name in a cell, without blanks, and without the byte order mark that a joined file began
/// with.
fn name_in(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// As much of what may be a whole file as helps to see what it is.
fn shortened(text: &str) -> String {
    const SHOWN_MAX: usize = 100;
    if text.chars().count() <= SHOWN_MAX {
        return text.to_owned();
    }
    let shown: String = text.chars().take(SHOWN_MAX).collect();
    format!("{shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_nothing_separates_are_told_what_would() {
        let asked = Asked::new((&["id", "amount"], &[]));
        let told = |names: &[&str]| {
            let row: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            Header::of(&row, &asked).err().unwrap().to_string()
        };
        for name in ["id，amount", "id|amount"] {
            assert!(
                told(&[name]).contains("separate columns"),
                "{}",
                told(&[name])
            );
        }
        assert!(!told(&["id", "total"]).contains("separate columns"));
    }
}
