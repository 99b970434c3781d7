//! Key sets, and the key of our own issuer.

use super::*;

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
    ] {
        let set = json!({"keys": [jwk]}).to_string();
        assert!(crate::auth::keys::parse(set.as_bytes()).is_err(), "{set}");
    }
    let mixed = json!({"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}, ed]});
    assert_eq!(
        crate::auth::keys::parse(mixed.to_string().as_bytes())
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_single_key_needs_no_name_and_of_two_of_one_name_the_last_counts() {
    let (suite, other) = (Suite::new(), Suite::new());
    let named = |suite: &Suite, id: Value| {
        let mut jwk = suite.jwk();
        jwk["kid"] = id;
        jwk
    };
    let signed = |suite: &Suite, id: Option<&str>| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = id.map(Into::into);
        let key = EncodingKey::from_ed_der(&fs::read(suite.file("key.der")).unwrap());
        encode(&header, &claims(&json!({})), &key).unwrap()
    };
    let publish = |keys: Value| {
        fs::write(suite.file("jwks.json"), json!({ "keys": keys }).to_string()).unwrap();
    };
    // Another's: what does not fit would leave the last key.
    publish(json!([named(&other, Value::Null)]));
    assert!(suite.verifier.verify(&signed(&other, None)).is_ok());
    let elsewhere = suite.verifier.verify(&signed(&other, Some("a")));
    assert!(matches!(elsewhere, Err(TokenError::UnknownKey)));

    publish(json!([
        named(&suite, json!("a")),
        named(&other, json!("a"))
    ]));
    assert!(suite.verifier.verify(&signed(&other, Some("a"))).is_ok());
    let first = suite.verifier.verify(&signed(&suite, Some("a")));
    assert!(matches!(first, Err(TokenError::Invalid(_))));
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
