//! Refusals that say more to people in words of our own than in those of a service, which has
//! fen and UTC.

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod client_tests;
mod expected;
mod figures;
mod libraries;
mod names;
mod own;
mod registry;
mod rows;
mod sentences;
mod settlement;
mod shared;
#[cfg(test)]
mod tests;
mod trails;
mod usage;

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::BuildHasher;

use gazelle_kernel::{Fen, parse_instant};

pub use self::sentences::{connection, of_a_number, sentence};
use super::{Lang, filled, lang};
use crate::output::{for_people, is_beyond, shanghai_end, sum_in_yuan, thousands};

/// In Chinese, a list for each service; in English the service's own words say it. Of several for
/// one reason the first of which all is known.
const DETAILS: [&[(&str, &str)]; 4] = [
    shared::DETAILS,
    registry::DETAILS,
    usage::DETAILS,
    settlement::DETAILS,
];

fn in_chinese<S: BuildHasher>(
    reason: &str,
    figures: &HashMap<String, String, S>,
) -> Option<String> {
    let known = |template: &str| {
        let mut places = template.split('{').skip(1);
        places.all(|rest| {
            let name = rest.split('}').next().unwrap_or_default();
            figures.get(name).is_some_and(|value| !value.is_empty())
        })
    };
    let mut found = DETAILS.iter().copied().flatten();
    let (_, template) = found.find(|(refusal, template)| *refusal == reason && known(template))?;
    let values: Vec<_> = figures
        .iter()
        .map(|(name, value)| (name.as_str(), told(reason, name, value)))
        .collect();
    let values: Vec<(&str, &dyn Display)> = values
        .iter()
        .map(|(name, value)| (*name, value as _))
        .collect();
    Some(filled(template, &values))
}

/// A figure, as people read it in Chinese.
fn told(reason: &str, name: &str, value: &str) -> String {
    let (listed, count) = cut(value).unzip();
    if let Some(named) = names::named(name, listed.unwrap_or(value)) {
        return count.map_or_else(|| named.clone(), |count| and_more((&named, count)));
    }
    match name {
        "detail" | "value" => sentence(reason, value).unwrap_or_else(|| for_people(value)),
        _ if is_count(name) => value.parse().map_or_else(|_| value.to_owned(), thousands),
        _ if name.ends_with("_at") => for_people(value),
        _ => all_listed(value),
    }
}

fn is_count(name: &str) -> bool {
    let ends = ["_bps", "_bytes", "_count", "_items", "_max", "_ms"];
    name == "limit" || ends.iter().any(|end| name.ends_with(end))
}

/// A list that a service has cut, `a, b and 120 more`: what stands there, and how many more there
/// are.
#[must_use]
pub fn cut(value: &str) -> Option<(&str, &str)> {
    let cut = value.strip_suffix(" more")?.rsplit_once(" and ");
    cut.filter(|(_, count)| count.parse::<u32>().is_ok())
}

fn all_listed(value: &str) -> String {
    cut(value).map_or_else(|| value.to_owned(), and_more)
}

fn and_more((listed, count): (&str, &str)) -> String {
    format!("{listed} 等，另有 {count} 个")
}

/// What a refusal says, from its figures; none: what the service says is right for people.
#[must_use]
pub fn refusal<S: BuildHasher>(
    reason: &str,
    figures: &HashMap<String, String, S>,
) -> Option<String> {
    let number = |name: &str| figures.get(name)?.parse::<i64>().ok();
    let count = |name: &str| number(name).map(thousands);
    let yuan = |name: &str| number(name).map(|fen| Fen::new(fen).to_yuan());
    let sum = |name: &str| number(name).map(sum_in_yuan);
    match reason {
        "NOTICE_NOT_OVER" => {
            let until = parse_instant(figures.get("notice_ends_at")?).ok()?;
            let until = shanghai_end(until, lang());
            Some(super::NOTICE_UNTIL.with(&[("until", &until)]))
        }
        "STATEMENT_MISMATCH" => {
            let told = super::STATED_AND_RECEIVED.with(&[
                ("stated", &count("stated_record_count")?),
                ("stated_yuan", &yuan("stated_total_fen")?),
                ("received", &count("received_record_count")?),
                ("received_yuan", &sum("received_total_fen")?),
                ("refused", &count("refused_count")?),
            ]);
            if !number("received_total_fen").is_some_and(is_beyond) {
                return Some(told);
            }
            let otherwise = super::ELSE_WITHDRAW.say();
            let beyond = super::SUM_BEYOND.with(&[("else", &otherwise)]);
            Some(format!("{told}{}{beyond}", super::THEN.say()))
        }
        "CHECK_TOO_LARGE" => Some(super::CHECK_IN_PARTS.with(&[("max", &count("records_max")?)])),
        "RECEIPT_MISMATCH" => Some(super::HELD_OTHERWISE.with(&[
            ("held", &count("received_record_count")?),
            ("yuan", &sum("received_total_fen")?),
            ("digest", figures.get("received_digest")?),
        ])),
        _ if lang() == Lang::Zh => in_chinese(reason, figures),
        _ => None,
    }
}
