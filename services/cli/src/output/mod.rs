//! What a command says on stdout: a table for people, JSON or CSV for programs.
//!
//! A command describes what it found once, as [`Cell`]s under [`Column`]s; the format decides how
//! it looks. Money is in fen in JSON and CSV, and in yuan in tables.

#[cfg(test)]
pub(crate) mod captured;
mod cell;
mod figures;
mod fitting;
mod listing;
mod notes;
mod out;
mod pipe;
pub mod progress;
mod shown;

pub use cell::Cell;
pub use figures::for_people;
pub use fitting::bare_table;
pub use listing::Listing;
pub use notes::Notes;
pub use out::{Column, Format, Out, column, note};
pub use shown::{is_beyond, printable, shanghai, shanghai_end, sum_in_yuan, thousands};

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::captured::Captured;
    use super::*;

    fn one(format: Format) -> String {
        let captured = Captured::default();
        let fields = [
            (column("name", "name"), Cell::text("钱塘\"店\"")),
            (column("fee_fen", "fee"), Cell::fen(-123_456)),
            (column("note", "note"), Cell::text("")),
        ];
        Out::to(format, Box::new(captured.clone()))
            .one(&fields)
            .unwrap();
        captured.text()
    }

    #[test]
    fn one_thing_is_shown_in_each_format() {
        let json: Value = serde_json::from_str(&one(Format::Json)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"name": "钱塘\"店\"", "fee_fen": -123_456, "note": ""})
        );
        assert_eq!(
            one(Format::Csv),
            "name,fee_fen,note\n\"钱塘\"\"店\"\"\",-123456,\n"
        );
        let table = one(Format::Table);
        assert!(
            table.contains("-1,234.56") && !table.contains("note"),
            "{table}"
        );
    }

    #[test]
    fn lines_stay_apart_and_text_of_others_in_them_moves_and_hides_nothing() {
        let captured = Captured::default();
        let mut out = Out::to(Format::Table, Box::new(captured.clone()));
        out.line("ignored: a\u{1b}[2Jb\n\n  c\u{202e}d").unwrap();
        out.line("").unwrap();
        out.script("a\tb\n").unwrap();
        assert_eq!(
            captured.text(),
            "ignored: a\u{fffd}[2Jb\n\n  c\u{fffd}d\n\na\tb\n"
        );
    }

    #[test]
    fn tables_fit_the_terminal() {
        let captured = Captured::default();
        let mut out = Out::to(Format::Table, Box::new(captured.clone()));
        out.width = Some(40);
        let columns = const { &[column("a", "name"), column("b", "message")] };
        let mut listing = out.list("things", columns);
        listing
            .row(vec!["x".repeat(60).into(), "很长的名称".repeat(6).into()])
            .unwrap();
        listing.finish(&[]).unwrap();
        let widest = |line: &str| {
            line.chars()
                .map(|c| if c.is_ascii() || c == '─' { 1 } else { 2 })
                .sum()
        };
        assert!(captured.text().lines().map(widest).max() <= Some(40_usize));
    }
}
