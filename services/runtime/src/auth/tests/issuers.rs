//! Whom an issuer may sign for, and how long a person's token lives.

use tempfile::TempDir;
use time::Duration;

use super::*;
use crate::config::{Kind, SecondFactorConfig};

/// Issuers called by their kinds, with a key each, and one who believes them all.
fn by_kind() -> (Vec<(Kind, Issuer)>, Verifier, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let mut issuers = Vec::new();
    let mut configs = Vec::new();
    for kind in Kind::ALL {
        let name = format!("https://{kind:?}.test");
        let key_file = folder.path().join(format!("{kind:?}.der"));
        let issuer = Issuer::open(&key_file, &name, "gazelle", clock.clone()).unwrap();
        let jwks_file = folder.path().join(format!("{kind:?}.json"));
        fs::write(&jwks_file, issuer.jwks()).unwrap();
        issuers.push((kind, issuer));
        configs.push(IssuerConfig::in_file(&name, jwks_file, &[kind]));
    }
    let config = AuthConfig::of_issuers("gazelle", configs);
    let verifier = Verifier::new(&config, clock).unwrap();
    (issuers, verifier, folder)
}

#[test]
fn an_issuer_signs_for_its_own_kind_of_callers_and_for_nobody_else() {
    let (issuers, verifier, _folder) = by_kind();
    let subjects = [
        (Kind::People, "alice"),
        (Kind::Platforms, "platform:alpha"),
        (Kind::Services, "service:usage"),
    ];
    for (signs_for, issuer) in &issuers {
        for (kind, subject) in subjects {
            let name = format!("https://{signs_for:?}.test");
            let changed = json!({"iss": name, "sub": subject, "roles": null});
            let token = issuer.sign(&claims(&changed)).unwrap();
            match verifier.verify(&token) {
                Ok(believed) => assert_eq!((believed.principal.kind(), *signs_for), (kind, kind)),
                Err(TokenError::NotItsToSign) => assert_ne!(kind, *signs_for),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn an_issuer_does_not_sign_in_the_name_of_another() {
    let (issuers, verifier, _folder) = by_kind();
    let changed = json!({"iss": "https://Platforms.test", "sub": "platform:alpha", "roles": null});
    for (kind, issuer) in &issuers {
        let answer = verifier.verify(&issuer.sign(&claims(&changed)).unwrap());
        if *kind == Kind::Platforms {
            assert_eq!(&*answer.unwrap().token.issuer, "https://Platforms.test");
        } else {
            assert!(matches!(answer, Err(TokenError::UnknownKey)));
        }
    }
}

#[test]
fn a_person_s_token_has_a_beginning_and_lives_for_an_hour_at_most() {
    let suite = Suite::new();
    let now = NOW.unix_timestamp();
    let refusal = |iat: Value, exp: i64| {
        suite
            .verifier
            .verify(&suite.token(&json!({"iat": iat, "exp": exp})))
    };
    assert!(refusal(json!(now), now + 3_600).is_ok());
    assert!(matches!(
        refusal(json!(now), now + 3_601),
        Err(TokenError::TooLongLived {
            lifetime_s: 3_601,
            lifetime_max_s: 3_600
        })
    ));
    assert!(
        matches!(refusal(Value::Null, now + 60), Err(TokenError::Claim(name)) if name == "iat")
    );
    assert!(matches!(
        refusal(json!(now + 31), now + 60),
        Err(TokenError::NotYet)
    ));
    assert!(matches!(
        refusal(json!("now"), now + 60),
        Err(TokenError::Claim(_))
    ));

    let platform =
        json!({"sub": "platform:alpha", "roles": null, "iat": null, "exp": now + 86_400});
    assert!(suite.verifier.verify(&suite.token(&platform)).is_ok());
}

#[test]
fn a_second_factor_is_what_the_configuration_calls_so() {
    let suite = Suite::new();
    let mut config = config(suite.file("jwks.json"));
    let has = |config: &AuthConfig, changed: &Value| {
        let verifier = Verifier::new(config, Clock::fixed(NOW)).unwrap();
        let believed = verifier.verify(&suite.token(changed)).unwrap();
        believed.token.has_second_factor
    };
    let shown = [
        (json!({"amr": ["pwd", "otp"]}), true),
        (json!({"amr": "otp"}), true),
        (json!({"acr": "strong"}), true),
        (json!({"amr": ["pwd"], "acr": "otp"}), false),
        (json!({}), false),
    ];
    for (changed, _) in &shown {
        assert!(!has(&config, changed), "nothing counts: {changed}");
    }
    config.second_factor = Some(SecondFactorConfig {
        acr: vec!["strong".into()],
        amr: vec!["otp".into(), "hwk".into()],
    });
    for (changed, expected) in &shown {
        assert_eq!(has(&config, changed), *expected, "{changed}");
    }
}

#[test]
fn what_contradicts_itself_is_refused_before_anybody_is_believed() {
    let suite = Suite::new();
    let good = || config(suite.file("jwks.json"));
    let changed = |change: fn(&mut IssuerConfig)| {
        let mut config = good();
        change(&mut config.issuers[0]);
        config
    };
    let twice = IssuerConfig::in_file(ISSUER, suite.file("jwks.json"), &Kind::ALL);
    let wrong = [
        AuthConfig {
            issuers: Vec::new(),
            ..good()
        },
        AuthConfig {
            second_factor: Some(SecondFactorConfig::default()),
            ..good()
        },
        AuthConfig {
            issuers: vec![twice.clone(), twice],
            ..good()
        },
        changed(|it| it.discovery = true),
        changed(|it| it.jwks_file = None),
        changed(|it| it.ca_file = Some("/some/ca.pem".into())),
        changed(|it| it.signs_for.clear()),
        changed(|it| it.roles_claim.clear()),
        changed(|it| it.lifetime_max_s = 0),
    ];
    for config in wrong {
        let refused = Verifier::new(&config, Clock::fixed(NOW)).unwrap_err();
        assert!(matches!(refused, AuthError::Contradiction(_)), "{refused}");
    }
    let plain = changed(|it| {
        it.jwks_file = None;
        it.discovery = true;
        it.issuer = "http://identity.example".into();
    });
    let refused = Verifier::new(&plain, Clock::fixed(NOW)).unwrap_err();
    assert!(matches!(refused, AuthError::Address { .. }), "{refused}");
}

#[test]
fn tokens_of_our_own_can_be_told_apart() {
    let suite = Suite::new();
    let alice = Principal::Person {
        subject: "alice".into(),
        roles: Vec::new(),
    };
    let id = || {
        let token = suite.issuer.mint(&alice, Duration::MINUTE).unwrap();
        suite.verifier.verify(&token).unwrap().token.id.unwrap()
    };
    assert_ne!(id(), id());
}
