//! What a load took: time, CPU, memory, bytes.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::data::real;

/// Of `/proc`: the same on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// A load that is measured.
#[derive(Debug)]
pub struct Measured {
    /// From the first byte sent to the last acknowledgement.
    pub seconds: f64,
    /// Records that were new.
    pub accepted: usize,
    /// Records that were there already.
    pub duplicates: usize,
    /// What it took.
    pub used: Used,
}

impl Measured {
    fn records(&self) -> f64 {
        real(self.accepted + self.duplicates)
    }

    /// Records a second.
    pub fn rate(&self) -> f64 {
        self.records() / self.seconds
    }

    /// So much of a total for each record.
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    pub fn per_record(&self, total: u64) -> f64 {
        total as f64 / self.records()
    }

    /// Sees that all of so many records were answered for, each once.
    pub fn all_of(self, count: usize) -> Result<Self> {
        let (accepted, duplicates) = (self.accepted, self.duplicates);
        ensure!(
            accepted + duplicates == count,
            "of {count} records {accepted} were accepted and {duplicates} duplicates"
        );
        Ok(self)
    }
}

/// What was used, since some time in the past.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// CPU of the service, of all of PostgreSQL, and of this process, in microseconds.
    pub service_us: u64,
    pub postgres_us: u64,
    pub client_us: u64,
    /// Written to the log.
    pub wal_bytes: u64,
    /// The records' tables with their indexes.
    pub disk_bytes: u64,
    /// Most memory that the service ever had.
    pub peak_kib: u64,
}

impl Used {
    pub fn since(self, before: &Self) -> Self {
        Self {
            service_us: self.service_us - before.service_us,
            postgres_us: self.postgres_us - before.postgres_us,
            client_us: self.client_us - before.client_us,
            wal_bytes: self.wal_bytes - before.wal_bytes,
            ..self
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    pub fn peak_mib(&self) -> f64 {
        self.peak_kib as f64 / 1024.0
    }
}

/// The numbers of `/proc/PID/stat` from the state on, which is taken for a number itself: the
/// parent is 1, user and system time 11 and 12, those of children that are gone 13 and 14.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = text.rsplit_once(") ")?;
    let field = |field: &str| field.parse().unwrap_or_default();
    Some(after_name.split(' ').map(field).collect())
}

/// CPU of a process.
pub fn process_us(pid: u32) -> Result<u64> {
    let stat = stat(pid).context("a process is gone")?;
    Ok((stat[11] + stat[12]) * 1_000_000 / TICKS_PER_SECOND)
}

/// CPU of a database server, with that of processes that are gone.
pub fn postgres_us(data: &Path) -> Result<u64> {
    let content = fs::read_to_string(data.join("postmaster.pid")).context("no server runs")?;
    let pid = content.lines().next().unwrap_or_default();
    let postmaster: u32 = pid.parse()?;
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Some(stat) = stat(pid) else { continue };
        if pid == postmaster {
            ticks += stat[11..15].iter().sum::<u64>();
        } else if stat[1] == u64::from(postmaster) {
            ticks += stat[11] + stat[12];
        }
    }
    Ok(ticks * 1_000_000 / TICKS_PER_SECOND)
}

/// Most memory that a process ever had.
pub fn peak_kib(pid: u32) -> Result<u64> {
    kib(&format!("/proc/{pid}/status"), "VmHWM:")
}

/// A line of a file of `/proc` that says so many kB.
pub fn kib(file: &str, name: &str) -> Result<u64> {
    let content = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let line = content.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number
        .with_context(|| format!("{file} has no {name}"))?
        .parse()?)
}
