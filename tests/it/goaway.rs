//! A client whose certificate is taken back is told so between two frames, over TLS, however
//! large what is being answered is and however slowly it is read.

use std::time::Duration;

use gazelle_client::{Bearer, Client, Endpoints};
use gazelle_proto::usage::v1::{ListRecordsRequest, UsageRecord};
use gazelle_tests::WAIT;
use gazelle_tests::apart::Apart;
use gazelle_tests::authority::{workload, write};
use gazelle_tests::frames::{Dialer, call, greeting, next_frame};
use gazelle_tests::report::{fee, report_all};
use gazelle_tests::running::Running;
use prost::Message as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{sleep, timeout};

const PERIOD: &str = "2017-01";
const LIST: &str = "/gazelle.usage.v1.UsageService/ListRecords";

/// Each is answered by a page of some 300 KiB in one frame; together they are more than what the
/// sockets of two ends hold, and no more calls are read while an answer cannot be written.
const CALLS: u32 = 24;

/// The settings `INITIAL_WINDOW_SIZE` and `MAX_FRAME_SIZE`: as much as there can be.
const ALL_AT_ONCE: [(u16, u32); 2] = [(4, i32::MAX.cast_unsigned()), (5, (1 << 24) - 1)];

const DATA: u8 = 0;

/// No new calls (kind 7), all that came are answered, no error (RFC 9113, 6.8).
const GOAWAY: [u8; 17] = [
    0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0,
];

/// A thousand records with ids as long as they may be.
fn long_records() -> Vec<UsageRecord> {
    let record = |at: i32| {
        let id = format!("{at:0>128}");
        fee(&id, &id, "COMMISSION", "2017-01-05", 1)
    };
    (0..1_000).map(record).collect()
}

/// How many times a figure was counted.
async fn counted(usage: &Running, figure: [&str; 2]) -> u64 {
    let metrics = usage.get("/metrics").await.unwrap().1;
    let is_it = |line: &&str| figure.iter().all(|it| line.contains(it));
    let value = |line: &str| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap();
    metrics.lines().filter(is_it).map(value).sum()
}

/// Waits until no more calls are answered: what is not read is in the way.
async fn blocked(usage: &Running) {
    let listed = ["gazelle_rpc_duration_seconds_count", "ListRecords\""];
    let mut last = 0;
    loop {
        sleep(Duration::from_secs(2)).await;
        let now = counted(usage, listed).await;
        if now > 0 && now == last {
            return;
        }
        last = now;
    }
}

/// Waits until a connection ends because its certificate holds no more.
async fn ends(usage: &Running) {
    while counted(usage, ["gazelle_tls_handshakes_total", "\"ENDED\""]).await == 0 {
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_reads_slowly_is_told_of_the_end_between_two_frames() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let [file, other] = ["mall", "other"].map(|name| apart.file(&format!("{name}.pem")));
    let mall = apart.clients.certify(workload("platform/mall"));
    mall.write(&file);
    apart
        .clients
        .certify(workload("platform/mall"))
        .write(&other);
    let endpoints = Endpoints {
        certificate_file: Some(other.clone()),
        key_file: Some(other),
        ..apart.all_endpoints()
    };
    let client = Client::new(&endpoints, &Bearer::none()).unwrap();
    report_all(&client, "mall", PERIOD, &long_records()).await;
    let page = ListRecordsRequest {
        platform_id: "mall".to_owned(),
        period: PERIOD.to_owned(),
        page_size: 1_000,
        ..ListRecordsRequest::default()
    };
    let dialer = Dialer::showing(&apart, &usage, Some(&file));
    let mut stream = dialer.narrow_tls().await.unwrap();
    let mut said = greeting(&ALL_AT_ONCE);
    for at in 0..CALLS {
        said.extend(call(1 + 2 * at, LIST, &page.encode_to_vec()));
    }
    stream.write_all(&said).await.unwrap();
    stream.flush().await.unwrap();
    timeout(WAIT, blocked(&usage)).await.unwrap();

    write(
        &apart.file("clients-crl.pem"),
        &apart.clients.revoked(&[&mall]),
    );
    timeout(WAIT, ends(&usage)).await.unwrap();

    let (mut large, mut told) = (0, 0);
    while let Ok(frame) = timeout(WAIT, next_frame(&mut stream)).await.unwrap() {
        assert!(frame[3] <= 9, "no frame begins here: {:?}", &frame[..9]);
        large += u32::from(frame[3] == DATA && frame.len() > 250_000);
        if frame[3] == GOAWAY[3] {
            assert_eq!(frame, GOAWAY);
            told += 1;
        }
    }
    assert_eq!(told, 1, "{large} of {CALLS} answers");
    assert!(large > 0, "what had been answered came");
    usage.ends_well().await;
}
