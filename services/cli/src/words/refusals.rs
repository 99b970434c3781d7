//! Refusals that say more to people in words of our own than in those of a service, which has
//! fen and UTC.

use std::collections::HashMap;
use std::hash::BuildHasher;

use gazelle_kernel::{Fen, parse_instant};

use super::lang;
use crate::output::{shanghai_end, thousands};

/// What a refusal says, from its figures; none: what the service says is right for people.
#[must_use]
pub fn refusal<S: BuildHasher>(
    reason: &str,
    figures: &HashMap<String, String, S>,
) -> Option<String> {
    let number = |name: &str| figures.get(name)?.parse::<i64>().ok();
    let count = |name: &str| number(name).map(thousands);
    let yuan = |name: &str| number(name).map(|fen| Fen::new(fen).to_yuan());
    match reason {
        "NOTICE_NOT_OVER" => {
            let until = parse_instant(figures.get("notice_ends_at")?).ok()?;
            let until = shanghai_end(until, lang());
            Some(super::NOTICE_UNTIL.with(&[("until", &until)]))
        }
        "STATEMENT_MISMATCH" => Some(super::STATED_AND_RECEIVED.with(&[
            ("stated", &count("stated_record_count")?),
            ("stated_yuan", &yuan("stated_total_fen")?),
            ("received", &count("received_record_count")?),
            ("received_yuan", &yuan("received_total_fen")?),
            ("refused", &count("refused_count")?),
        ])),
        "RECEIPT_MISMATCH" => Some(super::HELD_OTHERWISE.with(&[
            ("held", &count("received_record_count")?),
            ("yuan", &yuan("received_total_fen")?),
            ("digest", figures.get("received_digest")?),
        ])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reason: &str, figures: &[(&str, &str)]) -> Option<String> {
        let figures = figures
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        refusal(reason, &figures.collect::<HashMap<_, _>>())
    }

    #[test]
    fn a_notice_is_told_by_the_day_that_it_ends_with() {
        assert_eq!(
            told(
                "NOTICE_NOT_OVER",
                &[("notice_ends_at", "2026-12-06T16:00:00Z")]
            )
            .unwrap(),
            "the public notice is not over before end of 2026-12-06"
        );
        assert_eq!(told("NOTICE_NOT_OVER", &[]), None);
    }

    #[test]
    fn both_sides_of_a_statement_are_told_in_yuan() {
        let figures = [
            ("stated_record_count", "1"),
            ("stated_total_fen", "1"),
            ("received_record_count", "20"),
            ("received_total_fen", "1145866"),
            ("refused_count", "0"),
        ];
        assert_eq!(
            told("STATEMENT_MISMATCH", &figures).unwrap(),
            "stated 1 record, 0.01 yuan; received 20 records, 11,458.66 yuan; refused 0"
        );
    }
}
