//! The three services as processes of their own, configured by the samples in `deploy/config`.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gazelle_cli::client::{Bearer, Client};
use gazelle_cli::embedded::Postgres;
use gazelle_cli::profile::Endpoints;
use gazelle_kernel::PlatformId;
use gazelle_proto::settlement::v1::{ApplyProgramRequest, ComputeRunRequest};
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_runtime::issuer::Issuer;
use gazelle_tests::binary::{self, finish};
use gazelle_tests::city::program;
use gazelle_tests::report::{counts, fee, report, seal, state};
use gazelle_tests::suite::{Folder, person};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const SERVICES: [&str; 3] = ["registry", "usage", "settlement"];
const WAIT: Duration = Duration::from_mins(1);

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// The sample of a service, with the names of this place in it.
fn configuration(
    service: &str,
    addresses: &[SocketAddr; 3],
    postgres: &Postgres,
    folder: &Path,
) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sample = root.join(format!("deploy/config/{service}.toml"));
    let mut text = fs::read_to_string(sample).unwrap();
    let database = format!("gazelle_{service}");
    let owner = format!("{database}_owner");
    let at = |name| addresses[SERVICES.iter().position(|it| *it == name).unwrap()];
    let port = 7001 + SERVICES.iter().position(|it| *it == service).unwrap();
    let mut put = |name: &str, value: &str| {
        assert!(text.contains(name), "the sample of {service} has no {name}");
        text = text.replace(name, value);
    };
    put(&format!("0.0.0.0:{port}"), &at(service).to_string());
    for role in [&database, &owner] {
        let url = format!("\"postgres://{role}@localhost/{database}\"");
        put(&url, &format!("\"{}\"", postgres.url(&database, role)));
    }
    let file = |name| folder.join(name).display().to_string();
    put("/etc/gazelle/jwks.json", &file("jwks.json"));
    if service == "settlement" {
        put("/etc/gazelle/token", &file("token"));
        put(
            "http://registry:7001",
            &format!("http://{}", at("registry")),
        );
        put("http://usage:7002", &format!("http://{}", at("usage")));
    }
    text
}

fn command(service: &str, verb: &str, folder: &Path) -> Command {
    let mut command = Command::new(binary::path().with_file_name(format!("gazelle-{service}")));
    command
        .arg(verb)
        .arg("--config")
        .arg(folder.join(format!("{service}.toml")))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn serving(address: SocketAddr) {
    let check = async || {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let mut health = HealthClient::new(endpoint.connect().await.ok()?);
        health.check(HealthCheckRequest::default()).await.ok()
    };
    let wait = async {
        while check().await.is_none() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(WAIT, wait).await.expect("it serves in time");
}

async fn ends_well(child: Child) {
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let ran = finish(child).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[tokio::test]
async fn three_processes_settle_together_and_end_when_told() {
    let folder = Folder::new();
    let home = folder.home();
    fs::create_dir(&home).unwrap();
    let postgres = Postgres::start(&home).await.unwrap();
    let issued_by = ("https://identity.example", "gazelle");
    let key = folder.file("key.pem");
    let issuer = || Issuer::open(&key, issued_by.0, issued_by.1, Clock::system()).unwrap();
    fs::write(folder.file("jwks.json"), issuer().jwks()).unwrap();
    let settlement = Principal::Service("settlement".to_owned());
    let token = issuer()
        .mint(&settlement, time::Duration::hours(1))
        .unwrap();
    fs::write(folder.file("token"), token).unwrap();

    let addresses: [SocketAddr; 3] = std::array::from_fn(|_| free_address());
    let mut running = Vec::new();
    for (service, address) in SERVICES.into_iter().zip(addresses) {
        let database = format!("gazelle_{service}");
        let owner = format!("{database}_owner");
        postgres
            .ensure_database(&database, &owner, &database)
            .await
            .unwrap();
        let text = configuration(service, &addresses, &postgres, folder.path());
        fs::write(folder.file(&format!("{service}.toml")), text).unwrap();
        for verb in ["check", "migrate"] {
            let ran = binary::run(command(service, verb, folder.path())).await;
            assert_eq!(ran.code, 0, "{service} {verb}: {ran:?}");
        }
        running.push(command(service, "serve", folder.path()).spawn().unwrap());
        serving(address).await;
    }

    let endpoints = Endpoints {
        registry: format!("http://{}", addresses[0]),
        usage: format!("http://{}", addresses[1]),
        settlement: format!("http://{}", addresses[2]),
        ca_file: None,
    };
    let client = |principal| {
        Client::new(
            &endpoints,
            &Bearer::minted(issuer(), principal, Clock::system()),
        )
        .unwrap()
    };
    let mall = client(Principal::Platform(PlatformId::parse("mall").unwrap()));
    let officer = client(person("officer", &[Role::Officer]));
    let fee = fee("r-1", "shop", "COMMISSION", "2017-01-05", 1_000);
    let answer = report(&mall, "mall", "2017-01", &[fee]).await.unwrap();
    assert_eq!(counts(&answer), (1, 0, 0));
    state(&mall, "mall", "2017-01", 1, 1_000).await.unwrap();
    seal(&officer, "mall", "2017-01").await.unwrap();
    let apply = ApplyProgramRequest {
        program: Some(program("apart", &[])),
    };
    officer.programs.clone().apply_program(apply).await.unwrap();
    let compute = ComputeRunRequest {
        program_id: "apart".to_owned(),
        through: "2017-01".to_owned(),
        year: 0,
    };
    let answer = officer.runs.clone().compute_run(compute).await.unwrap();
    let totals = answer.into_inner().run.unwrap().totals.unwrap();
    assert_eq!((totals.in_scope_fen, totals.excluded_fen), (1_000, 1_000));

    for child in running {
        ends_well(child).await;
    }
    postgres.stop().await.unwrap();
}
