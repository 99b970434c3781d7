//! Values, and how each format shows them.

use comfy_table::CellAlignment;
use gazelle_kernel::{Fen, Instant, format_instant};
use prost_types::Timestamp;
use serde_json::Value;

use super::shown::{printable, shanghai, shanghai_end, sum_in_yuan, thousands};
use crate::words::{self, lang};

/// A value in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, as it is.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A year, which has no thousands separator.
    Year(i32),
    /// An amount of money.
    Money(Fen),
    /// A sum of money, which may be beyond what a service can tell.
    Sum(Fen),
    /// Yes or no.
    Flag(bool),
    /// A moment: UTC for programs, Shanghai's time for people.
    At(Option<Instant>),
    /// A moment that something ends at.
    Until(Option<Instant>),
    /// A code for programs, with what people see in its place.
    Coded(String, String),
    /// Something with an inside for JSON, and the same as text.
    Both(Value, String),
    /// Something with an inside, which only JSON can show.
    Nested(Value),
}

impl Cell {
    /// Text, as it is.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An amount of that many fen.
    #[must_use]
    pub const fn fen(fen: i64) -> Self {
        Self::Money(Fen::new(fen))
    }

    /// A sum of that many fen, which may be [beyond](super::is_beyond) what a service can tell.
    #[must_use]
    pub const fn sum(fen: i64) -> Self {
        Self::Sum(Fen::new(fen))
    }

    /// A moment of the contract.
    #[must_use]
    pub fn at(timestamp: Option<Timestamp>) -> Self {
        Self::At(moment(timestamp))
    }

    /// A moment of the contract that something ends at.
    #[must_use]
    pub fn until(timestamp: Option<Timestamp>) -> Self {
        Self::Until(moment(timestamp))
    }

    /// A code, and what people call it.
    #[must_use]
    pub fn coded(code: impl Into<String>, shown: impl Into<String>) -> Self {
        Self::Coded(code.into(), shown.into())
    }

    /// A code with a name beside it, where there is one.
    #[must_use]
    pub fn named(code: impl Into<String>, name: &str) -> Self {
        let code = code.into();
        let shown = format!("{code} {name}").trim_end().to_owned();
        Self::Coded(code, shown)
    }

    /// As in CSV.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Both(_, text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Year(year) => year.to_string(),
            Self::Money(fen) | Self::Sum(fen) => fen.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::At(at) | Self::Until(at) => at.map(format_instant).unwrap_or_default(),
            Self::Coded(code, _) => code.clone(),
            Self::Nested(value) => value.to_string(),
        }
    }

    /// As in a table.
    pub(super) fn pretty(&self) -> String {
        match self {
            Self::Money(fen) => fen.to_yuan(),
            Self::Sum(fen) => sum_in_yuan(fen.get()),
            Self::Flag(flag) => if *flag { words::YES } else { words::NO }.say().to_owned(),
            Self::Number(number) => thousands(*number),
            Self::At(at) => at.map(shanghai).unwrap_or_default(),
            Self::Until(at) => at.map_or_else(String::new, |at| shanghai_end(at, lang())),
            Self::Coded(_, shown) => shown.clone(),
            Self::Text(_) | Self::Year(_) | Self::Both(..) | Self::Nested(_) => self.plain(),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Year(year) => Value::from(*year),
            Self::Money(fen) | Self::Sum(fen) => Value::from(fen.get()),
            Self::Flag(flag) => Value::from(*flag),
            Self::At(_) | Self::Until(_) => Value::from(self.plain()),
            Self::Coded(code, _) => Value::from(code.as_str()),
            Self::Both(value, _) | Self::Nested(value) => value.clone(),
        }
    }

    pub(super) fn table_cell(&self) -> comfy_table::Cell {
        let cell = comfy_table::Cell::new(printable(&self.pretty()));
        match self {
            Self::Number(_) | Self::Money(_) | Self::Sum(_) => {
                cell.set_alignment(CellAlignment::Right)
            }
            Self::Text(_)
            | Self::Year(_)
            | Self::Flag(_)
            | Self::At(_)
            | Self::Until(_)
            | Self::Coded(..)
            | Self::Both(..)
            | Self::Nested(_) => cell,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Option<Timestamp>> for Cell {
    fn from(timestamp: Option<Timestamp>) -> Self {
        Self::at(timestamp)
    }
}

/// What no calendar has is shown as nothing.
fn moment(timestamp: Option<Timestamp>) -> Option<Instant> {
    gazelle_proto::time::instant(&timestamp?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sum_may_be_beyond_what_is_told_of_it() {
        let most = "92,233,720,368,547,758.07";
        assert_eq!(Cell::fen(i64::MAX).pretty(), most);
        assert_eq!(Cell::sum(i64::MAX).pretty(), format!("more than {most}"));
        assert_eq!(Cell::sum(125).pretty(), "1.25");
        for cell in [Cell::fen(i64::MIN), Cell::sum(i64::MIN)] {
            assert_eq!(cell.plain(), "-9223372036854775808");
            assert_eq!(cell.json(), Value::from(i64::MIN));
        }
    }
}
