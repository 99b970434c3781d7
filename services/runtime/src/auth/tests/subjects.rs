//! Whom a token names, and for how long.

use gazelle_kernel::PlatformId;
use time::Duration;

use super::*;

#[test]
fn whom_a_token_was_made_for_is_whom_it_is_read_as() {
    let suite = Suite::new();
    let callers = [
        Principal::Person {
            subject: "alice".into(),
            roles: vec![Role::Officer, Role::Auditor],
        },
        Principal::Platform(PlatformId::parse("alpha-mall").unwrap()),
        Principal::Service("settlement".into()),
    ];
    let actors = ["person:alice", "platform:alpha-mall", "service:settlement"];
    for (caller, actor) in callers.into_iter().zip(actors) {
        let token = suite.issuer.mint(&caller, Duration::MINUTE).unwrap();
        assert_eq!(caller.actor().as_str(), actor);
        assert_eq!(suite.verifier.verify(&token).unwrap().principal, caller);
    }
}

#[test]
fn a_token_for_or_from_others_or_without_a_claim_is_refused() {
    let suite = Suite::new();
    assert!(suite.verifier.verify(&suite.token(&json!({}))).is_ok());
    for changed in [
        json!({"aud": "gazelles"}),
        json!({"aud": ["other"]}),
        json!({"iss": null}),
        json!({"aud": null}),
        json!({"exp": null}),
        json!({"sub": null}),
        json!({"exp": "soon"}),
    ] {
        let error = suite.refusal(&changed);
        assert!(
            matches!(error, TokenError::Invalid(_)),
            "{changed}: {error:?}"
        );
    }
    let stranger = suite.refusal(&json!({"iss": "https://issuer.test/"}));
    assert!(matches!(stranger, TokenError::UnknownIssuer));
}

#[test]
fn a_token_counts_from_its_first_to_its_last_second_with_some_leeway() {
    let at = |seconds: i64| NOW.unix_timestamp() + seconds;
    let suite = Suite::new();
    assert!(
        suite
            .verifier
            .verify(&suite.token(&json!({"exp": at(-29)})))
            .is_ok()
    );
    assert!(matches!(
        suite.refusal(&json!({"exp": at(-30)})),
        TokenError::Expired { .. }
    ));
    assert!(matches!(
        suite.refusal(&json!({"exp": i64::MIN})),
        TokenError::Invalid(_)
    ));
    assert!(
        suite
            .verifier
            .verify(&suite.token(&json!({"nbf": at(30)})))
            .is_ok()
    );
    assert!(matches!(
        suite.refusal(&json!({"nbf": at(31)})),
        TokenError::NotYet
    ));
}

#[test]
fn subjects_that_are_nobodys_are_refused() {
    let suite = Suite::new();
    for (subject, roles) in [
        ("", json!([])),
        ("a\nb", json!([])),
        ("alice ", json!([])),
        ("al\u{200b}ice", json!([])),
        ("\u{2066}alice", json!([])),
        ("\u{2800}", json!([])),
        ("\u{301}", json!([])),
        (" platform:alpha", json!([])),
        ("platform:alpha", json!(["officer"])),
        ("service:usage", json!(["officer"])),
        ("platform:ALPHA", json!([])),
        ("service:", json!([])),
        ("service:a b", json!([])),
    ] {
        let error = suite.refusal(&json!({"sub": subject, "roles": roles}));
        assert!(matches!(error, TokenError::Nobody), "{subject}: {error:?}");
    }
}
