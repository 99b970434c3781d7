//! A service under a flood: what it takes of memory, how an honest client fares, and whether it is
//! quiet again afterwards.

use std::fs;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::honest::{Caller, Calls, Honest};
use crate::memory::{Grown, resident_mib};
use crate::running::Running;

/// What a service may take more of memory while it is flooded.
const GROWTH_MAX_MIB: f64 = 64.0;

/// How long the honest client calls before the flood begins, and at least from its begin on.
const CALM: Duration = Duration::from_secs(2);

/// A service is quiet when it uses less than this part of a processor for a second.
const QUIET_TICKS: u64 = 10;
const QUIET_SPAN: Duration = Duration::from_secs(1);

/// Bounds what would otherwise hang; nothing waits this long.
const WAIT: Duration = Duration::from_mins(1);

/// Floods a service while an honest client calls it. What `flood` hands on is held until the
/// client's last call was answered, and let go then.
///
/// Fails where memory grew by too much, the client saw a failure, the service was not quiet
/// afterwards, or did not serve any more. How long the calls took is printed, and nothing else:
/// other programs of the machine have a part in it.
pub async fn flood<T>(
    name: &str,
    service: &Running,
    caller: &Caller,
    flood: impl Future<Output = T>,
) {
    let pid = service.pid();
    let honest = Honest::start(caller);
    sleep(CALM).await;
    let calm = honest.lap();
    let grown = Grown::since_now(pid);
    let before = resident_mib(pid);

    let began = Instant::now();
    let held = flood.await;
    let took = began.elapsed();
    let peak = resident_mib(pid);
    // Of a few calls the slowest says nothing of one in a hundred.
    sleep(CALM.saturating_sub(took)).await;
    let under_flood = honest.stop().await;
    drop(held);
    let ticks = quiet(pid).await;

    let (grown, after) = (grown.mib(), resident_mib(pid));
    report(
        &format!("{name}, {took:.1?}"),
        [before, peak, after, grown],
        [&calm, &under_flood],
        ticks,
    );
    assert_eq!((calm.failed, under_flood.failed), (vec![], vec![]));
    assert!(grown <= GROWTH_MAX_MIB, "{grown} MiB more");
    (caller.call)((caller.connect)()).await.unwrap();
}

#[expect(clippy::print_stdout, reason = "figures for who runs the tests")]
fn report(name: &str, mib: [f64; 4], [calm, under_flood]: [&Calls; 2], ticks: u64) {
    let [before, held, after, grown] = mib;
    println!(
        "{name}: {before:.1} MiB before, {grown:.1} more at most, {held:.1} at its end, {after:.1} \
         after\n  before: {calm}\n  during: {under_flood}\n  after: {ticks} ticks of the \
         processor a second"
    );
}

/// Waits until a process is quiet; returns what it still uses, in ticks a second.
async fn quiet(pid: u32) -> u64 {
    let wait = async {
        loop {
            let before = ticks(pid);
            sleep(QUIET_SPAN).await;
            let used = ticks(pid) - before;
            if used < QUIET_TICKS {
                return used;
            }
        }
    };
    timeout(WAIT, wait).await.expect("quiet in time")
}

/// What a process has used of the processor, in user mode and for it in the system: the 14th and
/// the 15th field, counted from behind its name, which may have spaces.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields = fields.split(' ').skip(11).take(2);
    fields.map(|field| field.parse::<u64>().unwrap()).sum()
}
