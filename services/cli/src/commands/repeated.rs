//! Rows of one file that are of the same thing and state something else of it each.
//!
//! A service sees a batch at a time, and takes what is in a later one for news. Only who wrote the
//! file knows which row is meant, so none of them is sent; where a file can be read only once, the
//! first was sent before the others were seen.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash};

use crate::input::field::BadField;
use crate::words;

/// The rows of a file by what they are of: some 50 bytes each.
#[derive(Debug, Default)]
pub struct Repeated {
    firsts: HashMap<u128, First>,
    /// All rows of the file were seen.
    is_whole: bool,
}

/// The first row of a thing.
#[derive(Debug)]
struct First {
    line: u64,
    content: u64,
    /// The line of the first row that states something else; 0: none does.
    other: u64,
}

impl Repeated {
    /// Sees one more row: the `key` that it is known by, and what it says.
    pub fn see(&mut self, line: u64, key: &[&str], item: &impl Debug) {
        let content = content(item);
        let other = 0;
        let first = self.firsts.entry(wide(key)).or_insert(First {
            line,
            content,
            other,
        });
        if first.other == 0 && first.content != content {
            first.other = line;
        }
    }

    /// All rows were seen; from here on only those count that another contradicts.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.firsts.retain(|_, first| first.other != 0);
        self.firsts.shrink_to_fit();
        self.is_whole = true;
        self
    }

    /// Refused as `REPEATED_IN_BATCH` where another row of the file says something else of the same
    /// thing; of a file that was not seen whole, an earlier one. `columns` are those of the key.
    pub fn check(
        &mut self,
        line: u64,
        (columns, key): (&str, &[&str]),
        item: &impl Debug,
    ) -> Result<(), BadField> {
        if !self.is_whole {
            self.see(line, key, item);
        }
        let Some(first) = self.firsts.get(&wide(key)) else {
            return Ok(());
        };
        let is_same = first.content == content(item);
        let other = if is_same { first.other } else { line };
        if is_same && !self.is_whole {
            return Ok(());
        }
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("first", &first.line),
            ("second", &other),
            ("columns", &columns),
        ];
        Err(BadField {
            reason: "REPEATED_IN_BATCH".to_owned(),
            message: words::REPEATED_IN_FILE.with(&values),
        })
    }
}

/// By what it is written as, which has all of its fields.
fn content(item: &impl Debug) -> u64 {
    hash(&format!("{item:?}"))
}

fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// Of so many bits that no two keys of a file have the same by chance.
fn wide(key: &[&str]) -> u128 {
    u128::from(hash(&(0, key))) << 64 | u128::from(hash(&(1, key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(u64, &str, &str); 6] = [
        (2, "a", "one"),
        (3, "b", "one"),
        (4, "a", "one"),
        (5, "a", "two"),
        (6, "b", "one"),
        (7, "a", "three"),
    ];

    /// The lines that are refused, and what each says.
    fn refused(mut rows: Repeated) -> Vec<(u64, String)> {
        let refused = ROWS.iter().filter_map(|(line, key, says)| {
            let refused = rows.check(*line, ("id", &[key]), says).err()?;
            assert_eq!(refused.reason, "REPEATED_IN_BATCH");
            Some((*line, refused.message))
        });
        refused.collect()
    }

    #[test]
    fn all_rows_of_a_thing_are_refused_where_one_says_something_else() {
        let mut rows = Repeated::default();
        for (line, key, says) in ROWS {
            rows.see(line, &[key], &says);
        }
        let refused = refused(rows.whole());
        let lines: Vec<u64> = refused.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 4, 5, 7]);
        for (at, named) in [
            (0, "lines 2 and 5"),
            (1, "lines 2 and 5"),
            (3, "lines 2 and 7"),
        ] {
            assert!(refused[at].1.contains(named), "{}", refused[at].1);
        }
    }

    #[test]
    fn what_can_be_read_only_once_is_refused_from_the_second_on() {
        let refused = refused(Repeated::default());
        let lines: Vec<u64> = refused.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [5, 7]);
        assert!(refused[1].1.contains("lines 2 and 7"), "{}", refused[1].1);
    }

    #[test]
    fn keys_are_the_same_in_all_their_parts() {
        assert_ne!(wide(&["a", "bc"]), wide(&["ab", "c"]));
        assert_eq!(wide(&["a", "bc"]), wide(&["a", "bc"]));
    }
}
