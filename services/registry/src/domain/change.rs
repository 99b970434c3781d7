//! What the registry writes down of each change.

use gazelle_kernel::{Actor, Instant};
use serde::Serialize;
use serde_json::{Map, Value};

use super::revision::Revision;

/// One change of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The revision that it made.
    pub revision: Revision,
    pub changed_at: Instant,
    pub actor: Actor,
    /// The verb, as `put_filings`.
    pub action: String,
    /// The items that changed, as JSON.
    pub content: String,
    /// Covers the digest before and this change.
    pub digest: [u8; 32],
}

/// What changed in one revision: lists of items by what they are, as JSON whose keys are in byte
/// order; null where nothing is recorded.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Content(Map<String, Value>);

impl Content {
    /// With these items; none are left out.
    #[must_use]
    pub fn with<T: Serialize>(mut self, what: &str, items: &[T]) -> Self {
        if !items.is_empty() {
            let items = serde_json::to_value(items).expect("texts and numbers are JSON");
            self.0.insert(what.into(), items);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{Date, DistrictCode, Name, PlatformId, Uscc, parse_date};

    use super::*;
    use crate::domain::{
        enterprise::{Code, CodeChange},
        platform::Platform,
    };

    #[test]
    fn content_has_its_keys_in_byte_order_and_null_where_nothing_is_recorded() {
        let day: Date = parse_date("2017-06-01").expect("a day");
        let change = CodeChange {
            uscc: Uscc::parse("91330100799655058B").expect("a code"),
            effective_from: day,
            code: Code::District(DistrictCode::parse("330110").expect("a code")),
        };
        let mut platform = Platform::new(PlatformId::parse("alpha-mall").expect("an id"));
        platform.name = Some(Name::parse("阿尔法").expect("a name"));
        let content = Content::default()
            .with("platforms", &[platform])
            .with::<Platform>("none", &[])
            .with("code_changes", &[change]);
        assert_eq!(
            serde_json::to_string(&content).unwrap(),
            concat!(
                r#"{"code_changes":[{"code":"330110","effective_from":"2017-06-01","#,
                r#""kind":"district","uscc":"91330100799655058B"}],"#,
                r#""platforms":[{"name":"阿尔法","platform_id":"alpha-mall","#,
                r#""reports_from":null,"reports_to":null}]}"#,
            )
        );
    }
}
