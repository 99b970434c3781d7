//! Account numbers of a file that may be right, and that somebody should look at.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_proto::registry::v1::PaymentAccount;

use crate::words;

/// Rows of a kind that are named; more are counted.
const TOLD_MAX: usize = 20;

/// What is suspect about the numbers of a file.
#[derive(Debug, Default)]
pub(super) struct Suspect {
    /// How long numbers are that a spreadsheet may have cut, and their rows.
    cut: Vec<(usize, String)>,
    /// How many numbers of each length there are.
    counts: BTreeMap<usize, u64>,
    /// The first line and payee of each number.
    firsts: BTreeMap<String, (u64, String)>,
    /// Two payees that have one number.
    shared: Vec<String>,
}

impl Suspect {
    /// Looks at one more row.
    pub(super) fn look(&mut self, line: u64, account: &PaymentAccount) {
        if account.account_number.is_empty() {
            return;
        }
        let number = bare(&account.account_number);
        let end = last_four(&number);
        *self.counts.entry(number.len()).or_default() += 1;
        if is_cut(&number) {
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("line", &line), ("payee", &account.payee_id), ("end", &end)];
            let row = words::ACCOUNT_OF_LINE.with(&values);
            self.cut.push((number.len(), row));
        }
        let payee = &account.payee_id;
        let Some((first, other)) = self.firsts.get(&number) else {
            self.firsts.insert(number, (line, payee.clone()));
            return;
        };
        if other != payee {
            let values: [(&str, &dyn std::fmt::Display); 5] = [
                ("first", first),
                ("second", &line),
                ("one", other),
                ("other", payee),
                ("end", &end),
            ];
            self.shared.push(words::ACCOUNT_OF_LINES.with(&values));
        }
    }

    /// What people should know of them.
    pub(super) fn told(self) -> Vec<String> {
        let mut lengths: BTreeSet<usize> = self.counts.keys().copied().collect();
        lengths.retain(|length| self.is_no_chance(*length));
        let cut = self.cut.into_iter();
        let cut = cut.filter_map(|(length, row)| lengths.contains(&length).then_some(row));
        let cut = cut.collect();
        let cut = (words::ACCOUNTS_CUT, cut);
        let shared = (words::ACCOUNTS_SHARED, self.shared);
        let found = [cut, shared]
            .into_iter()
            .filter(|(_, rows)| !rows.is_empty());
        found
            .map(|(text, mut rows)| {
                let more = rows.len().saturating_sub(TOLD_MAX);
                rows.truncate(TOLD_MAX);
                if more > 0 {
                    rows.push(words::AND_MORE.with(&[("count", &more)]));
                }
                text.with(&[("rows", &rows.join("; "))])
            })
            .collect()
    }

    /// Whether numbers of that length that may be cut are more than there are by chance: of those
    /// of 16 digits one in ten ends in zero, so they count where they are most of the file's.
    fn is_no_chance(&self, length: usize) -> bool {
        const RARE: usize = 18;
        let cut = self.cut.iter().filter(|(its, _)| *its == length).count() as u64;
        let all = self.counts.get(&length).copied().unwrap_or_default();
        length >= RARE || 2 * cut > all
    }
}

/// A number without the blanks and hyphens that it may be written with.
fn bare(number: &str) -> String {
    let is_between = |sign: &char| sign.is_whitespace() || *sign == '-';
    number.chars().filter(|sign| !is_between(sign)).collect()
}

/// Whether a number is as a spreadsheet leaves a longer one than it keeps: zeros from the 16th
/// digit on.
fn is_cut(number: &str) -> bool {
    const KEPT: usize = 15;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && number.len() > KEPT && number[KEPT..].bytes().all(|byte| byte == b'0')
}

/// All of a number that anybody is shown.
fn last_four(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number.chars().skip(hidden).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rows: &[(&str, &str)]) -> Vec<String> {
        let mut suspect = Suspect::default();
        for (line, (payee, number)) in (2..).zip(rows) {
            let account = PaymentAccount {
                payee_id: (*payee).to_owned(),
                account_number: (*number).to_owned(),
                ..PaymentAccount::default()
            };
            suspect.look(line, &account);
        }
        suspect.told()
    }

    #[test]
    fn numbers_that_a_spreadsheet_may_have_cut_are_named_by_line() {
        let rows = [
            ("a", "6222020200112340000"),
            ("b", "6222020200112345678"),
            ("c", "6222 0202 0011 2340"),
            ("d", "622202020011000"),
            ("e", "NRA6222020200110000"),
        ];
        let told = told(&rows);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("line 2 a (…0000); line 4 c (…2340)"),
            "{told:?}"
        );
        assert!(!told[0].contains("line 5"), "{told:?}");
    }

    #[test]
    fn a_zero_at_the_end_of_one_number_among_many_is_chance() {
        let sixteen = ["6222020200112340", "6222020200112341"].map(|number| ("a", number));
        assert_eq!(told(&sixteen), [""; 0]);
        let longer = ["622202020011234000", "622202020011234001"].map(|number| ("a", number));
        assert_eq!(told(&longer).len(), 1);
    }

    #[test]
    fn two_payees_of_one_number_are_named_and_the_number_is_not() {
        let number = "6222020200112345678";
        let spaced = "6222 0202 0011 2345 678";
        let told = told(&[
            ("a", number),
            ("b", "1234567"),
            ("a", number),
            ("c", spaced),
        ]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("lines 2 and 5, a and c (…5678)"),
            "{told:?}"
        );
        assert!(!told[0].contains("25678"), "{told:?}");
    }

    #[test]
    fn what_is_suspect_in_very_many_rows_is_counted() {
        let rows = vec![("a", "6222020200112340000"); TOLD_MAX + 5];
        assert!(told(&rows)[0].contains("and 5 more"), "{:?}", told(&rows));
        assert_eq!(told(&[("a", "6222020200112345")]), [""; 0]);
    }
}
