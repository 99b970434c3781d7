//! What was believed, and is not any more.

use time::Duration;

use super::*;

fn evidence(believed: &Believed) -> Evidence {
    Evidence {
        certificate: None,
        token: Some(believed.token.clone()),
    }
}

#[test]
fn a_line_more_in_the_list_counts_at_once_and_a_broken_list_leaves_the_last_one() {
    let suite = Suite::new();
    let mut config = config(suite.file("jwks.json"));
    let list = suite.file("revoked");
    config.revoked_file = Some(list.clone());
    assert!(Verifier::new(&config, Clock::fixed(NOW)).is_err());
    fs::write(&list, "").unwrap();
    let verifier = Verifier::new(&config, Clock::fixed(NOW)).unwrap();
    let (one, other) = (
        suite.token(&json!({"jti": "one"})),
        suite.token(&json!({"jti": "other"})),
    );
    let believed = verifier.verify(&one).unwrap();
    let shown = evidence(&believed);
    assert_eq!(verifier.has_ended(&believed.principal, &shown), None);

    fs::write(&list, "token one\n").unwrap();
    let what = |token: &str| match verifier.verify(token) {
        Err(TokenError::Revoked(what, principal)) => {
            assert_eq!(principal.actor().as_str(), "person:alice");
            Some(what)
        }
        other => other.map(|_| None).unwrap(),
    };
    assert_eq!(what(&one), Some(Revoked::Token));
    assert_eq!(what(&other), None);
    let ended = verifier.has_ended(&believed.principal, &shown);
    assert_eq!(
        ended,
        Some(Ended::Token(TokenEnded::Revoked(Revoked::Token)))
    );

    fs::write(&list, "token one\nsubject alice\n").unwrap();
    assert_eq!(what(&other), Some(Revoked::Subject));
    fs::write(&list, "alice").unwrap();
    assert_eq!(what(&other), Some(Revoked::Subject));
}

#[test]
fn what_is_under_way_ends_with_its_token_and_with_its_key() {
    let clock = Clock::fixed(NOW);
    let suite = suite(&clock);
    let alice = Principal::Person {
        subject: "alice".into(),
        roles: Vec::new(),
    };
    let token = suite.issuer.mint(&alice, Duration::MINUTE).unwrap();
    let believed = suite.verifier.verify(&token).unwrap();
    let ended = || {
        suite
            .verifier
            .has_ended(&believed.principal, &evidence(&believed))
    };
    clock.advance(Duration::seconds(89));
    assert_eq!(ended(), None);
    clock.advance(Duration::SECOND);
    let at = NOW + Duration::MINUTE;
    assert_eq!(ended(), Some(Ended::Token(TokenEnded::Expired { at })));

    clock.advance(-Duration::MINUTE);
    assert_eq!(ended(), None);
    let revoked = Some(Ended::Token(TokenEnded::Revoked(Revoked::Key)));
    fs::write(suite.file("jwks.json"), Suite::new().issuer.jwks()).unwrap();
    assert_eq!(ended(), revoked);

    // Another key under its name is not the one that signed.
    let mut other = Suite::new().jwk();
    other["kid"] = suite.jwk()["kid"].clone();
    fs::write(
        suite.file("jwks.json"),
        json!({"keys": [other]}).to_string(),
    )
    .unwrap();
    assert_eq!(ended(), revoked);
}
