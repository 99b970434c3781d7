//! The figures that every service shows. `deploy/metrics.md` says what each means.

use std::{future::Future, sync::LazyLock, time::Duration};

use opentelemetry::{KeyValue, global, metrics::Gauge};
use sqlx::PgPool;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::ready::Readiness;

/// Bounds of histograms of times, in seconds: from less than a commit to the longest call.
pub const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// How often figures are read from a database, and how long that may take.
const READ_PERIOD: Duration = Duration::from_secs(5);
const READ_WAIT: Duration = Duration::from_secs(2);

/// Shows how many connections of a pool are in use.
pub fn observe_pool(name: &'static str, pool: &PgPool) {
    let meter = global::meter("gazelle");
    let (watched, max) = (pool.clone(), pool.options().get_max_connections());
    meter
        .u64_observable_gauge("gazelle.db.pool.connections")
        .with_description("Connections of a pool by state; `max` is its bound")
        .with_callback(move |it| {
            let (size, idle) = (u64::from(watched.size()), watched.num_idle() as u64);
            let each = [
                ("used", size.saturating_sub(idle)),
                ("idle", idle),
                ("max", max.into()),
            ];
            for (state, count) in each {
                let labels = [KeyValue::new("pool", name), KeyValue::new("state", state)];
                it.observe(count, &labels);
            }
        })
        .build();
}

/// Shows whether what a service needs answers.
pub fn observe_readiness(service: &'static str, readiness: &Readiness) {
    let meter = global::meter("gazelle");
    let watched = readiness.clone();
    meter
        .u64_observable_gauge("gazelle.ready")
        .with_description("1 when calls should be sent here, else 0")
        .with_callback(move |it| {
            let ready = watched.refusal().is_none();
            it.observe(ready.into(), &[KeyValue::new("service", service)]);
        })
        .build();
    let watched = readiness.clone();
    meter
        .u64_observable_gauge("gazelle.dependency.up")
        .with_description("1 while a dependency answers, else 0")
        .with_callback(move |it| {
            for (name, up) in watched.dependencies() {
                let labels = [
                    KeyValue::new("service", service),
                    KeyValue::new("dependency", name),
                ];
                it.observe(up.into(), &labels);
            }
        })
        .build();
}

/// Shows the number of the last entry of a service's chain of what was done.
pub fn chain_head(service: &'static str, number: i64) {
    CHAIN_HEAD.record(number, &[KeyValue::new("service", service)]);
}

static CHAIN_HEAD: LazyLock<Gauge<i64>> = LazyLock::new(|| {
    global::meter("gazelle")
        .i64_gauge("gazelle.chain.head")
        .with_description("Number of the last entry of a service's hash chain; never falls")
        .build()
});

/// Has `read` read a service's figures from its database every few seconds, until the handle is
/// dropped. What cannot be read keeps its last value.
pub fn keep_reading<F>(
    service: &'static str,
    mut read: impl FnMut() -> F + Send + 'static,
) -> AbortOnDropHandle<()>
where
    F: Future<Output = anyhow::Result<()>> + Send,
{
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            match timeout(READ_WAIT, read()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(service, "figures cannot be read: {error:#}"),
                Err(_) => tracing::debug!(service, "figures cannot be read in time"),
            }
            sleep(READ_PERIOD).await;
        }
    }))
}
