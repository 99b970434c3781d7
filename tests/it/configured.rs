//! What a service says of its configuration and of its tables before it serves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use gazelle_cli::authority::Authority;
use gazelle_cli::profile::Home;
use gazelle_tests::apart::{Apart, SERVICES, command_with};
use gazelle_tests::binary;
use rcgen::{KeyPair, PKCS_ED25519};
use sqlx::{Connection as _, Executor as _, PgConnection};

#[tokio::test]
async fn a_check_names_what_is_wrong() {
    let apart = Apart::new().await;
    for service in SERVICES {
        let cases = [
            (("LIMITS__CALLS_PER_CALER", "1"), "calls_per_caler"),
            (("TELEMETRY__OTLP_ENDPOINTS", "http://a"), "otlp_endpoints"),
            (("SERVER__NOT_READY_WAIT_MS", "6000"), "not_ready_wait_ms"),
            (("AUTH__PLATFORMS", "both"), "both"),
            (
                ("AUTH__REVOKED_FILE", "/nowhere/revoked"),
                "/nowhere/revoked",
            ),
            (
                ("DATABASE__PASSWORD_FILE", "/nowhere/password"),
                "/nowhere/password",
            ),
        ];
        for (setting, named) in cases {
            let ran = apart.run(service, "check", &[setting]).await;
            assert_eq!(ran.code, 1, "{service} {setting:?}");
            assert!(ran.stderr.contains(named), "{service}: {}", ran.stderr);
        }
    }
}

#[tokio::test]
async fn what_issue_certificate_writes_is_read_by_every_service() {
    let apart = Apart::new().await;
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../deploy/config/issue-certificate"
    );
    let own = apart.file("own");
    let issue = |words: &[&str]| {
        let mut command = std::process::Command::new(script);
        let ran = command.arg(&own).args(words).output().unwrap();
        assert!(ran.status.success(), "{words:?}: {ran:?}");
    };
    let shown = own.join("shown");
    let shown = shown.to_str().unwrap();
    let revoked = format!("{shown}.crt");
    for words in [
        &["authority"][..],
        &["service", "settlement", shown],
        &["revoke", &revoked],
    ] {
        issue(words);
        fs::copy(own.join("ca.crt"), apart.file("clients-ca.pem")).unwrap();
        fs::copy(own.join("revoked.pem"), apart.file("clients-crl.pem")).unwrap();
        for service in SERVICES {
            let ran = apart.run(service, "check", &[]).await;
            assert_eq!(ran.code, 0, "{service} after {words:?}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn a_check_refuses_a_payer_that_no_bank_would_take() {
    let apart = Apart::new().await;
    let payer = [
        ("PAYER__ACCOUNT_NAME", "杭州市财政局"),
        ("PAYER__ACCOUNT_NUMBER", "3300-0001"),
        ("PAYER__BANK_CODE", "102331002026"),
    ];
    let ran = apart.run("settlement", "check", &payer).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    for (at, wrong, named) in [
        (0, "  ", "name"),
        (1, "12", "5 to 34 digits"),
        (2, "1023", "CNAPS"),
    ] {
        let mut payer = payer;
        payer[at].1 = wrong;
        let ran = apart.run("settlement", "check", &payer).await;
        assert_eq!(ran.code, 1, "{payer:?}");
        assert!(ran.stderr.contains(named), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_service_refuses_tables_that_it_does_not_know_and_says_what_to_do() {
    let apart = Apart::new().await;
    let refused = async |service: &'static str, says: &str| {
        let ended = apart.spawn(service, &[]).ended().await;
        assert_eq!(ended.code, 1, "{service}");
        let log = apart.log(service);
        let last = log.lines().last().unwrap();
        assert!(last.contains(says), "{last}");
    };
    for service in SERVICES {
        let url = apart.database_url(service, "postgres");
        let mut superuser = PgConnection::connect(&url).await.unwrap();
        // The next release added something: this one still serves, also when it is migrated.
        superuser
            .execute(
                "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (99, 'of the next release', true, '', 0)",
            )
            .await
            .unwrap();
        let migrated = apart.run(service, "migrate", &[]).await;
        assert_eq!(migrated.code, 0, "{migrated:?}");
        if service == "registry" {
            apart.serve(service, &[]).await.ends_well().await;
        }

        // The one after took away what this one uses.
        let taken_away = "update schema_floor set migration = 99";
        superuser.execute(taken_away).await.unwrap();
        refused(service, "serve with a newer version").await;

        let older = "update schema_floor set migration = 1; \
                     delete from _sqlx_migrations where version > 2";
        superuser.execute(older).await.unwrap();
        refused(service, &format!("run `gazelle-{service} migrate`")).await;

        let none = "drop table _sqlx_migrations";
        superuser.execute(none).await.unwrap();
        refused(service, &format!("run `gazelle-{service} migrate`")).await;
    }
}

/// A sample with what it only shows in comments.
fn with_what_is_commented(sample: &str) -> String {
    let shown = |line: &str| {
        let key = |it: &str| {
            it.split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '))
        };
        let setting = line.strip_prefix('#')?;
        (setting.starts_with('[') || key(setting)).then(|| setting.to_owned())
    };
    let lines = sample.lines();
    let lines = lines.map(|line| shown(line).unwrap_or_else(|| line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_the_samples_only_show_is_understood_too() {
    let apart = Apart::new().await;
    for service in SERVICES {
        let sample = fs::read_to_string(apart.file(&format!("{service}.toml"))).unwrap();
        let mut text = with_what_is_commented(&sample);
        let sections: &[&str] = match service {
            "settlement" => &["\n[payer]\naccount_name = ", "\n[telemetry]\n"],
            _ => &["\n[telemetry]\n"],
        };
        for section in sections {
            assert!(text.contains(section), "{service} shows no {section:?}");
        }
        let some = apart.file("token").display().to_string();
        for file in ["database-password", "database-owner-password"] {
            text = text.replace(&format!("/etc/gazelle/{file}"), &some);
        }
        let revoked = apart.file("revoked").display().to_string();
        text = text.replace("/etc/gazelle/revoked", &revoked);
        let key = apart.file("audit.pem");
        let made = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        fs::write(&key, made.serialize_pem()).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        let named = format!("/etc/gazelle/audit-{service}.pem");
        text = text.replace(&named, &key.display().to_string());
        let here = apart.file("uncommented.toml");
        fs::write(&here, &text).unwrap();
        let ran = binary::run(command_with(&here, service, "check", &[])).await;
        assert_eq!(ran.code, 0, "{service}: {}", ran.stderr);
    }
}

/// The files below a folder that end so, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What manifests set in the environment of our processes: names, each with its value, in the
/// one form that they have there, `{name: NAME, value: "VALUE"}`.
fn settings(manifests: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in files(manifests, "yaml") {
        let text = fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("GAZELLE_") {
            let here = &text[at..];
            let end = here.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let (name, rest) = here.split_at(end.unwrap());
            let value = rest
                .strip_prefix(", value: \"")
                .and_then(|it| it.split_once('"'));
            let (value, _) = value.unwrap_or_else(|| panic!("{}: {name}", file.display()));
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found
}

#[tokio::test]
async fn what_the_manifests_configure_is_understood() {
    let apart = Apart::new().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifests = root.join("deploy/kubernetes");
    let settings = settings(&manifests);
    let mut checked = BTreeSet::new();
    let mut set = 0;
    let authority = Home::new(Some(apart.file("authority"))).unwrap();
    let authority = Authority::ensure(&authority).unwrap();
    authority.renew(&[]).unwrap();
    for file in files(&manifests, "toml") {
        let service = file.file_stem().and_then(|stem| stem.to_str()).unwrap();
        let service = SERVICES.iter().find(|it| **it == service).unwrap();
        // What is mounted there is here.
        let mut text = fs::read_to_string(&file).unwrap();
        for (mounted, here) in [
            ("/etc/gazelle/identity/jwks.json", "jwks.json"),
            ("/etc/gazelle/identity/workloads.json", "workloads.json"),
            ("/etc/gazelle/tls/tls.crt", "authority/tls/server.pem"),
            ("/etc/gazelle/tls/tls.key", "authority/tls/server.pem"),
            ("/etc/gazelle/tls/ca.crt", "authority/ca.pem"),
            (
                "/etc/gazelle/client/tls.crt",
                "authority/tls/settlement.pem",
            ),
            (
                "/etc/gazelle/client/tls.key",
                "authority/tls/settlement.pem",
            ),
            ("/etc/gazelle/client/ca.crt", "authority/ca.pem"),
            ("/etc/gazelle/database/password", "token"),
            ("/etc/gazelle/database-owner/password", "token"),
        ] {
            text = text.replace(mounted, &apart.file(here).display().to_string());
        }
        let here = apart.file("mounted.toml");
        fs::write(&here, text).unwrap();

        let mut command = command_with(&here, service, "check", &[]);
        let prefix = format!("GAZELLE_{}_", service.to_uppercase());
        let ours = settings
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix));
        command.envs(ours.clone());
        let ran = binary::run(command).await;
        assert_eq!(ran.code, 0, "{}: {}", file.display(), ran.stderr);
        if checked.insert(*service) {
            set += ours.count();
        }
    }
    assert_eq!(checked.len(), SERVICES.len());
    assert!(
        set > 0 && set == settings.len(),
        "not of ours: {settings:?}"
    );
}
