//! Platforms that a file names and the registry does not have: perhaps they are misspelt.

use std::collections::BTreeSet;

use crate::client::Client;
use crate::commands::names::each_platform;
use crate::words::{self, Text};

/// Strangers that are told of one by one.
const TOLD_MAX: usize = 20;

/// Characters by which an id may differ from one that is meant.
const NEAR_MAX: usize = 2;

/// The ids that the registry has. None where that cannot be seen: it is never worth a failure.
pub(in crate::commands) async fn registered(client: &Client) -> Option<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    let listed = each_platform(client, |platform| {
        ids.insert(platform.platform_id);
    });
    listed.await.ok().map(|()| ids)
}

/// What there is to say of those of `named` that are not registered, each with one that is much
/// like it. Nothing where none is registered at all: then every platform is new.
pub(in crate::commands) fn told<'a>(
    text: Text,
    registered: &BTreeSet<String>,
    named: impl IntoIterator<Item = &'a String>,
) -> Option<String> {
    let strangers: BTreeSet<_> = named
        .into_iter()
        .filter(|id| !registered.contains(*id))
        .collect();
    if strangers.is_empty() || registered.is_empty() {
        return None;
    }
    let mut each: Vec<_> = strangers
        .iter()
        .take(TOLD_MAX)
        .map(|id| match nearest(id, registered) {
            Some(near) => words::PLATFORM_MEANT.with(&[("platform", id), ("near", &near)]),
            None => (*id).clone(),
        })
        .collect();
    let more = strangers.len().saturating_sub(TOLD_MAX);
    if more > 0 {
        each.push(words::AND_MORE.with(&[("count", &more)]));
    }
    Some(text.with(&[("platforms", &each.join(", "))]))
}

fn nearest<'a>(id: &str, registered: &'a BTreeSet<String>) -> Option<&'a str> {
    let near = registered.iter().map(|other| (distance(id, other), other));
    let (distance, other) = near.min()?;
    (distance <= NEAR_MAX).then_some(other)
}

/// How many characters have to be put in, taken out or changed to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, byte) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (place, expected) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(byte != expected);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_stranger_is_told_with_the_platform_that_is_much_like_it() {
        let registered = ids(&["alpha-mall", "beta-mall"]);
        let told = |named: &[&str]| {
            let text = Text::new("{platforms}", "{platforms}");
            told(text, &registered, &ids(named))
        };
        assert_eq!(told(&["alpha-mall", "beta-mall"]), None);
        let meant = told(&["alpha-mal", "aplha-mall", "gamma-pay"]).unwrap();
        assert_eq!(
            meant,
            "alpha-mal (alpha-mall is registered), aplha-mall (alpha-mall is registered), gamma-pay"
        );
        let many: Vec<String> = (0..TOLD_MAX + 3).map(|n| format!("other-{n:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(told(&many).unwrap().ends_with("and 3 more"));
    }

    #[test]
    fn where_no_platform_is_registered_all_are_new() {
        let text = Text::new("{platforms}", "{platforms}");
        assert_eq!(told(text, &BTreeSet::new(), &ids(&["alpha-mall"])), None);
    }

    #[test]
    fn a_distance_counts_what_has_to_be_changed() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "ab", 1),
            ("bc", "abc", 1),
            ("abcd", "badc", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }
}
