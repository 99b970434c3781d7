//! How fast usage is taken in, as ratios: `make bench`.
//!
//! All contenders run in turn, on fresh databases of one private PostgreSQL, and then again: only
//! what was measured in the same round is compared. Durability is as in production.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on ends the program"
)]

mod baseline;
mod data;
mod load;
mod report;
mod server;
mod service;
mod unnest;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use data::{Lane, Row};
use report::{Measured, Round};
use server::{Database, Server};
use service::Service;

/// The same allocator as the services have, for the writer that runs in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures ingest against its baselines.
#[derive(Debug, Parser)]
struct Args {
    /// Records of a load.
    #[arg(long, default_value_t = 1_000_000, env = "BENCH_RECORDS")]
    records: usize,
    /// Rounds, of which medians are shown.
    #[arg(long, default_value_t = 3, env = "BENCH_ROUNDS")]
    rounds: usize,
    /// Leave out the load of five times as many records.
    #[arg(long)]
    skip_5m: bool,
    /// Streams of each of the two platforms.
    #[arg(long, default_value_t = 4)]
    streams: usize,
    /// What the records are derived from.
    #[arg(long, default_value_t = 2017)]
    seed: u64,
    /// Serve gRPC + unnest + ON CONFLICT on this database instead, as a baseline.
    #[arg(long, hide = true)]
    serve_unnest: Option<String>,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Records of a message, where not said otherwise: as many as the contract allows.
const MESSAGE_RECORDS: usize = 1_000;

/// How long the latency of acknowledgements is measured.
const LATENCY_TIME: Duration = Duration::from_secs(5);

fn main() {
    let args = Args::parse();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(url) = args.serve_unnest {
        return runtime.block_on(unnest::serve(&url));
    }
    runtime.block_on(run(args));
}

async fn run(args: Args) {
    let folder = folder();
    let server = Server::start(&folder).await;
    let rows = data::rows(args.seed, args.records, false);
    let repeating = data::rows(args.seed, args.records, true);
    let loads = if args.skip_5m { 9 } else { 10 };
    let bar = ProgressBar::new(u64::try_from(args.rounds * loads).unwrap());
    let style = "{bar:30} {pos}/{len}  {msg} {elapsed}, {eta} left";
    bar.set_style(ProgressStyle::with_template(style).unwrap());

    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        rounds.push(round(&args, &server, &rows, &repeating, &bar).await);
    }
    bar.finish_and_clear();
    server.stop().await;
    report::show(&rounds, args.records);
    report::write(&rounds, &folder.join("ingest.json"));
}

/// `target/bench`.
fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap();
    target.join("bench")
}

async fn round(
    args: &Args,
    server: &Server,
    rows: &[Row],
    repeating: &[Row],
    bar: &ProgressBar,
) -> Round {
    let lanes = |rows: &[Row], size| data::lanes(rows.iter().cloned(), size, args.streams);
    let next = |what| {
        bar.set_message(what);
        bar.inc(1);
    };
    let commit_ms = server.commit_ms().await;

    next("COPY into the same table");
    let copy_same = {
        let bytes = baseline::same_table(rows);
        let database = server.fresh().await;
        baseline::copy(&database, baseline::COPY_SAME, "record", &bytes, rows.len()).await
    };
    next("COPY into the textbook table");
    let copy_text = {
        let bytes = baseline::text_table(rows);
        let database = server.fresh().await;
        baseline::create_text_table(&database).await;
        baseline::copy(
            &database,
            baseline::COPY_TEXT,
            "textbook",
            &bytes,
            rows.len(),
        )
        .await
    };
    next("our writer without gRPC");
    let own_writer = {
        let database = server.fresh().await;
        let lanes = lanes(rows, MESSAGE_RECORDS);
        baseline::own_writer(&database, lanes).await
    };
    next("gRPC + unnest + ON CONFLICT");
    let unnest = {
        let database = server.fresh().await;
        let service = Service::unnest(&database).await;
        loaded(&database, service, lanes(rows, MESSAGE_RECORDS)).await
    };
    next("end to end, and everything again");
    let (end_to_end, replay) = {
        let database = server.fresh().await;
        let service = Service::usage(&database).await;
        let first = load_once(&database, &service, lanes(rows, MESSAGE_RECORDS)).await;
        bar.inc(1);
        let again = load_once(&database, &service, lanes(rows, MESSAGE_RECORDS)).await;
        service.stop(&database).await;
        (first, again)
    };
    next("one record a message");
    let one_per_message = {
        let database = server.fresh().await;
        let service = Service::usage(&database).await;
        loaded(&database, service, lanes(&rows[..rows.len() / 5], 1)).await
    };
    next("1 % duplicates");
    let duplicates = {
        let database = server.fresh().await;
        let service = Service::usage(&database).await;
        loaded(&database, service, lanes(repeating, MESSAGE_RECORDS)).await
    };
    next("latency at half load");
    let latency_ms = {
        let database = server.fresh().await;
        let service = Service::usage(&database).await;
        let rate = end_to_end.rate() / 2.0;
        let count = data::count(rate * LATENCY_TIME.as_secs_f64()).min(rows.len());
        let lanes = lanes(&rows[..count], MESSAGE_RECORDS);
        let latency = load::paced(&service, lanes, rate).await;
        service.stop(&database).await;
        latency
    };
    let five_times = if args.skip_5m {
        None
    } else {
        next("5 times as many");
        let rows = data::rows(args.seed, 5 * args.records, false);
        let lanes = data::lanes(rows.into_iter(), MESSAGE_RECORDS, args.streams);
        let database = server.fresh().await;
        let service = Service::usage(&database).await;
        Some(loaded(&database, service, lanes).await)
    };
    Round {
        commit_ms,
        copy_same,
        copy_text,
        own_writer,
        unnest,
        end_to_end,
        replay,
        one_per_message,
        duplicates,
        latency_ms,
        five_times,
    }
}

/// Loads lanes, and stops the service.
async fn loaded(database: &Database<'_>, service: Service, lanes: Vec<Lane>) -> Measured {
    let measured = load_once(database, &service, lanes).await;
    service.stop(database).await;
    measured
}

async fn load_once(database: &Database<'_>, service: &Service, lanes: Vec<Lane>) -> Measured {
    let before = database.used(Some(service)).await;
    let answered = load::all(service, lanes).await;
    let used = database.used(Some(service)).await.since(&before);
    Measured { used, ..answered }
}
