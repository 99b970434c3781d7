//! The list of what is not believed any more.
//!
//! A line each: `subject SUB`, as in a token's `sub` or a certificate's name, or with its kind as
//! in the log and the trail; or `token JTI`. Empty lines and those that begin with `#` say nothing.
//! Whoever may be somebody of the list is on it: names that differ in capitals or width alone are
//! one person's everywhere.

use std::{collections::HashSet, error::Error};

use gazelle_kernel::Actor;

use super::{error::Revoked, principal::Principal};

/// Subjects and tokens that were taken back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RevokedList {
    /// As [`Actor::folded`] has them.
    actors: HashSet<String>,
    tokens: HashSet<String>,
}

impl RevokedList {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut list = Self::default();
        for (number, line) in std::str::from_utf8(bytes)?.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // A subject may have spaces.
            match line.split_once(' ').map(|(kind, name)| (kind, name.trim())) {
                Some(("subject", name)) => {
                    let spelled = [name.to_owned(), format!("person:{name}")];
                    let folded = spelled.map(|name| Actor::new(name).folded());
                    list.actors.extend(folded);
                }
                Some(("token", name)) => {
                    list.tokens.insert(name.to_owned());
                }
                _ => {
                    let number = number + 1;
                    let message = format!("line {number} is neither `subject SUB` nor `token JTI`");
                    return Err(message.into());
                }
            }
        }
        Ok(list)
    }

    /// What of it was taken back: that token, or its subject.
    pub(super) fn find(&self, principal: &Principal, token: Option<&str>) -> Option<Revoked> {
        if token.is_some_and(|id| self.tokens.contains(id)) {
            return Some(Revoked::Token);
        }
        // Most lists are empty, and this is asked of each call.
        let named = !self.actors.is_empty() && self.actors.contains(&principal.actor().folded());
        named.then_some(Revoked::Subject)
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::PlatformId;

    use super::*;

    #[test]
    fn a_list_names_subjects_and_tokens_and_nothing_else() {
        let text = "# who left\nsubject alice\n\nsubject  platform:alpha-mall \ntoken 5f 1\r\n\
                    subject person:carol\n";
        let list = RevokedList::parse(text.as_bytes()).unwrap();
        let person = |subject: &str| Principal::Person {
            subject: subject.into(),
            roles: Vec::new(),
        };
        let platform = |id| Principal::Platform(PlatformId::parse(id).unwrap());
        let service = Principal::Service("usage".into());
        let found = |principal: &Principal, token| list.find(principal, token);
        assert_eq!(found(&person("alice"), None), Some(Revoked::Subject));
        assert_eq!(found(&person("ＡＬＩＣＥ"), None), Some(Revoked::Subject));
        assert_eq!(found(&person("carol"), None), Some(Revoked::Subject));
        assert_eq!(found(&person("alice2"), Some("alice")), None);
        assert_eq!(found(&person("bob"), Some("5f 1")), Some(Revoked::Token));
        assert_eq!(found(&platform("alpha-mall"), None), Some(Revoked::Subject));
        assert_eq!(found(&platform("alpha"), None), None);
        assert_eq!(found(&service, None), None);
        for wrong in ["subject", "alice", "person alice", "subjectalice"] {
            assert!(RevokedList::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
