//! What the operating system says of this process, for its metrics.

use std::{fs, str::FromStr};

use opentelemetry::global;

/// Registers the metrics; they are read whenever somebody looks at them.
pub(crate) fn observe() {
    let meter = global::meter("gazelle");
    let ticks = rustix::param::clock_ticks_per_second();
    #[expect(clippy::cast_precision_loss, reason = "a figure for a chart")]
    meter
        .f64_observable_counter("process.cpu.seconds")
        .with_description("CPU time, user and system")
        .with_callback(move |it| {
            if let Some(used) = cpu_ticks() {
                it.observe(used as f64 / ticks as f64, &[]);
            }
        })
        .build();
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4_096);
    meter
        .u64_observable_gauge("process.resident.memory.bytes")
        .with_description("Memory in use")
        .with_callback(move |it| {
            if let Some(pages) = field::<u64>("/proc/self/statm", 1) {
                it.observe(pages * page, &[]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("process.open.fds")
        .with_description("Open files and sockets")
        .with_callback(|it| {
            if let Ok(open) = fs::read_dir("/proc/self/fd") {
                it.observe(open.count().try_into().unwrap_or(u64::MAX), &[]);
            }
        })
        .build();
}

/// A field of a file of one line, from 0.
fn field<T: FromStr>(file: &str, at: usize) -> Option<T> {
    let line = fs::read_to_string(file).ok()?;
    line.split_ascii_whitespace().nth(at)?.parse().ok()
}

/// Fields 14 and 15 of `proc_pid_stat(5)`; the second is a name that may have spaces.
fn cpu_ticks() -> Option<u64> {
    let line = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = line.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_what_is_asked() {
        assert!(cpu_ticks().is_some());
        assert!(field::<u64>("/proc/self/statm", 1).unwrap() > 0);
    }
}
