//! The memory of a process.

use std::fs;

/// What a process takes more than it had at first.
#[derive(Debug, Clone, Copy)]
pub struct Grown {
    pid: u32,
    before_kib: u64,
}

impl Grown {
    /// From now on: what it had at most before is forgotten.
    #[must_use]
    pub fn since_now(pid: u32) -> Self {
        fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
        let before_kib = kib(pid, "VmRSS:");
        Self { pid, before_kib }
    }

    /// The most that it had since then, less what it had then.
    #[must_use]
    pub fn mib(self) -> f64 {
        let grown = kib(self.pid, "VmHWM:").saturating_sub(self.before_kib);
        mib(grown)
    }
}

/// What a process has now.
#[must_use]
pub fn resident_mib(pid: u32) -> f64 {
    mib(kib(pid, "VmRSS:"))
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap()) / 1024.0
}

fn kib(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let mut lines = status.lines().filter_map(|line| line.strip_prefix(name));
    let figure = lines.next().unwrap().split_whitespace().next();
    figure.unwrap().parse().unwrap()
}
