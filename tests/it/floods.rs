//! Floods of streams and of resets, over TLS: they take little memory, and an honest client goes
//! on. Where nothing is optimised they have a part of what they have otherwise.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{StreamExt as _, TryStreamExt as _, iter};
use gazelle_tests::apart::Apart;
use gazelle_tests::binary::is_optimised;
use gazelle_tests::flood::flood;
use gazelle_tests::frames::{Dialer, Opening, Wire, addresses};
use gazelle_tests::honest::Caller;
use tokio::time::{sleep, timeout};

fn part(count: usize) -> usize {
    if is_optimised() { count } else { count / 10 }
}

/// Most streams at a time on one connection, as the service says.
const EACH: usize = 64;

/// Connections of a flood. A connection that had `EACH` streams keeps the places of all.
const CONNECTIONS: usize = 160;

/// Connections that a flood is busy with at a time.
fn at_a_time() -> usize {
    if is_optimised() { 16 } else { 2 }
}

/// Bounds what would otherwise hang; nothing waits this long.
const WAIT: Duration = Duration::from_mins(1);

/// Floods of resets differ by RPC, by when they come, and by whether a certificate was shown.
const KINDS: usize = 24;

const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const REPORT: &str = "/gazelle.usage.v1.UsageService/ReportUsage";
const LIST: &str = "/gazelle.usage.v1.UsageService/ListPeriods";

/// A stream that says at once all that it has to say: an empty message.
fn whole(path: &str) -> Opening<'_> {
    Opening {
        path,
        said: &[0; 5],
        is_whole: true,
    }
}

/// A stream that never says anything.
fn unsaid(path: &str) -> Opening<'_> {
    Opening {
        path,
        said: &[],
        is_whole: false,
    }
}

/// Asks reflection for a file of the contract, again and again: within the window that there is
/// at first.
fn asked() -> Vec<u8> {
    let symbol = b"gazelle.registry.v1.RegistryService";
    let len = u8::try_from(symbol.len()).unwrap();
    // Field 4, `file_containing_symbol`.
    let message = [&[0x22, len], &symbol[..]].concat();
    let framed = [&[0, 0, 0, 0, len + 2], &message[..]].concat();
    framed.repeat(8)
}

/// Opens so many streams in all on so many connections, on each as many as it may have at a time.
/// Those that the service does not end stay open.
async fn open(
    dialer: &Dialer,
    connections: usize,
    count: usize,
    opening: Opening<'_>,
) -> Vec<Wire> {
    let wires = iter(0..connections).map(async |_| -> io::Result<Wire> {
        // No answer is read: what there is of it the service keeps.
        let mut wire = dialer.http2_with(0).await?;
        let mut left = count.div_ceil(connections);
        while left > 0 {
            let room = left.min(EACH - wire.held());
            wire.open(room, opening).await?;
            wire.read_through().await?;
            left -= room;
        }
        Ok(wire)
    });
    let wires = wires.buffer_unordered(at_a_time()).try_collect().await;
    wires.unwrap()
}

/// Waits until no more than so many streams are left, and sees that some are.
async fn left(wires: &[Wire], most: usize) {
    let held = || wires.iter().map(Wire::held).sum::<usize>();
    let wait = async {
        while held() > most {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = timeout(WAIT, wait).await;
    assert!(waited.is_ok() && held() > 0, "{} are held", held());
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_and_reflection_of_nobody_cannot_end_a_service() {
    let apart = Arc::new(Apart::new().await);
    let registry = apart.serve("registry", &[]).await;
    let dialer = Dialer::to(&apart, &registry);
    let watches = async {
        let mut all = open(&dialer, CONNECTIONS, part(94_464), whole(WATCH)).await;
        left(&all, 64).await;
        let asking = Opening {
            said: &asked(),
            ..unsaid(REFLECTION)
        };
        for (other, opening) in addresses(9).skip(1).zip([asking, unsaid(WATCH)].repeat(4)) {
            all.extend(open(&dialer.from(other), 8, 8 * EACH, opening).await);
        }
        left(&all, 256).await;
        all
    };
    let officer = Caller::officer(&apart);
    flood("watches", &registry, &officer, watches).await;
    registry.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_opens_streams_without_end_has_a_few_and_others_go_on() {
    let apart = Arc::new(Apart::new().await);
    let usage = apart.serve("usage", &[]).await;
    let shown = apart.certified_platform("flood");
    let known = Dialer::showing(&apart, &usage, Some(&shown));
    let stranger = Dialer::to(&apart, &usage).from(addresses(2).last().unwrap());
    let streams = async {
        let mut all = open(&known, CONNECTIONS, part(40_000), unsaid(REPORT)).await;
        left(&all, 64).await;
        all.extend(open(&stranger, 32, part(10_000), unsaid(REPORT)).await);
        left(&all, 64).await;
        all
    };
    let mall = Caller::platform(&apart, "mall");
    flood("streams", &usage, &mall, streams).await;
    usage.ends_well().await;
}

/// What a flood of resets does with `EACH` streams on a connection.
async fn reset(wire: &mut Wire, kind: usize) -> io::Result<()> {
    let path = [WATCH, REPORT, LIST][kind % 3];
    match kind % 4 {
        // All at once: before the service looks at any.
        0 => wire.open_and_reset(EACH, unsaid(path)).await?,
        // By an error that the service finds.
        1 => {
            let streams = wire.open(EACH, unsaid(path)).await?;
            wire.break_rules(&streams).await?;
            wire.read_through().await?;
        }
        // Once each is under way.
        _ => {
            let streams = wire.open(EACH, unsaid(path)).await?;
            wire.read_through().await?;
            wire.reset(&streams).await?;
        }
    }
    Ok(())
}

/// Begins and resets so many streams, over new connections when the service ends one.
async fn resets(dialer: &Dialer, count: usize, kind: usize) {
    let mut left = count;
    while left > 0 {
        let mut wire = dialer.http2().await.unwrap();
        while left > 0 && !wire.is_over() {
            left = left.saturating_sub(EACH);
            if reset(&mut wire, kind).await.is_err() {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_are_reset_as_fast_as_they_are_begun_leave_nothing() {
    let apart = Arc::new(Apart::new().await);
    let usage = apart.serve("usage", &[]).await;
    let shown = apart.certified_platform("flood");
    let known = Dialer::showing(&apart, &usage, Some(&shown));
    let stranger = Dialer::to(&apart, &usage);
    let all = async {
        let each = part(200_000) / KINDS;
        let tasks = (0..KINDS).map(async |kind| {
            let dialer = if kind % 2 == 0 { &known } else { &stranger };
            resets(dialer, each, kind / 2).await;
        });
        iter(tasks)
            .buffer_unordered(at_a_time())
            .collect::<()>()
            .await;
    };
    let mall = Caller::platform(&apart, "mall");
    flood("resets", &usage, &mall, all).await;
    usage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_nothing_end_the_connection_that_they_come_on() {
    let apart = Arc::new(Apart::new().await);
    let usage = apart.serve("usage", &[]).await;
    let shown = apart.certified_platform("flood");
    let known = Dialer::showing(&apart, &usage, Some(&shown));
    let all = async {
        let frames = (0..KINDS).map(async |_| {
            let mut wire = known.http2().await.unwrap();
            let stream = wire.open(1, unsaid(REPORT)).await.unwrap()[0];
            while wire.empty_data(stream, 1_000).await.is_ok() && !wire.is_over() {}
        });
        timeout(WAIT, futures::future::join_all(frames))
            .await
            .unwrap();
    };
    let mall = Caller::platform(&apart, "mall");
    flood("frames", &usage, &mall, all).await;
    usage.ends_well().await;
}
