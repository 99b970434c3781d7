//! What a token is signed with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, jwk::Jwk};

use super::*;

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

    assert!(matches!(
        suite.verifier.verify(&"a".repeat(10_000)),
        Err(TokenError::TooLong)
    ));
}

#[test]
fn a_token_names_its_key_where_its_issuer_has_more_than_one() {
    let (suite, other) = (Suite::new(), Suite::new());
    let unnamed = |suite: &Suite| {
        let key = EncodingKey::from_ed_der(&fs::read(suite.file("key.der")).unwrap());
        encode(&Header::new(Algorithm::EdDSA), &claims(&json!({})), &key).unwrap()
    };
    let (ours, theirs) = (unnamed(&suite), unnamed(&other));
    assert!(suite.verifier.verify(&ours).is_ok());
    let is_unknown =
        |token: &str| matches!(suite.verifier.verify(token), Err(TokenError::UnknownKey));
    assert!(is_unknown(&theirs));

    let both = json!({"keys": [suite.jwk(), other.jwk()]});
    fs::write(suite.file("jwks.json"), both.to_string()).unwrap();
    assert!(is_unknown(&ours) && is_unknown(&theirs));
    assert!(suite.verifier.verify(&other.token(&json!({}))).is_ok());
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

    let good = signed(None);
    let (header, rest) = good.split_once('.').unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let with = |crit: &str| {
        let header = header.replacen('{', &format!("{{{crit},"), 1);
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), rest);
        let (message, _) = signed.rsplit_once('.').unwrap();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA);
        format!("{message}.{}", signature.unwrap())
    };
    assert!(suite.verifier.verify(&with(r#""x":null"#)).is_ok());
    let refused = |crit: &str| suite.verifier.verify(&with(crit)).unwrap_err();
    assert!(matches!(refused(r#""crit":null"#), TokenError::Critical));
    for crit in [
        r#""crit":{}"#,
        r#""crit":"b64""#,
        r#""crit":null,"crit":null"#,
    ] {
        assert!(matches!(refused(crit), TokenError::Malformed(_)), "{crit}");
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
        suite
            .verifier
            .verify(&token)
            .unwrap()
            .principal
            .actor()
            .as_str(),
        "person:alice"
    );
}

#[test]
fn rs256_is_verified() {
    // Signed by OpenSSL. The audience is a list, one role is not ours.
    let modulus = concat!(
        "6GAJFm0HV36kdwCHd9utVHm3UKriMd3OSBmtPf6vLI_CWpFQj8xRH0IEZCrPp_ZzTZRaxa244JabqMw",
        "yHWOOtlrec85JfeNyFbhDXf-xcH0Zz5OfqKZWyK8PuVnexbGfhYfIEs28g3YitPafAym-2wX4B_2KCR",
        "7L3RwBZTZwC0eIqDXAhUisjnE1tKRIH_flwZKZH-VILZtqsxT7RMueRlXH-8R0YZFYs5umojiFonACb",
        "sJqiEpBMlhgFKTFpQLXo45oeaiovIT2KS48taKVJLKHncuBaG-y4MdQ4JUmfPcpIRV_w7l1faoIUfgG",
        "SclTMntJStofzBvHtMX4HaeB3Q"
    );
    let token = concat!(
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lzc3",
        "Vlci50ZXN0IiwiYXVkIjpbIm90aGVyIiwiZ2F6ZWxsZSJdLCJzdWIiOiJmOjE6Ym9iIiwiaWF0IjoxN",
        "TEwMzU4MzQwLCJleHAiOjE1MTAzNTg0NjAsInJvbGVzIjpbIm9mZmxpbmVfYWNjZXNzIiwiYXVkaXRv",
        "ciJdfQ.1ahz3ZBDSw1eQELjPYKnJdoGTiDp_Ty3TdpbE7pQjQPqwG3DNi7bzfeyEJCmRCUS25p005sX",
        "JU2jraqvgD38aVg_-BvF8avURa_pvG3pk72H_1S6D1ru3vtUiamDQ3Th0U3ZcfD47yODDNDl7JscGyE",
        "rKp38oZtFHAI2Dtr-WLexoAj9BWpr-oxHgpCnhF26mNmLqKj5VuD4dxzE6QQsyoKkvBLeHWKeLWoGwq",
        "XZAT0PHb8hFLCMYr_WA9ifxKUy-dfRFPkq7Xa9DoOyCRI-lwqY26s3oB89ezO5mnuKdheRXQbLn224j",
        "H1B_ovDr04QWzaZFpsp7aB4PSfl5zhTPA"
    );
    let suite = Suite::new();
    let set = json!({"keys": [{"kty": "RSA", "kid": "rsa", "n": modulus, "e": "AQAB"}]});
    fs::write(suite.file("jwks.json"), set.to_string()).unwrap();

    let bob = Principal::Person {
        subject: "f:1:bob".into(),
        roles: vec![Role::Auditor],
    };
    assert_eq!(suite.verifier.verify(token).unwrap().principal, bob);
}
