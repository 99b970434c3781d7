//! How a platform begins with a suite of one machine: known, with a token, then with certificates
//! that are renewed and revoked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use gazelle_cli::profile::Home;
use gazelle_runtime::config::Kind;
use gazelle_tests::binary::{command, run};
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::machine::{Machine, terminate};
use gazelle_tests::partner::{Partner, operator};
use gazelle_tests::suite::Suite;
use gazelle_tests::terminal::at_terminal;
use tokio::time::{Instant, sleep};

/// A revocation is honoured within this; it takes a second or two.
const REVOKED_WAIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_platform_reports_with_its_certificate_alone_and_only_its_own() {
    let (partner, other) = (Partner::known().await, Partner::known().await);
    partner.asks().await;
    partner.signed().await;
    let file = partner.desk.write(
        "usage.csv",
        format!("{USAGE_HEADER}r1,shop,COMMISSION,2025-01-05,1,\n"),
    );
    let far = partner.file("far");
    let urls = &Suite::shared().endpoints;
    let add = format!(
        "profile add mine --registry {} --usage {} --settlement {} --ca-file {} \
         --certificate-file {} --key-file {}",
        urls.registry,
        urls.usage,
        urls.settlement,
        urls.ca_file.as_ref().unwrap().display(),
        partner.file("certificate.pem").display(),
        partner.file("key.pem").display(),
    );
    let _ = run(command(&far, "", &add)).await.done();

    let report = |platform: &str| {
        format!("--output json usage report --platform {platform} --period 2025-01 {file}")
    };
    let reported = run(command(&far, "mine", &report(&partner.platform))).await;
    assert_eq!(reported.done().json()["accepted"], 1);
    run(command(&far, "mine", &report(&other.platform)))
        .await
        .refused("NOT_YOUR_PLATFORM");
}

#[tokio::test]
async fn a_token_goes_to_another_machine_over_tls_alone_unless_somebody_says_otherwise() {
    let desk = Desk::new();
    let token = desk.write("token", "e30.eyJzdWIiOiJhbGljZSJ9.e30");
    let home = desk.folder().join("home");
    let add = async |name: &str, rest: &str| {
        let add = format!("profile add {name} --token-file {token} --usage {rest}");
        run(command(&home, "", &add)).await
    };
    let far = "http://usage.example:7002";
    add("far", far).await.refused("TOKEN_IN_CLEAR");
    let listed = run(command(&home, "", "--output json profile list")).await;
    assert_eq!(listed.done().json()["profiles"], serde_json::json!([]));
    for (name, rest) in [
        ("mesh", &format!("{far} --plaintext")[..]),
        ("near", "http://127.0.0.1:7002"),
    ] {
        let _ = add(name, rest).await.done();
    }
}

#[tokio::test]
async fn nobody_is_signed_for_who_is_not_known_or_did_not_ask() {
    let partner = Partner::known().await;
    partner.asks().await;
    let out = partner.file("certificate.pem");
    let sign = |platform: &str, request: &Path| {
        let (request, out) = (request.display(), out.display());
        format!("platform certificate {platform} --csr {request} --out {out}")
    };
    let stranger = fresh::platform("stranger");
    operator(&sign(&stranger, &partner.file("request.pem")))
        .await
        .refused("UNKNOWN_PROFILE");
    operator(&sign(&partner.platform, &partner.file("key.pem")))
        .await
        .refused("SIGNING_REQUEST_INVALID");
    assert!(!out.exists());
}

#[tokio::test]
async fn nothing_is_signed_that_cannot_be_written_down() {
    let partner = Partner::known().await;
    partner.asks().await;
    let sign = format!(
        "platform certificate {} --csr {} --out {}",
        partner.platform,
        partner.file("request.pem").display(),
        partner.desk.folder().display()
    );
    operator(&sign).await.refused("FILE_UNWRITABLE");
    let list = format!("--output json platform certificates {}", partner.platform);
    let signed = operator(&list).await.done().json();
    assert_eq!(signed["certificates"], serde_json::json!([]));
}

#[tokio::test]
async fn a_certificate_is_renewed_twenty_times_under_load_without_a_call_lost() {
    let partner = Arc::new(Partner::known().await);
    partner.asks().await;
    partner.signed().await;
    let (over, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let load = {
        let (partner, over, calls) = (partner.clone(), over.clone(), calls.clone());
        let client = partner.client();
        tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let read = Partner::reads(&client, &partner.platform).await;
                assert_eq!(
                    read,
                    Ok(()),
                    "after {} calls",
                    calls.load(Ordering::Relaxed)
                );
                calls.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    for _ in 0..20 {
        let before = calls.load(Ordering::Relaxed);
        // The same key: a certificate that is replaced between the reading of two files would
        // not fit another one.
        partner.signed().await;
        let started = Instant::now();
        while calls.load(Ordering::Relaxed) < before + 10 && !load.is_finished() {
            assert!(started.elapsed() < REVOKED_WAIT, "calls stand still");
            sleep(Duration::from_millis(2)).await;
        }
    }
    over.store(true, Ordering::Relaxed);
    load.await.unwrap();
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_within_seconds_and_the_next_one_holds() {
    let partner = Partner::known().await;
    partner.asks().await;
    let first = partner.signed().await;
    let open = partner.client();
    assert_eq!(Partner::reads(&open, &partner.platform).await, Ok(()));

    let revoke = format!(
        "platform revoke-certificate {} --serial {first}",
        partner.platform
    );
    let _ = operator(&revoke).await.done();

    let started = Instant::now();
    // Also on the connection that was open.
    while Partner::reads(&open, &partner.platform).await.is_ok() {
        assert!(started.elapsed() < REVOKED_WAIT, "it is still believed");
        sleep(Duration::from_millis(50)).await;
    }
    partner.signed().await;
    assert_eq!(
        Partner::reads(&partner.client(), &partner.platform).await,
        Ok(())
    );
}

#[tokio::test]
async fn all_certificates_are_revoked_only_by_who_says_yes_at_a_terminal() {
    let partner = Partner::known().await;
    partner.asks().await;
    partner.signed().await;
    let revoke = format!("platform revoke-certificate {} --all", partner.platform);
    let revoke = command(Suite::shared().home.folder(), "", &revoke);
    for (answer, code) in [("n\n", 1), ("y\n", 0)] {
        let (ended, shown) = at_terminal(120, &revoke, answer).await;
        assert!(shown.contains("revokes 1 certificate of"), "{shown}");
        assert_eq!(ended, code, "{shown}");
        let listed = format!("--output json platform certificates {}", partner.platform);
        let listed = operator(&listed).await.done().json();
        let revoked_at = listed["certificates"][0]["revoked_at"].as_str();
        assert_eq!(revoked_at != Some(""), code == 0, "{listed}");
    }
}

#[tokio::test]
async fn a_partner_begins_with_a_token_by_one_command() {
    let platform = fresh::platform("mall");
    let ask = format!("--output json platform token {platform} --add");
    let told = run(command(Suite::shared().home.folder(), "registrar", &ask)).await;
    let told = told.done().json();
    assert_eq!(told["endpoint"], Suite::shared().endpoints.usage);
    assert!(Path::new(told["ca_file"].as_str().unwrap()).exists());
    let token = told["token"].as_str().unwrap();
    assert_eq!(token.split('.').count(), 3);

    let stranger = format!("platform token {}", fresh::platform("stranger"));
    operator(&stranger).await.refused("UNKNOWN_PROFILE");
}

#[tokio::test]
async fn a_home_whose_keys_others_may_read_is_not_started_on() {
    let machine = Machine::new();
    let up = machine.up().await;
    assert_eq!(terminate(up).await.code, 0);
    let home = Home::new(Some(machine.folder.home())).unwrap();
    for folder in [home.issuer_folder(), home.tls_folder()] {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            let file = entry.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
    for file in [
        home.tls_folder().join("ca.key"),
        home.key_file(Kind::Services),
    ] {
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let ran = run(command(home.folder(), "", "up")).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("HOME_EXPOSED"), "{ran:?}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
