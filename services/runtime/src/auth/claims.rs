//! What a token says, once its signature holds.

use serde_json::{Map, Value};

use super::error::TokenError;

/// The claims that count here.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) expires: i64,
    pub(super) not_before: Option<i64>,
    pub(super) issued: Option<i64>,
    pub(super) id: Option<String>,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
    pub(super) roles: Vec<String>,
}

impl Claims {
    /// Reads them; roles are in the claim of that name, or at the end of that path.
    pub(super) fn read(all: &Map<String, Value>, roles_claim: &str) -> Result<Self, TokenError> {
        let texts =
            |name: &str, value| texts(value).ok_or_else(|| TokenError::Claim(name.to_owned()));
        Ok(Self {
            subject: text(all, "sub")?.ok_or_else(|| TokenError::Claim("sub".to_owned()))?,
            expires: seconds(all, "exp")?.ok_or_else(|| TokenError::Claim("exp".to_owned()))?,
            not_before: seconds(all, "nbf")?,
            issued: seconds(all, "iat")?,
            id: text(all, "jti")?,
            acr: text(all, "acr")?,
            amr: texts("amr", all.get("amr"))?,
            roles: texts(roles_claim, at(all, roles_claim))?,
        })
    }
}

/// A claim by its whole name, which may have dots, else by the path that the dots make.
fn at<'a>(all: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = all.get(path) {
        return Some(value);
    }
    let mut steps = path.split('.');
    let first = all.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.as_object()?.get(step))
}

/// A list of texts, or one text; nothing where there is nothing.
fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(many)) => many
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        Some(_) => None,
    }
}

fn text(all: &Map<String, Value>, name: &str) -> Result<Option<String>, TokenError> {
    match all.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(TokenError::Claim(name.to_owned())),
    }
}

/// A `NumericDate` (RFC 7519): seconds, which may have a fraction.
fn seconds(all: &Map<String, Value>, name: &str) -> Result<Option<i64>, TokenError> {
    match all.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "saturates, and has no fraction"
            )]
            let whole = || value.as_f64().map(|seconds| seconds.floor() as i64);
            let seconds = value.as_i64().or_else(whole);
            seconds
                .map(Some)
                .ok_or_else(|| TokenError::Claim(name.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value, roles_claim: &str) -> Result<Claims, TokenError> {
        Claims::read(claims.as_object().unwrap(), roles_claim)
    }

    #[test]
    fn roles_are_where_the_provider_has_them() {
        let claims = json!({
            "sub": "alice", "exp": 1,
            "roles": "officer",
            "realm_access": {"roles": ["auditor", "offline_access"]},
            "https://identity.example/roles": ["approver"],
            "a": {"b": 1},
        });
        for (path, roles) in [
            ("roles", vec!["officer"]),
            ("realm_access.roles", vec!["auditor", "offline_access"]),
            ("https://identity.example/roles", vec!["approver"]),
            ("groups", vec![]),
            ("realm_access.groups", vec![]),
            ("roles.officer", vec![]),
        ] {
            assert_eq!(read(&claims, path).unwrap().roles, roles, "{path}");
        }
        for wrong in ["a", "a.b", "realm_access"] {
            let refused = read(&claims, wrong).unwrap_err();
            assert!(matches!(refused, TokenError::Claim(name) if name == wrong));
        }
    }

    #[test]
    fn a_claim_of_another_type_is_refused_by_its_name() {
        for name in ["sub", "exp", "nbf", "iat", "jti", "acr", "amr"] {
            let mut claims = json!({"sub": "alice", "exp": 1.5});
            assert_eq!(read(&claims, "roles").unwrap().expires, 1);
            claims[name] = json!([{}]);
            let refused = read(&claims, "roles").unwrap_err();
            assert!(matches!(refused, TokenError::Claim(claim) if claim == name));
        }
    }
}
