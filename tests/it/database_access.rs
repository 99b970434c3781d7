//! How services come by their database: one that is away, that refuses them, that changes the
//! password meanwhile.

use std::fs;
use std::time::Duration;

use gazelle_proto::registry::v1::ListPlatformsRequest;
use gazelle_tests::WAIT;
use gazelle_tests::apart::{Apart, SERVICES, own_ip};
use gazelle_tests::refusal::refused;
use gazelle_tests::report::{counts, fee, report};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::process::Command;
use tokio::time::{sleep, timeout};
use tonic::Code;

#[tokio::test]
async fn who_waits_for_the_database_stops_when_told() {
    let mut apart = Apart::new().await;
    apart.stop_database().await;
    for service in SERVICES {
        let running = apart.spawn(service, &[]);
        apart.logged(service, "waiting for the database").await;
        running.ends_well().await;
    }
}

/// Starts the database again such that roles need passwords, `gazelle_SERVICE` the one given.
async fn ask_for_passwords(apart: &mut Apart, password: &str) {
    apart.stop_database().await;
    let rules = apart.file("hba.conf");
    fs::write(
        &rules,
        "local all postgres trust\nlocal all all scram-sha-256\n",
    )
    .unwrap();
    apart.give_to_database(&rules);
    let rules = rules.display().to_string();
    apart.start_database_with(&[("hba_file", &rules)]).await;
    let mut superuser = superuser(apart).await;
    for service in SERVICES {
        alter_password(&mut superuser, service, password).await;
    }
}

async fn superuser(apart: &Apart) -> PgConnection {
    let url = apart.database_url("registry", "postgres");
    PgConnection::connect(&url).await.unwrap()
}

async fn alter_password(superuser: &mut PgConnection, service: &str, password: &str) {
    let alter = format!("alter role gazelle_{service} password '{password}'");
    superuser.execute(AssertSqlSafe(alter)).await.unwrap();
}

/// Starts a service that must give up at once, and say why.
async fn gives_up(apart: &Apart, settings: &[(&str, &str)], why: &[&str]) {
    let before = apart.spawn("registry", settings);
    let ended = before.ended().await;
    assert_eq!(ended.code, 1, "{settings:?}");
    let log = apart.log("registry");
    assert!(!log.contains("waiting for the database"), "{log}");
    let last = log.lines().last().unwrap();
    for part in why {
        assert!(last.contains(part), "{part}: {last}");
    }
}

#[tokio::test]
async fn what_no_waiting_helps_is_told_at_once() {
    let mut apart = Apart::new().await;
    ask_for_passwords(&mut apart, "sesame").await;
    let [right, wrong] = ["right", "wrong"].map(|name| apart.file(name));
    fs::write(&right, "sesame\n").unwrap();
    fs::write(&wrong, "open\n").unwrap();
    let [right, wrong] = [right, wrong].map(|file| file.display().to_string());
    let url = |service, role| apart.database_url(service, role);

    let refused = "the database refuses us";
    let cases = [
        (
            url("registry", "gazelle_registry"),
            &wrong,
            "password authentication failed",
        ),
        (url("registry", "nobody_here"), &right, "nobody_here"),
        (
            url("nothing", "gazelle_registry"),
            &right,
            "gazelle_nothing",
        ),
        (
            url("usage", "gazelle_registry"),
            &right,
            "permission denied",
        ),
    ];
    for (url, password, cause) in cases {
        let settings = [
            ("DATABASE__URL", &*url),
            ("DATABASE__PASSWORD_FILE", password),
        ];
        gives_up(&apart, &settings, &[refused, cause]).await;
    }
    let settings = [("DATABASE__PASSWORD_FILE", &*right)];
    apart.serve("registry", &settings).await.ends_well().await;
    assert!(!apart.log("registry").contains("sesame"));
}

/// Two CAs and, by the first of them, a certificate for this process's address.
const MAKE_CERTIFICATES: &str = r#"
set -e
cd "$1"
for ca in ours other; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=$ca" -keyout $ca.key -out $ca.crt
done
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=database \
    -keyout server.key -out server.csr
echo "subjectAltName=IP:$2" >names
openssl x509 -req -in server.csr -CA ours.crt -CAkey ours.key -CAcreateserial -days 2 \
    -extfile names -out server.crt
"#;

#[tokio::test]
async fn a_certificate_of_another_ca_is_told_at_once_and_that_of_ours_serves() {
    let mut apart = Apart::new().await;
    let ip = own_ip().to_string();
    let folder = apart.file("");
    let mut openssl = Command::new("sh");
    openssl
        .args(["-c", MAKE_CERTIFICATES, "make"])
        .arg(&folder)
        .arg(&ip);
    let made = openssl.output().await.unwrap();
    assert!(made.status.success(), "{made:?}");
    let file = |name: &str| {
        let file = apart.file(name);
        apart.give_to_database(&file);
        file.display().to_string()
    };
    let (certificate, key) = (file("server.crt"), file("server.key"));
    fs::write(
        apart.file("hba.conf"),
        format!("local all all trust\nhostssl all all {ip}/8 trust\n"),
    )
    .unwrap();
    let rules = file("hba.conf");
    apart.stop_database().await;
    let settings = [
        ("listen_addresses", &*ip),
        ("ssl", "on"),
        ("ssl_cert_file", &certificate),
        ("ssl_key_file", &key),
        ("hba_file", &rules),
    ];
    apart.start_database_with(&settings).await;

    let url = |ca: &str| {
        let ca = apart.file(ca).display().to_string();
        format!(
            "postgres://gazelle_registry@{ip}/gazelle_registry?sslmode=verify-full&sslrootcert={ca}"
        )
    };
    for (ca, cause) in [("other.crt", "UnknownIssuer"), ("none.crt", "No such file")] {
        let settings = [("DATABASE__URL", &*url(ca))];
        gives_up(&apart, &settings, &["sslrootcert", cause]).await;
    }
    let settings = [("DATABASE__URL", &*url("ours.crt"))];
    apart.serve("registry", &settings).await.ends_well().await;
}

/// Gives both services another password, and ends their sessions.
async fn change_passwords(apart: &Apart, password: &str) {
    let mut superuser = superuser(apart).await;
    for service in ["registry", "usage"] {
        alter_password(&mut superuser, service, password).await;
    }
    superuser
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where usename in ('gazelle_registry', 'gazelle_usage')",
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_password_is_used_without_a_restart() {
    let mut apart = Apart::new().await;
    ask_for_passwords(&mut apart, "first-secret").await;
    let file = apart.file("password");
    fs::write(&file, "first-secret\n").unwrap();
    let settings = [("DATABASE__PASSWORD_FILE", &*file.display().to_string())];
    let registry = apart.serve("registry", &settings).await;
    let usage = apart.serve("usage", &settings).await;
    let officer = apart.officer();
    let list = async || {
        let request = ListPlatformsRequest::default();
        officer.registry.clone().list_platforms(request).await
    };
    let mall = apart.platform("mall");
    let one = async |id| {
        let records = [fee(id, "shop", "COMMISSION", "2017-01-05", 1)];
        report(&mall, "mall", "2017-01", &records).await
    };
    list().await.unwrap();
    assert_eq!(counts(&one("before").await.unwrap()), (1, 0, 0));

    change_passwords(&apart, "second-secret").await;
    registry.readyz(503).await;
    refused(list().await, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    // As Kubernetes does: a whole file takes the other's place.
    let next = apart.file("next");
    fs::write(&next, "second-secret\n").unwrap();
    fs::rename(&next, &file).unwrap();

    registry.readyz(200).await;
    list().await.unwrap();
    // Writers have a pool of their own, which looks in its own time.
    let accepted = timeout(WAIT, async {
        loop {
            match one("after").await {
                Ok(answer) => return counts(&answer),
                Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status:?}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    });
    assert_eq!(accepted.await.expect("an answer in time"), (1, 0, 0));
    for (service, pools) in [("registry", 1), ("usage", 3)] {
        let log = apart.log(service);
        assert_eq!(log.matches("read again").count(), pools, "{log}");
        assert!(!log.contains("-secret"), "{log}");
    }
    for service in [registry, usage] {
        service.ends_well().await;
    }
}
