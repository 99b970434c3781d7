//! How a process is seen: its log.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// For whom the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Text,
    /// For a collector: one JSON object a line.
    Json,
}

/// Logs to stderr from here on. `GAZELLE_LOG` filters, in the syntax of `tracing`'s `EnvFilter`,
/// such as `info,gazelle_usage=debug`; the default is `info`. Does nothing when the process
/// already logs.
pub fn init(format: Format) {
    let filter = EnvFilter::builder()
        .with_env_var("GAZELLE_LOG")
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    // An error means that a subscriber is set, as in a test with several suites.
    let _ = match format {
        Format::Text => log.with_ansi(stderr().is_terminal()).try_init(),
        Format::Json => log.json().flatten_event(true).try_init(),
    };
}
