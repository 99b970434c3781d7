//! An honest client that goes on calling, whatever else happens to a service.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use gazelle_client::{Bearer, Client};
use gazelle_proto::registry::v1::ListPlatformsRequest;
use gazelle_proto::settlement::v1::ListProgramsRequest;
use gazelle_proto::usage::v1::ListPeriodsRequest;
use tokio::time::sleep;
use tonic::Status;

use crate::apart::Apart;

/// Between two calls.
const PAUSE: Duration = Duration::from_millis(5);

/// Each so many calls, one comes over a connection of its own.
const NEW_EACH: usize = 20;

/// Who calls, and what.
#[derive(Clone)]
pub struct Caller {
    /// Makes a connection.
    pub connect: Arc<dyn Fn() -> Client + Send + Sync>,
    /// Makes a call.
    pub call: fn(Client) -> BoxFuture<'static, Result<(), Status>>,
    /// Whether calls come over new connections, too.
    pub makes_new: bool,
}

impl Caller {
    /// An officer, who shows a token to the registry.
    #[must_use]
    pub fn officer(apart: &Arc<Apart>) -> Self {
        let apart = apart.clone();
        Self {
            connect: Arc::new(move || apart.officer()),
            call: |mut client| {
                Box::pin(async move {
                    let request = ListPlatformsRequest::default();
                    client.registry.list_platforms(request).await.map(drop)
                })
            },
            makes_new: true,
        }
    }

    /// An officer, who shows a token to settlement.
    #[must_use]
    pub fn officer_of_programs(apart: &Arc<Apart>) -> Self {
        Self {
            call: |mut client| {
                Box::pin(async move {
                    let request = ListProgramsRequest::default();
                    client.programs.list_programs(request).await.map(drop)
                })
            },
            ..Self::officer(apart)
        }
    }

    /// A platform, which shows a certificate to usage.
    #[must_use]
    pub fn platform(apart: &Arc<Apart>, id: &str) -> Self {
        let name = apart.certified_platform(id);
        let apart = apart.clone();
        Self {
            connect: Arc::new(move || {
                let mut endpoints = apart.all_endpoints();
                endpoints.certificate_file = Some(name.clone());
                endpoints.key_file = Some(name.clone());
                Client::new(&endpoints, &Bearer::none()).unwrap()
            }),
            call: |mut client| {
                Box::pin(async move {
                    let request = ListPeriodsRequest::default();
                    client.usage.list_periods(request).await.map(drop)
                })
            },
            makes_new: true,
        }
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// What became of its calls.
#[derive(Debug, Default)]
pub struct Calls {
    /// How long those took that came over the connection that it keeps.
    pub kept: Vec<Duration>,
    /// The same of those over new connections, with the handshake.
    pub new: Vec<Duration>,
    /// Why those failed that did.
    pub failed: Vec<String>,
}

impl Calls {
    /// The shortest time that so many of a hundred calls over the kept connection did not exceed.
    #[must_use]
    pub fn kept_percentile(&self, percent: usize) -> Duration {
        percentile(&self.kept, percent)
    }
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or_default()
}

impl std::fmt::Display for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} calls, {} over new connections, {} failed; p50 {:.1?}, p99 {:.1?}, new p99 {:.1?}",
            self.kept.len(),
            self.new.len(),
            self.failed.len(),
            self.kept_percentile(50),
            self.kept_percentile(99),
            percentile(&self.new, 99),
        )
    }
}

/// It calls, on a thread of its own: a flood from this process must not slow it down here.
#[derive(Debug)]
pub struct Honest {
    stop: Arc<AtomicBool>,
    calls: Arc<Mutex<Calls>>,
    thread: JoinHandle<()>,
}

impl Honest {
    /// Calls from now on.
    #[must_use]
    pub fn start(caller: &Caller) -> Self {
        let (stop, calls) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Calls>>::default());
        let (stopped, made, caller) = (stop.clone(), calls.clone(), caller.clone());
        let thread = thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(go_on(&caller, &stopped, &made));
        });
        Self {
            stop,
            calls,
            thread,
        }
    }

    /// What became of the calls since the last time that somebody asked.
    #[must_use]
    pub fn lap(&self) -> Calls {
        mem::take(&mut self.calls.lock().unwrap())
    }

    /// Lets it end its call, and tells what became of those since the last time.
    pub async fn stop(self) -> Calls {
        self.stop.store(true, Ordering::Relaxed);
        let joined = tokio::task::spawn_blocking(|| self.thread.join());
        joined.await.unwrap().unwrap();
        mem::take(&mut self.calls.lock().unwrap())
    }
}

async fn go_on(caller: &Caller, stopped: &AtomicBool, made: &Mutex<Calls>) {
    let kept = (caller.connect)();
    for number in 0.. {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        let is_new = caller.makes_new && number % NEW_EACH == NEW_EACH - 1;
        let began = Instant::now();
        let client = if is_new {
            (caller.connect)()
        } else {
            kept.clone()
        };
        let result = (caller.call)(client).await;
        let took = began.elapsed();
        let keep = |calls: &mut Calls| match result {
            Err(status) => calls.failed.push(format!("call {number}: {status:?}")),
            Ok(()) if is_new => calls.new.push(took),
            // The connection is made by the first.
            Ok(()) if number == 0 => {}
            Ok(()) => calls.kept.push(took),
        };
        keep(&mut made.lock().unwrap());
        sleep(PAUSE).await;
    }
}
