//! What the operating system says of this process, for its metrics.

use opentelemetry::global;
use procfs::process::Process;

/// Registers the metrics; they are read whenever somebody looks at them.
pub(crate) fn observe() {
    let meter = global::meter("gazelle");
    #[expect(clippy::cast_precision_loss, reason = "a figure for a chart")]
    meter
        .f64_observable_counter("process.cpu.seconds")
        .with_description("CPU time, user and system")
        .with_callback(|it| {
            if let Ok(stat) = Process::myself().and_then(|process| process.stat()) {
                let ticks = stat.utime + stat.stime;
                it.observe(ticks as f64 / procfs::ticks_per_second() as f64, &[]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("process.resident.memory.bytes")
        .with_description("Memory in use")
        .with_callback(|it| {
            if let Ok(statm) = Process::myself().and_then(|process| process.statm()) {
                it.observe(statm.resident * procfs::page_size(), &[]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("process.open.fds")
        .with_description("Open files and sockets")
        .with_callback(|it| {
            if let Ok(open) = Process::myself().and_then(|process| process.fd_count()) {
                it.observe(open.try_into().unwrap_or(u64::MAX), &[]);
            }
        })
        .build();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_what_is_asked() {
        let process = Process::myself().unwrap();
        assert!(process.statm().unwrap().resident > 0);
        assert!(process.fd_count().unwrap() > 2);
        assert!(process.stat().is_ok());
    }
}
