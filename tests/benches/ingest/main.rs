//! How fast usage is taken in, sealed and settled, as ratios: `make bench`.
//!
//! All contenders run in turn, each on empty tables of a private PostgreSQL, and then again: only
//! what was measured in the same round is compared, and medians are shown. Durability is as in
//! production. A figure that misses its goal is reported, and is no failure.

#![expect(
    clippy::unwrap_used,
    reason = "what the records were made with is known; all else is an error that says why"
)]
#![expect(
    clippy::print_stdout,
    reason = "what it says is for the person who waits"
)]

mod baseline;
mod data;
mod figure;
mod figures;
mod imports;
mod load;
mod measured;
mod payments;
mod progress;
mod report;
mod rounds;
mod server;
mod service;
mod settlement;
mod unnest;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;

use data::{Hundredth, Shape};
use figure::Results;
use progress::Progress;
use rounds::Loads;
use server::Servers;

/// Measures ingest against its baselines.
#[derive(Debug, Parser)]
struct Args {
    /// Records of a load.
    #[arg(long, default_value_t = 1_000_000, env = "BENCH_RECORDS")]
    records: usize,
    /// Rounds, of which medians are shown.
    #[arg(long, default_value_t = 3, env = "BENCH_ROUNDS")]
    rounds: usize,
    /// Leave out what takes five times as many records: the large loads, the month and the year.
    #[arg(long)]
    skip_5m: bool,
    /// Leave out the rounds: only the month's seal, the year's settlement and the payments.
    #[arg(long)]
    skip_rounds: bool,
    /// Payees of the order that is paid; 0 leaves out the payments.
    #[arg(long, default_value_t = 100_000, env = "BENCH_PAYEES")]
    payees: usize,
    /// Streams of each of the two platforms, each on a connection of its own.
    #[arg(long, default_value_t = 2)]
    streams: usize,
    /// Fees of a merchant and kind on a day on which it trades: how far totals are below records.
    #[arg(long, default_value_t = 9)]
    fees_a_day: usize,
    /// What the records are derived from.
    #[arg(long, default_value_t = 2017)]
    seed: u64,
    /// Where the databases go while it runs; `bench` in the target folder where not given.
    #[arg(long, env = "BENCH_HOME")]
    home: Option<PathBuf>,
    /// Serve gRPC + unnest + ON CONFLICT on this database instead, as a baseline.
    #[arg(long, hide = true)]
    serve_unnest: Option<String>,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe benchmark cannot go on: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(url) = &args.serve_unnest {
        return runtime.block_on(unnest::serve(url));
    }
    ensure!(
        args.records >= 10_000,
        "fewer than 10000 records say nothing"
    );
    ensure!(args.rounds >= 1, "no round, no figures");
    ensure!(
        (1..=16).contains(&args.streams),
        "a platform has 1 to 16 streams"
    );
    ensure!(
        args.fees_a_day >= 1,
        "a day on which a merchant trades has a fee"
    );
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(3).context("no target folder")?;
    let results_file = target.join("bench/ingest.json");
    fs::create_dir_all(target.join("bench"))?;
    let folder = args.home.clone().unwrap_or_else(|| target.join("bench"));
    let folder = folder.join("run");
    if folder.exists() {
        // A run that was interrupted left it.
        runtime.block_on(clean_up(&folder));
    }
    fs::create_dir_all(&folder)?;
    let folder = fs::canonicalize(folder)?;
    announce(args, &folder)?;

    let measured = runtime.block_on(async {
        tokio::select! {
            measured = measure(args, &folder) => measured,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        }
    });
    if measured.is_err() {
        keep_logs(&folder, &target.join("bench"));
    }
    runtime.block_on(clean_up(&folder));
    let results = measured?;
    report::write(&results, &results_file)?;
    report::show(&results, &results_file)
}

/// Says what is going to happen, and sees that the machine has room for it.
fn announce(args: &Args, folder: &Path) -> Result<()> {
    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
    let millions = data::real(args.records) / 1e6;
    let large = if args.skip_5m { 0.0 } else { 5.0 * millions };
    let rounds = if args.skip_rounds { 0 } else { args.rounds };
    let buffers_mib = server::ample_buffers_mib()?;
    // A load and what is around it, as measured on two cores.
    let round_seconds = 25.0 + 50.0 * millions + 8.0 * large;
    let payees_100k = data::real(args.payees) / 1e5;
    let seconds =
        data::real(rounds) * round_seconds + 30.0 * millions + 60.0 * large + 240.0 * payees_100k;
    // Tables, their log, and what is kept of the log for the next load.
    let disk_gib = 2.0 + 1.2 * millions + 1.2 * large + 2.0 * payees_100k;
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let memory_gib = buffers_mib as f64 / 1024.0 + 1.0 + 0.8 * millions + 0.25 * large;
    println!(
        "Ingest benchmark: {rounds} rounds of {} records{}.\n\
         Takes about {:.0} minutes on two cores, {disk_gib:.0} GiB of disk in {}, \
         {memory_gib:.0} GiB of memory.\n\
         PostgreSQL has shared_buffers {buffers_mib} MiB, min_wal_size 4 GiB and max_wal_size 16 GiB; \
         for loads of five times the records its defaults, 128 MiB and 1 GiB. fsync, synchronous_commit and \
         full_page_writes are on. Nothing else should run meanwhile; the load is {:.1} now.",
        args.records,
        if args.skip_5m {
            ""
        } else {
            ", and of five times as many; then a month and a year of five times as many"
        },
        (seconds / 60.0).max(1.0),
        folder.display(),
        load_average()?,
    );
    let disk = rustix::fs::statvfs(folder)?;
    let free_gib = data::real(usize::try_from(disk.f_bavail * disk.f_frsize)?) / GIB;
    ensure!(
        free_gib >= disk_gib,
        "{free_gib:.1} GiB are free in {}; --home names another folder",
        folder.display()
    );
    let left_kib = measured::kib("/proc/meminfo", "MemAvailable:")?;
    let available_gib = data::real(usize::try_from(left_kib)?) * 1024.0 / GIB;
    ensure!(
        available_gib >= memory_gib,
        "{available_gib:.1} GiB of memory are available; --records {} needs less",
        args.records / 2
    );
    Ok(())
}

/// The mean number of running processes in the last minute.
fn load_average() -> Result<f64> {
    let content = fs::read_to_string("/proc/loadavg")?;
    let load = content.split(' ').next().unwrap_or_default();
    Ok(load.parse()?)
}

async fn measure(args: &Args, folder: &Path) -> Result<Results> {
    let shape = Shape {
        seed: args.seed,
        count: args.records,
        platforms: 2,
        periods: 12,
        fees_a_day: args.fees_a_day,
        each_100th: Hundredth::Fee,
    };
    let large = Shape {
        count: 5 * args.records,
        ..shape
    };
    let servers = Servers::start(folder).await?;
    let rounds = if args.skip_rounds { 0 } else { args.rounds };
    let large_steps = if args.skip_5m { 0 } else { 5 + args.rounds };
    let payment_steps = if args.payees == 0 { 0 } else { 5 };
    let steps = rounds * Loads::steps(!args.skip_5m) + large_steps + payment_steps + 2;
    let progress = Progress::new(steps);
    let started = Instant::now();
    let mut results = Results {
        records: args.records,
        streams: args.streams,
        version: servers.version().await?,
        load_before: load_average()?,
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        ..Results::default()
    };
    if rounds > 0 {
        progress.step("preparing records, and loading them once to warm up");
        let loads = Loads::prepare(shape, args.streams, !args.skip_5m);
        loads.warm_up(&servers).await?;
        for _ in 0..rounds {
            results.rounds.push(loads.round(&servers, &progress).await?);
        }
    }
    results.imports = Some(imports::imports(&servers, &progress).await?);
    if !args.skip_5m {
        results.period = Some(settlement::period(&servers, large, &progress).await?);
        results.year = Some(settlement::year(&servers, large, args.rounds, &progress).await?);
    }
    if args.payees > 0 {
        let paid = Box::pin(payments::pay(&servers, args.payees, &progress)).await?;
        results.payments = Some(paid);
    }
    progress.finish();
    results.seconds = started.elapsed().as_secs_f64();
    servers.stop().await?;
    Ok(results)
}

/// Keeps what services and servers wrote down, for whoever looks for the cause.
fn keep_logs(folder: &Path, to: &Path) {
    let folders = [
        folder.to_owned(),
        folder.join("ample"),
        folder.join("default"),
    ];
    for folder in folders {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if Path::new(&name).extension().is_some_and(|end| end == "log") {
                let service = folder.file_name().unwrap_or_default().to_string_lossy();
                let kept = to.join(format!("{service}-{}", name.to_string_lossy()));
                // A log that can't be kept is no reason to keep the rest.
                let _ = fs::copy(entry.path(), kept);
            }
        }
    }
    eprintln!("\nLogs are kept in {}.", to.display());
}

/// Removes everything once the servers are gone.
async fn clean_up(folder: &Path) {
    let pid_files = ["ample", "default"].map(|name| folder.join(name).join("data/postmaster.pid"));
    let mut removed = Ok(());
    for _ in 0..300 {
        if !pid_files.iter().any(|file| file.exists()) {
            // A process that is just ending may still write a file.
            removed = fs::remove_dir_all(folder);
            if removed.is_ok() {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if let Err(error) = removed {
        eprintln!("{} is left: {error}", folder.display());
    } else {
        eprintln!("{} is left: a server there does not end", folder.display());
    }
}
