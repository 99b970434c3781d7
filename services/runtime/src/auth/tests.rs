use std::{fs, path::PathBuf};

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime, macros::datetime};

use super::*;
use crate::issuer::Issuer;

const NOW: OffsetDateTime = datetime!(2017-11-11 0:00 UTC);
const ISSUER: &str = "https://issuer.test";

/// An issuer, and a verifier that believes it.
pub(crate) struct Suite {
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier,
    folder: TempDir,
}

pub(crate) fn suite(clock: &Clock) -> Suite {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key.der");
    let issuer = Issuer::open(&key_file, ISSUER, "gazelle", clock.clone()).unwrap();
    let jwks_file = folder.path().join("jwks.json");
    fs::write(&jwks_file, issuer.jwks()).unwrap();
    Suite {
        verifier: Verifier::new(&config(jwks_file), clock.clone()).unwrap(),
        issuer,
        folder,
    }
}

fn config(jwks_file: PathBuf) -> AuthConfig {
    AuthConfig {
        issuer: ISSUER.into(),
        audience: "gazelle".into(),
        jwks_file,
    }
}

impl Suite {
    fn new() -> Self {
        suite(&Clock::fixed(NOW))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn jwk(&self) -> Value {
        serde_json::from_str::<Value>(&self.issuer.jwks()).unwrap()["keys"][0].clone()
    }

    fn header(&self, algorithm: Algorithm) -> Header {
        let mut header = Header::new(algorithm);
        header.kid = self.jwk()["kid"].as_str().map(Into::into);
        header
    }

    /// A token as the issuer signs it, with good claims except for `changed`; null drops one.
    fn token(&self, changed: &Value) -> String {
        let key = EncodingKey::from_ed_der(&fs::read(self.file("key.der")).unwrap());
        encode(&self.header(Algorithm::EdDSA), &claims(changed), &key).unwrap()
    }

    fn refusal(&self, changed: &Value) -> TokenError {
        self.verifier.verify(&self.token(changed)).unwrap_err()
    }
}

fn claims(changed: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "gazelle", "sub": "alice", "roles": ["officer"],
        "exp": NOW.unix_timestamp() + 60,
    });
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

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
        assert_eq!(suite.verifier.verify(&token).unwrap(), caller);
    }
}

#[test]
fn a_token_for_or_from_others_or_without_a_claim_is_refused() {
    let suite = Suite::new();
    assert!(suite.verifier.verify(&suite.token(&json!({}))).is_ok());
    for changed in [
        json!({"iss": "https://issuer.test/"}),
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
        TokenError::Expired
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

#[test]
fn no_algorithm_and_other_algorithms_are_refused() {
    let suite = Suite::new();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbGljZSJ9.";
    assert!(matches!(
        suite.verifier.verify(none),
        Err(TokenError::Malformed(_))
    ));

    // The old trick: the public key, which everybody has, as the secret of an HMAC.
    let public = DecodingKey::from_jwk(&serde_json::from_value(suite.jwk()).unwrap()).unwrap();
    let secrets = [
        public.try_get_as_bytes().unwrap().to_vec(),
        suite.issuer.jwks().into_bytes(),
    ];
    for secret in secrets {
        let key = EncodingKey::from_secret(&secret);
        let forged = encode(&suite.header(Algorithm::HS256), &claims(&json!({})), &key).unwrap();
        assert!(matches!(
            suite.verifier.verify(&forged),
            Err(TokenError::Invalid(_))
        ));
    }
}

#[test]
fn a_signature_of_another_key_or_over_other_claims_is_refused() {
    let suite = Suite::new();
    let other = Suite::new();
    let stranger = other.token(&json!({}));
    assert!(matches!(
        suite.verifier.verify(&stranger),
        Err(TokenError::UnknownKey)
    ));

    let key = EncodingKey::from_ed_der(&fs::read(other.file("key.der")).unwrap());
    let header = suite.header(Algorithm::EdDSA);
    let forged = encode(&header, &claims(&json!({})), &key).unwrap();
    assert!(matches!(
        suite.verifier.verify(&forged),
        Err(TokenError::Invalid(_))
    ));

    let good = suite.token(&json!({}));
    let raised = suite.token(&json!({"roles": ["approver"]}));
    let (good, raised): (Vec<_>, Vec<_>) = (good.split('.').collect(), raised.split('.').collect());
    let spliced = [raised[0], raised[1], good[2]].join(".");
    assert!(matches!(
        suite.verifier.verify(&spliced),
        Err(TokenError::Invalid(_))
    ));

    let mut unnamed = Header::new(Algorithm::EdDSA);
    unnamed.kid = None;
    let key = EncodingKey::from_ed_der(&fs::read(suite.file("key.der")).unwrap());
    let unnamed = encode(&unnamed, &claims(&json!({})), &key).unwrap();
    assert!(matches!(
        suite.verifier.verify(&unnamed),
        Err(TokenError::UnknownKey)
    ));
    assert!(matches!(
        suite.verifier.verify(&"a".repeat(10_000)),
        Err(TokenError::TooLong)
    ));
}

#[test]
fn a_new_key_set_counts_at_once() {
    let suite = Suite::new();
    let other = Suite::new();
    let (old, new) = (suite.token(&json!({})), other.token(&json!({})));
    assert!(suite.verifier.verify(&old).is_ok());

    fs::write(suite.file("next"), other.issuer.jwks()).unwrap();
    fs::rename(suite.file("next"), suite.file("jwks.json")).unwrap();

    assert!(suite.verifier.verify(&new).is_ok());
    assert!(matches!(
        suite.verifier.verify(&old),
        Err(TokenError::UnknownKey)
    ));
}

#[test]
fn a_key_set_without_a_sound_key_is_refused() {
    let suite = Suite::new();
    let ed = suite.jwk();
    let changed = |name: &str, value: Value| {
        let mut jwk = ed.clone();
        jwk[name] = value;
        jwk
    };
    for jwk in [
        json!({"kty": "oct", "kid": "a", "k": "c2VjcmV0"}),
        json!({"kty": "RSA", "kid": "a", "n": "vbFSY93-3J8", "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "a", "x": "AAAA", "y": "AAAA"}),
        changed("x", json!("AAAA")),
        changed("use", json!("enc")),
        changed("alg", json!("HS256")),
        changed("kid", Value::Null),
    ] {
        let set = json!({"keys": [jwk]}).to_string();
        assert!(parse_keys(set.as_bytes()).is_err(), "{set}");
    }
    let mixed = json!({"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}, ed]});
    assert_eq!(parse_keys(mixed.to_string().as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_token_that_demands_to_be_understood_is_refused() {
    let suite = Suite::new();
    let key = EncodingKey::from_ed_der(&fs::read(suite.file("key.der")).unwrap());
    let signed = |crit: Option<Vec<String>>| {
        let header = Header {
            crit,
            ..suite.header(Algorithm::EdDSA)
        };
        encode(&header, &claims(&json!({})), &key).unwrap()
    };
    assert!(suite.verifier.verify(&signed(None)).is_ok());
    for crit in [vec!["http://example.com/UNDEFINED".to_owned()], vec![]] {
        let refused = suite.verifier.verify(&signed(Some(crit))).unwrap_err();
        assert!(matches!(refused, TokenError::Critical), "{refused}");
    }
}

#[test]
fn es256_is_verified() {
    let suite = Suite::new();
    // The number 1 as a P-256 key in PKCS #8, without its public half.
    let mut der = vec![
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
        0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25,
        0x02, 0x01, 0x01, 0x04, 0x20,
    ];
    der.extend([0; 31]);
    der.push(1);
    let key = EncodingKey::from_ec_der(&der);
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some("ec".into());
    fs::write(suite.file("jwks.json"), json!({"keys": [jwk]}).to_string()).unwrap();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("ec".into());

    let token = encode(&header, &claims(&json!({})), &key).unwrap();

    assert_eq!(
        suite.verifier.verify(&token).unwrap().actor().as_str(),
        "person:alice"
    );
}

#[test]
fn rs256_is_verified() {
    // Signed by OpenSSL. The audience is a list, one role is not ours.
    let modulus = concat!(
        "vbFSY93-3J83-d9QKfZ-kj6ovDRcLpiyejdVDwQ90uTzUYBaQ-FiJXY2eNNdyg1QQ1bmFPevI6UrKJWK",
        "zYWCmBwiy_okW-q9bOAnVLhCIiaz2TKOOQYpt_Pxy1kIvCWGW36elIGhvhWC9RW_oaqeuxLMZviJoWYt",
        "OAx7F7CcwOgS8mJCxieO3gmv1CoikSDxNxvLZXS6YL4zfDzY0TVQvWpPTm0Ynf_dzkURVH6xpMJMcG5Y",
        "c6M81imMyqOR-whjiVEsD5IXLWS6Wn-bkfWr7sYnZQRNODeCNsAYFFbWm9KqDSxucCZgAXwnd7BPjV-g",
        "tbPG4dZfK_RHpLDZjPYgaQ"
    );
    let token = concat!(
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lzc3V",
        "lci50ZXN0IiwiYXVkIjpbIm90aGVyIiwiZ2F6ZWxsZSJdLCJzdWIiOiJmOjE6Ym9iIiwiZXhwIjoxNTE",
        "wMzU4NDYwLCJyb2xlcyI6WyJvZmZsaW5lX2FjY2VzcyIsImF1ZGl0b3IiXX0.LwFtVRZKH1zH6RNhGUY",
        "9GkCkdIbTA3SrCZ6Vr2Kuh6R9I0p04QWAqe1WiOZ2gPVbayPYlDzRyKiZ1fSPrZnQW_mcUnjidJfWn_F",
        "-b1qULKgUPrwSy2bS9bPU9ET1R99SgCzKA8TaMSYd5aVDdaj5C_XacJ_wWYODgPTaLzFhMsYWcfB4lvR",
        "F5dHeP9fyhUpWTHjo-WjwFQsP2ios_LwGoLGu1Bnj6EN-TVvipmTPJElPRiTi2FjeK3EZDZiCVKmv2Kg",
        "KyKYjaUsN3N_qm4CDLKPjAZKfz0YfvRr3jT63rUR0VhicNVJmnPU-s2ApMtzInQ9809Oj-XuufpnLygB",
        "C2w"
    );
    let suite = Suite::new();
    let set = json!({"keys": [{"kty": "RSA", "kid": "rsa", "n": modulus, "e": "AQAB"}]});
    fs::write(suite.file("jwks.json"), set.to_string()).unwrap();

    let bob = Principal::Person {
        subject: "f:1:bob".into(),
        roles: vec![Role::Auditor],
    };
    assert_eq!(suite.verifier.verify(token).unwrap(), bob);
}

#[test]
fn the_signing_key_is_its_owners_alone_and_stays_the_same() {
    use std::os::unix::fs::PermissionsExt;

    let suite = Suite::new();
    let key_file = suite.file("key.der");
    assert_eq!(
        fs::metadata(&key_file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = Issuer::open(&key_file, ISSUER, "gazelle", Clock::fixed(NOW)).unwrap();
    assert_eq!(again.jwks(), suite.issuer.jwks());

    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(Issuer::open(&key_file, ISSUER, "gazelle", Clock::fixed(NOW)).is_err());
}
