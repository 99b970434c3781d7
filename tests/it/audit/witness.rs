//! Checkpoints that are signed, kept outside and countersigned there, at the command line.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use gazelle_proto::registry::v1::PutEnterprisesRequest;
use gazelle_tests::city::shopkeeper;
use gazelle_tests::desk::Desk;
use gazelle_tests::fresh;
use gazelle_tests::suite::Suite;

/// One more entry in the registry's trail.
async fn go_on() {
    let request = PutEnterprisesRequest {
        enterprises: vec![shopkeeper(&fresh::uscc())],
    };
    let registrar = Suite::shared().registrar();
    registrar
        .registry
        .clone()
        .put_enterprises(request)
        .await
        .unwrap();
}

/// Runs a command of an auditor that must be done.
async fn done(desk: &Desk, arguments: &str) {
    drop(desk.gazelle("auditor", arguments).await.done());
}

/// A desk of a witness with a first note, and the key that verifies it.
async fn witness() -> (Desk, String) {
    let desk = Desk::new();
    go_on().await;
    let key = desk.json("auditor", "audit key --service registry").await;
    let first = desk.folder().join("first").display().to_string();
    let write = format!("audit checkpoint --service registry --out {first}");
    done(&desk, &write).await;
    let own = desk.folder().join("own.pem").display().to_string();
    let make = format!("audit key --new {own} --name audit-office.example --witness");
    done(&desk, &make).await;
    (desk, key["verifier_key"].as_str().unwrap().to_owned())
}

fn cosign(desk: &Desk, note: &str, verifier: &str) -> String {
    let file = |name: &str| desk.folder().join(name).display().to_string();
    let (note, own, kept) = (file(note), file("own.pem"), file("kept"));
    format!(
        "audit cosign {note} --key {own} --name audit-office.example --verifier {verifier} --kept {kept}"
    )
}

async fn next_note(desk: &Desk) {
    go_on().await;
    let file = |name: &str| desk.folder().join(name).display().to_string();
    let (next, kept) = (file("next"), file("kept"));
    let write = format!("audit checkpoint --service registry --out {next} --since {kept}");
    done(desk, &write).await;
}

#[tokio::test]
async fn a_witness_countersigns_what_goes_on_from_what_was_kept_and_nothing_else() {
    let (desk, key) = witness().await;
    done(&desk, &cosign(&desk, "first", &key)).await;
    next_note(&desk).await;
    let kept = fs::read_to_string(desk.folder().join("kept")).unwrap();
    let hashes = desk.folder().join("next.hashes");
    let right = fs::read(&hashes).unwrap();
    assert_eq!(right.len() % 32, 0);

    let mut wrong = right.clone();
    wrong[0] ^= 1;
    fs::write(&hashes, wrong).unwrap();
    let refused = desk.gazelle("auditor", &cosign(&desk, "next", &key)).await;
    refused.refused("NOTE_INCONSISTENT");
    assert_eq!(
        fs::read_to_string(desk.folder().join("kept")).unwrap(),
        kept
    );

    fs::write(&hashes, right).unwrap();
    done(&desk, &cosign(&desk, "next", &key)).await;
    let note = fs::read_to_string(desk.folder().join("kept")).unwrap();
    assert!(note.contains("\u{2014} audit-office.example "), "{note}");
    let older = desk.gazelle("auditor", &cosign(&desk, "first", &key)).await;
    older.refused("NOTE_INCONSISTENT");
}

#[tokio::test]
async fn a_countersigned_note_gives_way_only_to_one_that_goes_on_from_a_copy_of_it() {
    let (desk, key) = witness().await;
    let file = |name: &str| desk.folder().join(name).display().to_string();
    let write = |out: &str| format!("audit checkpoint --service registry --out {}", file(out));
    done(&desk, &write("first")).await;
    done(&desk, &cosign(&desk, "first", &key)).await;
    let kept = fs::read_to_string(file("kept")).unwrap();
    let since = format!(" --since {}", file("kept"));
    for again in [write("first"), write("kept"), write("kept") + &since] {
        let refused = desk.gazelle("auditor", &again).await;
        refused.refused("FILE_UNWRITABLE");
    }
    done(&desk, &(write("first") + &since)).await;
    assert_eq!(fs::read_to_string(file("kept")).unwrap(), kept);
}

#[tokio::test]
async fn the_trail_is_checked_against_a_note_that_the_right_key_signed() {
    let (desk, key) = witness().await;
    go_on().await;
    let first = desk.folder().join("first").display().to_string();
    let verify = |key: &str| {
        format!("audit verify --service registry --checkpoint {first} --verifier {key}")
    };
    done(&desk, &verify(&key)).await;
    // Others tamper with what the shared suite stores.
    done(&desk, "audit verify --chain-only").await;

    let other = desk.json("auditor", "audit key --service usage").await;
    let other = verify(other["verifier_key"].as_str().unwrap());
    desk.gazelle("auditor", &other)
        .await
        .refused("NOTE_UNSIGNED");
    let text = fs::read_to_string(&first).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1] = "1";
    fs::write(&first, lines.join("\n") + "\n").unwrap();
    desk.gazelle("auditor", &verify(&key))
        .await
        .refused("NOTE_UNSIGNED");
    desk.gazelle("officer", "audit verify")
        .await
        .refused("PERMISSION_DENIED");
}

#[tokio::test]
async fn openssl_verifies_a_note() {
    let (desk, key) = witness().await;
    let text = fs::read_to_string(desk.folder().join("first")).unwrap();
    let (body, signatures) = text.split_once("\n\n").unwrap();
    let signature = signatures.trim_end().rsplit(' ').next().unwrap();
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    let public = key.splitn(3, '+').nth(2).unwrap();
    let public = BASE64_STANDARD.decode(public).unwrap();
    // RFC 8410: SubjectPublicKeyInfo of Ed25519.
    let mut der = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    der.extend(&public[1..]);
    let (der, body) = (
        desk.write("key.der", der),
        desk.write("body", format!("{body}\n")),
    );
    let signature = desk.write("signature", &signature[4..]);
    let openssl = Command::new("openssl")
        .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"])
        .args(["-inkey", &der, "-in", &body, "-sigfile", &signature])
        .output()
        .unwrap();
    assert!(openssl.status.success(), "{openssl:?}");
}
