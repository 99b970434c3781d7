//! What a file is imported as: which columns it has, and what a row of it is.

use std::fmt::Debug;
use std::path::Path;

use super::repeated::Repeated;
use crate::failure::Failure;
use crate::input::field::{BadField, is_code, is_cut, may_be, told};
use crate::input::rows::{Row, RowFile};
use crate::words;

/// A kind of file.
pub struct ItemKind<T> {
    /// Its rows in the plural, for people.
    pub what: &'static str,
    /// Columns that it must have.
    pub required: &'static [&'static str],
    /// Columns that it may have.
    pub optional: &'static [&'static str],
    /// How many of the first columns name a row.
    pub id_columns: usize,
    /// The columns by which its service tells which rows are of the same thing.
    pub key: &'static [usize],
    /// Whether a row says something of its thing that another row may contradict.
    pub is_statement: fn(&T) -> bool,
    /// Reads the fields, required ones first.
    pub parse: fn(&[String]) -> Result<T, BadField>,
}

/// A file that is to be imported.
pub struct Opened {
    /// Its rows, from the first on.
    pub file: RowFile,
    /// What is known of rows that contradict each other.
    pub repeated: Repeated,
}

impl<T: Debug> ItemKind<T> {
    /// Whether a row may contradict another: not one that is refused anyway, as far as its days
    /// and codes tell.
    pub(super) fn may_contradict(&self, fields: &[String], item: &T) -> bool {
        let columns = self.required.iter().chain(self.optional);
        let mut named = columns.zip(fields);
        (self.is_statement)(item)
            && named.all(|(column, text)| text.is_empty() || may_be(column, text))
    }

    /// What there is to send of a row.
    pub(super) fn item(&self, fields: &[String]) -> Result<T, BadField> {
        self.check_whole(fields)?;
        (self.parse)(fields)
    }

    /// What a row is known by: the names of the columns, and what is in them.
    pub(super) fn key<'a>(&self, fields: &'a [String]) -> (String, Vec<&'a str>) {
        let columns: Vec<&str> = self.key.iter().map(|at| self.required[*at]).collect();
        let key = self.key.iter().map(|at| fields[*at].as_str());
        (columns.join(", "), key.collect())
    }

    /// Opens a file, and where it can be read twice, looks first at which of its rows contradict
    /// each other.
    pub(super) fn open(&self, path: &Path) -> Result<Opened, Failure> {
        let open = || {
            let file = RowFile::open(path, self.required, self.optional);
            file.map(|file| file.with_id(self.id_columns))
        };
        let mut file = open()?;
        let Some(stamp) = file.stamp().cloned() else {
            let repeated = Repeated::default();
            return Ok(Opened { file, repeated });
        };
        let repeated = self.survey(&mut file)?;
        drop(file);
        let file = open()?;
        stamp.check()?;
        Ok(Opened { file, repeated })
    }

    fn survey(&self, file: &mut RowFile) -> Result<Repeated, Failure> {
        let mut rows = Repeated::default();
        while let Some(row) = file.next_row()? {
            let Ok(Row { line, fields }) = row else {
                continue;
            };
            if let Ok(item) = self.item(&fields)
                && self.may_contradict(&fields, &item)
            {
                rows.see(line, &self.key(&fields).1, &item);
            }
        }
        Ok(rows.whole())
    }

    /// Refused as `NUMBER_INEXACT` where a spreadsheet has cut an id: many may have become one.
    fn check_whole(&self, fields: &[String]) -> Result<(), BadField> {
        let columns = self.required.iter().chain(self.optional);
        let mut cut = columns
            .zip(fields)
            .filter(|(column, text)| is_code(column) && is_cut(text));
        cut.next().map_or(Ok(()), |(column, found)| {
            Err(BadField {
                reason: "NUMBER_INEXACT".to_owned(),
                message: words::ID_CUT.with(&[("column", column), ("found", &told(column, found))]),
            })
        })
    }
}
