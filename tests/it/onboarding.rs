//! How a platform begins with a suite of one machine: known, with a token, then with certificates
//! that are renewed and revoked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use gazelle_cli::profile::Home;
use gazelle_client::{Bearer, Client, Endpoints};
use gazelle_proto::usage::v1::GetPeriodRequest;
use gazelle_tests::binary::{Ran, command, run};
use gazelle_tests::desk::{Desk, USAGE_HEADER};
use gazelle_tests::fresh;
use gazelle_tests::machine::{Machine, terminate};
use gazelle_tests::suite::Suite;
use tokio::process::Command;
use tokio::time::{Instant, sleep};
use tonic::Code;

/// A revocation is honoured within this; it takes a second or two.
const REVOKED_WAIT: Duration = Duration::from_secs(20);

/// A partner with a folder of their own: its key never goes anywhere else.
struct Partner {
    desk: Desk,
    platform: String,
}

impl Partner {
    /// One whose platform the registrar has made known.
    async fn known() -> Self {
        let partner = Self {
            desk: Desk::new(),
            platform: fresh::platform("mall"),
        };
        let add = format!("platform add {} --reports-from 2025-01", partner.platform);
        let _ = partner.desk.gazelle("registrar", &add).await.done();
        partner
    }

    fn file(&self, name: &str) -> PathBuf {
        self.desk.folder().join(name)
    }

    /// Makes a key and a request as its guide says, and asks for far more than it gets.
    async fn asks(&self) {
        let made = Command::new("openssl")
            .args(["req", "-new", "-newkey", "ec", "-nodes"])
            .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-subj", "/CN=service:settlement"])
            .args([
                "-addext",
                "subjectAltName=URI:spiffe://gazelle.local/platform/other",
            ])
            .arg("-keyout")
            .arg(self.file("key.pem"))
            .arg("-out")
            .arg(self.file("request.pem"))
            .output()
            .await
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    /// Has the request signed, and returns the certificate's serial number.
    async fn signed(&self) -> String {
        let sign = format!(
            "--output json platform certificate {} --csr {} --out {}",
            self.platform,
            self.file("request.pem").display(),
            self.file("certificate.pem").display()
        );
        let signed = operator(&sign).await.done().json();
        signed["serial"].as_str().unwrap().to_owned()
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints {
            certificate_file: Some(self.file("certificate.pem")),
            key_file: Some(self.file("key.pem")),
            ..Suite::shared().endpoints.clone()
        }
    }

    /// Clients that show the certificate and no token.
    fn client(&self) -> Client {
        Client::new(&self.endpoints(), &Bearer::none()).unwrap()
    }

    /// Asks for a month of a platform; the answer that there is none yet is an answer too.
    async fn reads(client: &Client, platform: &str) -> Result<(), Code> {
        let request = GetPeriodRequest {
            platform_id: platform.to_owned(),
            period: "2025-01".to_owned(),
        };
        match client.usage.clone().get_period(request).await {
            Ok(_) => Ok(()),
            Err(status) if status.code() == Code::NotFound => Ok(()),
            Err(status) => Err(status.code()),
        }
    }
}

/// Whoever runs the machine, as nobody in particular.
async fn operator(arguments: &str) -> Ran {
    run(command(Suite::shared().home.folder(), "", arguments)).await
}

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
        home.issuer_folder().join("key.der"),
    ] {
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let ran = run(command(home.folder(), "", "up")).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("HOME_EXPOSED"), "{ran:?}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
