//! What services say of a field or a row, whose refusals have no figures: in Chinese by the English
//! sentence, whose places give the values.

use std::fmt::Display;

use super::expected::expected;
use super::figures::VALUES;
use super::{libraries, own, rows, trails};
use crate::words::{causes::of_the_system, filled};

/// After what is expected of a code, in an import.
const AS_EXCEPTION: &str = "; if the code was officially issued like this, register it as an \
                            exception: give the evidence in uscc_exception_evidence";
const AS_EXCEPTION_ZH: &str =
    "；如该代码确系如此核发，请在 uscc_exception_evidence 中写明依据，按例外登记";

/// What a sentence says in Chinese, where it is known for that reason.
#[must_use]
pub fn sentence(reason: &str, said: &str) -> Option<String> {
    if let Some((field, rest)) = said.split_once(": ")
        && is_field(field)
    {
        return Some(format!("{field}：{}", sentence(reason, rest)?));
    }
    if let Some(known) = of_rows(reason, said).or_else(|| of_a_field(reason, said)) {
        return Some(known);
    }
    // A row's own value may stand behind.
    let (rest, value) = said.strip_suffix('"')?.rsplit_once(": \"")?;
    Some(format!("{}：\"{value}\"", sentence(reason, rest)?))
}

/// What the reader of a number says of an option, in Chinese.
#[must_use]
pub fn of_a_number(said: &str) -> Option<String> {
    sentence(libraries::OF_NUMBERS, said)
}

/// Why a connection fails, in Chinese, from what libraries say in English.
#[must_use]
pub fn connection(said: &str) -> Option<&'static str> {
    // One library writes the same with a capital, another without.
    let said = said.to_ascii_lowercase();
    let mut known = own::CONNECTIONS.iter();
    let found = known.find(|(part, _)| said.contains(part));
    found.map(|(_, chinese)| *chinese)
}

/// Whether it is a path as `program.shares[0].bps`.
fn is_field(text: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(rest)
}

fn of_rows(reason: &str, said: &str) -> Option<String> {
    let known = [rows::SENTENCES, VALUES, own::SENTENCES];
    let of_reason = known.into_iter().flatten();
    let of_reason = of_reason.filter(|(known, ..)| *known == reason);
    let of_reason = of_reason.map(|(_, english, chinese)| (*english, *chinese));
    let of_libraries = libraries::LIBRARIES.iter();
    let of_libraries = of_libraries.filter(|(known, ..)| known.contains(&reason));
    let of_libraries = of_libraries.map(|(_, english, chinese)| (*english, *chinese));
    let of_trails = trails::SENTENCES.iter().copied();
    let of_trails = of_trails.filter(|_| trails::REASONS.contains(&reason));
    let mut known = of_reason.chain(of_libraries).chain(of_trails);
    let (values, chinese) =
        known.find_map(|(english, chinese)| Some((read(english, said)?, chinese)))?;
    let values: Vec<_> = values
        .into_iter()
        .map(|(name, value)| (name, shown(reason, name, value)))
        .collect();
    let values: Vec<(&str, &dyn Display)> = values
        .iter()
        .map(|(name, value)| (*name, value as &dyn Display))
        .collect();
    Some(filled(chinese, &values))
}

/// As the kernel refuses a text, and as services say what they expect.
fn of_a_field(reason: &str, said: &str) -> Option<String> {
    let (said, end) = match said.strip_suffix(AS_EXCEPTION) {
        Some(said) => (said, AS_EXCEPTION_ZH),
        None => (said, ""),
    };
    if let Some(wanted) = said.strip_prefix("expected ") {
        return Some(format!("{}{end}", should_be(expected(reason, wanted)?)));
    }
    let (refused, wanted) = said.rsplit_once(": expected ")?;
    let wanted = should_be(expected(reason, wanted)?);
    if refused == "it is empty" {
        return Some(format!("不能为空，{wanted}{end}"));
    }
    let refused = refused.strip_suffix(" is not valid")?;
    Some(format!("{refused} 无效，{wanted}{end}"))
}

fn should_be(wanted: &str) -> String {
    format!("应为{}", spaced(wanted))
}

/// With a space where Latin letters or digits follow Chinese, as it is written.
fn spaced(text: &str) -> String {
    let space = if text.starts_with(|first: char| first.is_ascii()) {
        " "
    } else {
        ""
    };
    format!("{space}{text}")
}

/// The values at the places of a template, where a text is one of it.
pub(super) fn read<'a>(
    template: &'static str,
    mut text: &'a str,
) -> Option<Vec<(&'static str, &'a str)>> {
    let mut parts = template.split('{');
    text = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    for part in parts {
        let (name, after) = part.split_once('}')?;
        let end = if after.is_empty() {
            text.len()
        } else {
            text.find(after)?
        };
        values.push((name, &text[..end]));
        text = &text[end + after.len()..];
    }
    text.is_empty().then_some(values)
}

fn shown(reason: &str, name: &str, value: &str) -> String {
    match name {
        "interval" => days(value),
        "why" => sentence(reason, value)
            .or_else(|| of_the_system(value))
            .unwrap_or_else(|| value.to_owned()),
        "cause" => {
            let mut known = libraries::CAUSES.iter();
            let found = known.find(|(english, _)| *english == value);
            let found = found.map(|(_, chinese)| (*chinese).to_owned());
            found
                .or_else(|| of_the_system(value))
                .unwrap_or_else(|| value.to_owned())
        }
        "found" | "wanted" | "what" if libraries::is_of_json(reason) => of_json(name, value),
        _ if trails::REASONS.contains(&reason) => {
            let mut known = trails::VALUES.iter();
            let found = known.find(|(place, english, _)| *place == name && *english == value);
            found.map_or(value, |(_, _, chinese)| chinese).to_owned()
        }
        _ => value.to_owned(),
    }
}

/// What the reader of JSON found or wanted.
fn of_json(name: &str, value: &str) -> String {
    let mut known = libraries::OF_VALUES.iter();
    match known.find_map(|(english, chinese)| Some((read(english, value)?, *chinese))) {
        Some((values, chinese)) => {
            let values = values
                .iter()
                .map(|(name, value)| (*name, value as &dyn Display));
            let told = filled(chinese, &values.collect::<Vec<_>>());
            if name == "wanted" {
                spaced(&told)
            } else {
                told
            }
        }
        None if name == "wanted" => spaced(value),
        None => value.to_owned(),
    }
}

/// As the kernel writes an interval.
fn days(interval: &str) -> String {
    let days = interval.trim_start_matches('[').trim_end_matches(')');
    match days.split_once(", ") {
        Some((from, "")) => format!("{from} 起"),
        Some((from, to)) => format!("{from} 至 {to}（不含）"),
        None => interval.to_owned(),
    }
}
