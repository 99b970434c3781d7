//! Three instances of a service, replaced one after another while they are used.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_runtime::auth::Principal;
use gazelle_tests::apart::Apart;
use gazelle_tests::held::get_period;
use gazelle_tests::receipt::receipt;
use gazelle_tests::report::{counts, fee, report, state};
use gazelle_tests::running::Running;
use tonic::Status;

const PERIOD: &str = "2017-03";

fn batch(number: i64) -> Vec<UsageRecord> {
    let one = |at: i64| {
        let id = format!("{number}/{at}");
        fee(&id, "shop", "COMMISSION", "2017-03-05", 1 + at)
    };
    (0..20).map(one).collect()
}

/// A platform that sends each call to the next instance, and once more to the one after.
struct ReportingPlatform {
    id: &'static str,
    instances: [Client; 3],
}

impl ReportingPlatform {
    async fn send(&self, number: i64) -> Result<(), Status> {
        let at = usize::try_from(number).unwrap();
        let client = |attempt: usize| &self.instances[(at + attempt) % 3];
        let sent = batch(number);
        let first = report(client(0), self.id, PERIOD, &sent).await;
        let answer = match first {
            Ok(answer) => answer,
            Err(_) => report(client(1), self.id, PERIOD, &sent).await?,
        };
        let (accepted, duplicates, refused) = counts(&answer);
        assert_eq!((accepted + duplicates, refused), (20, 0));
        Ok(())
    }

    async fn go_on(self, stop: Arc<AtomicBool>) -> (Vec<UsageRecord>, Client) {
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            self.send(number).await.expect("one retry is enough");
            number += 1;
        }
        let [client, ..] = self.instances;
        ((0..number).flat_map(batch).collect(), client)
    }
}

#[tokio::test]
async fn a_rolling_restart_fails_no_call_that_is_tried_twice() {
    let apart = Apart::new().await;
    let wait = ("SERVER__NOT_READY_WAIT_MS", "500");
    let start = async |address: SocketAddr, admin: SocketAddr| {
        let [address, admin] = [address, admin].map(|it| it.to_string());
        let settings = [
            wait,
            ("SERVER__LISTEN", &*address),
            ("ADMIN__LISTEN", &*admin),
        ];
        apart.serve("usage", &settings).await
    };
    let free = gazelle_tests::apart::free_address;
    let mut instances: Vec<Running> = Vec::new();
    for _ in 0..3 {
        instances.push(start(free(), free()).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let addresses: Vec<SocketAddr> = instances.iter().map(|it| it.address).collect();
    let working: Vec<_> = ["mall-a", "mall-b", "mall-c", "mall-d"]
        .into_iter()
        .map(|id| {
            let principal = Principal::Platform(PlatformId::parse(id).unwrap());
            let platform = ReportingPlatform {
                id,
                instances: std::array::from_fn(|at| {
                    apart.client_of_usage(principal.clone(), addresses[at])
                }),
            };
            (id, tokio::spawn(platform.go_on(stop.clone())))
        })
        .collect();

    for _ in 0..3 {
        let old = instances.remove(0);
        let (address, admin) = (old.address, old.admin);
        old.ends_well().await;
        instances.push(start(address, admin).await);
    }
    stop.store(true, Ordering::Relaxed);

    for (id, platform) in working {
        let (sent, client) = platform.await.unwrap();
        assert!(sent.len() > 20, "{id} did nothing");
        let own = receipt(id, PERIOD, &sent);
        state(&client, id, PERIOD, own.record_count, own.total_fen)
            .await
            .unwrap();
        let held = get_period(&client, id, PERIOD).await.unwrap().received;
        assert_eq!(held, Some(own), "{id}: each record once");
    }
    for instance in instances {
        instance.ends_well().await;
    }
}
