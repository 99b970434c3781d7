//! The books as journals that other programs add up again: hledger's and beancount's.
//!
//! Every posting is a transaction of two lines, each with its account and amount.

use std::{collections::BTreeSet, fmt::Write as _};

use gazelle_kernel::{Date, Fen, Instant, day_in_shanghai};

/// The form of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Hledger,
    Beancount,
}

/// A posting to write.
#[derive(Debug, Clone, Copy)]
pub struct JournalLine<'a> {
    /// The entry that it belongs to.
    pub entry_number: i64,
    /// When that was recorded; its day in Asia/Shanghai is the transaction's.
    pub recorded_at: Instant,
    pub cause: &'a str,
    pub debit: &'a str,
    pub credit: &'a str,
    pub amount: Fen,
    /// The payment that it is about, if any.
    pub payment_id: Option<&'a str>,
}

/// What begins a journal: its currency, and for beancount each account, opened on the first day.
#[must_use]
pub fn head<'a>(
    format: Format,
    first_day: Date,
    accounts: impl IntoIterator<Item = &'a str>,
) -> String {
    let names: BTreeSet<String> = accounts
        .into_iter()
        .map(|name| named(format, name))
        .collect();
    let mut text = String::new();
    match format {
        Format::Hledger => {
            text.push_str("; The books, in yuan.\ncommodity 1000.00 CNY\n");
            for name in names {
                let _ = writeln!(text, "account {name}");
            }
        }
        Format::Beancount => {
            text.push_str("; The books, in yuan.\noption \"operating_currency\" \"CNY\"\n");
            for name in names {
                let _ = writeln!(text, "{first_day} open {name} CNY");
            }
        }
    }
    text
}

/// A posting, after an empty line.
pub fn posting(format: Format, line: &JournalLine<'_>, text: &mut String) {
    let day = day_in_shanghai(line.recorded_at);
    let about = match line.payment_id {
        Some(payment_id) => format!(
            "entry {}: {}, payment {payment_id}",
            line.entry_number, line.cause
        ),
        None => format!("entry {}: {}", line.entry_number, line.cause),
    };
    let (debit, credit) = (named(format, line.debit), named(format, line.credit));
    let amount = yuan(line.amount);
    // Writing to a text can't fail.
    let _ = match format {
        Format::Hledger => write!(
            text,
            "\n{day} {about}\n    {debit}  {amount} CNY\n    {credit}  -{amount} CNY\n"
        ),
        Format::Beancount => write!(
            text,
            "\n{day} * \"{about}\"\n  {debit}  {amount} CNY\n  {credit}  -{amount} CNY\n"
        ),
    };
}

/// An account's name as the format has it: for beancount each part begins with a capital letter or
/// a digit.
fn named(format: Format, name: &str) -> String {
    match format {
        Format::Hledger => name.to_owned(),
        Format::Beancount => {
            let part = |part: &str| {
                let mut letters = part.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                first.into_iter().chain(letters).collect::<String>()
            };
            name.split(':').map(part).collect::<Vec<_>>().join(":")
        }
    }
}

fn yuan(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    format!("{}.{:02}", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{parse_date, parse_instant};

    use super::*;

    fn line() -> JournalLine<'static> {
        JournalLine {
            entry_number: 7,
            recorded_at: parse_instant("2026-03-31T16:30:00Z").unwrap(),
            cause: "run_approved r-1",
            debit: "expenses:subsidy:share:2026",
            credit: "liabilities:payable:share:alpha-mall",
            amount: Fen::new(123_405),
            payment_id: None,
        }
    }

    #[test]
    fn a_posting_is_two_lines_of_the_day_in_shanghai() {
        let mut text = String::new();
        posting(Format::Hledger, &line(), &mut text);
        assert_eq!(
            text,
            "\n2026-04-01 entry 7: run_approved r-1\n    expenses:subsidy:share:2026  1234.05 CNY\n    \
             liabilities:payable:share:alpha-mall  -1234.05 CNY\n"
        );
    }

    #[test]
    fn beancount_has_capitals_and_opens_each_account_once() {
        let day = parse_date("2026-01-01").unwrap();
        let accounts = [line().debit, line().credit, line().debit];
        assert_eq!(
            head(Format::Beancount, day, accounts),
            "; The books, in yuan.\noption \"operating_currency\" \"CNY\"\n\
             2026-01-01 open Expenses:Subsidy:Share:2026 CNY\n\
             2026-01-01 open Liabilities:Payable:Share:Alpha-mall CNY\n"
        );
        let mut text = String::new();
        posting(Format::Beancount, &line(), &mut text);
        assert!(
            text.starts_with("\n2026-04-01 * \"entry 7: run_approved r-1\"\n  Expenses:Subsidy:")
        );
    }
}
