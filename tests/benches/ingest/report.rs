//! What was measured, as a table and as JSON.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use crate::data::real;
use crate::server::Used;

/// A load.
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

    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    fn per_record(&self, total: u64) -> f64 {
        total as f64 / self.records()
    }
}

/// Everything once.
#[derive(Debug)]
pub struct Round {
    pub commit_ms: f64,
    pub copy_same: Measured,
    pub copy_text: Measured,
    pub own_writer: Measured,
    pub unnest: Measured,
    pub end_to_end: Measured,
    pub replay: Measured,
    pub one_per_message: Measured,
    pub duplicates: Measured,
    /// Of acknowledgements at half load, in order.
    pub latency_ms: Vec<f64>,
    pub five_times: Option<Measured>,
}

/// A figure of a round; none where it was left out.
type Figure = fn(&Round) -> Option<f64>;

/// A load of a round; none where it was left out.
type Load = fn(&Round) -> Option<&Measured>;

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Three commits and 10 ms.
    Commits,
    None,
}

/// What is shown: its name in the table and in the JSON, its value, its goal.
const FIGURES: [(&str, &str, Figure, Goal); 13] = [
    (
        "end to end / COPY into the same table",
        "e2e_vs_copy_same_table",
        |r| Some(r.end_to_end.rate() / r.copy_same.rate()),
        Goal::AtLeast(1.2),
    ),
    (
        "end to end / COPY into the textbook table",
        "e2e_vs_copy_text_table",
        |r| Some(r.end_to_end.rate() / r.copy_text.rate()),
        Goal::AtLeast(2.0),
    ),
    (
        "end to end / our writer without gRPC",
        "e2e_vs_own_writer",
        |r| Some(r.end_to_end.rate() / r.own_writer.rate()),
        Goal::AtLeast(0.9),
    ),
    (
        "end to end / gRPC + unnest + ON CONFLICT",
        "e2e_vs_unnest",
        |r| Some(r.end_to_end.rate() / r.unnest.rate()),
        Goal::None,
    ),
    (
        "one record a message / a thousand",
        "one_per_message_vs_thousand",
        |r| Some(r.one_per_message.rate() / r.end_to_end.rate()),
        Goal::AtLeast(0.7),
    ),
    (
        "five times the records / once",
        "rows_5m_vs_1m",
        |r| Some(r.five_times.as_ref()?.rate() / r.end_to_end.rate()),
        Goal::AtLeast(0.8),
    ),
    (
        "everything again / first time",
        "replay_vs_first",
        |r| Some(r.replay.rate() / r.end_to_end.rate()),
        Goal::AtLeast(0.7),
    ),
    (
        "1 % duplicates / none",
        "one_percent_duplicates_vs_none",
        |r| Some(r.duplicates.rate() / r.end_to_end.rate()),
        Goal::AtLeast(0.9),
    ),
    (
        "CPU of the service, us a record",
        "service_cpu_us_per_record",
        |r| Some(r.end_to_end.per_record(r.end_to_end.used.service_us)),
        Goal::AtMost(0.6),
    ),
    (
        "acknowledgement at half load, p50 ms",
        "ack_p50_ms_half_load",
        |r| percentile(&r.latency_ms, 50),
        Goal::None,
    ),
    (
        "acknowledgement at half load, p99 ms",
        "ack_p99_ms_half_load",
        |r| percentile(&r.latency_ms, 99),
        Goal::Commits,
    ),
    (
        "a commit, ms",
        "commit_median_ms",
        |r| Some(r.commit_ms),
        Goal::None,
    ),
    (
        "peak memory of the service, MiB",
        "peak_memory_mib",
        |r| {
            let load = r.five_times.as_ref().unwrap_or(&r.end_to_end);
            Some(f64::from(u32::try_from(load.used.peak_kib).ok()?) / 1024.0)
        },
        Goal::None,
    ),
];

fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().checked_sub(1)?))
        .copied()
}

/// Median, least and most.
fn spread(mut values: Vec<f64>) -> Option<(f64, f64, f64)> {
    values.sort_by(f64::total_cmp);
    Some((
        values.get(values.len() / 2).copied()?,
        *values.first()?,
        *values.last()?,
    ))
}

fn figure(rounds: &[Round], figure: Figure) -> Option<(f64, f64, f64)> {
    spread(rounds.iter().filter_map(figure).collect())
}

/// Prints the tables.
pub fn show(rounds: &[Round], records: usize) {
    let mut text = format!(
        "\n{records} records, medians of {} rounds [least-most]\n\n",
        rounds.len()
    );
    text += "load                            k records/s       WAL B/row  disk B/row  CPU us a record: service  PostgreSQL  client\n";
    let loads: [(&str, Load); 9] = [
        ("COPY into the same table", |r| Some(&r.copy_same)),
        ("COPY into the textbook table", |r| Some(&r.copy_text)),
        ("our writer without gRPC", |r| Some(&r.own_writer)),
        ("gRPC + unnest + ON CONFLICT", |r| Some(&r.unnest)),
        ("end to end", |r| Some(&r.end_to_end)),
        ("everything again", |r| Some(&r.replay)),
        ("one record a message", |r| Some(&r.one_per_message)),
        ("1 % duplicates", |r| Some(&r.duplicates)),
        ("five times the records", |r| r.five_times.as_ref()),
    ];
    for (name, load) in loads {
        let of = |value: fn(&Measured) -> f64| {
            spread(rounds.iter().filter_map(load).map(value).collect())
        };
        let Some((rate, least, most)) = of(|m| m.rate() / 1_000.0) else {
            continue;
        };
        let median = |value| of(value).unwrap_or_default().0;
        let rates = format!("{rate:.0} [{least:.0}-{most:.0}]");
        let _ = writeln!(
            text,
            "{name:<30}  {rates:<16}  {:>9.0}  {:>10.0}  {:>24.2}  {:>10.2}  {:>6.2}",
            median(|m| m.per_record(m.used.wal_bytes)),
            median(|m| m.per_record(m.used.disk_bytes)),
            median(|m| m.per_record(m.used.service_us)),
            median(|m| m.per_record(m.used.postgres_us)),
            median(|m| m.per_record(m.used.client_us)),
        );
    }
    let stored = rounds.iter().map(|round| round.replay.accepted).max();
    let _ = writeln!(
        text,
        "\neverything again: {} stored twice",
        stored.unwrap_or_default()
    );
    text += "\nfigure                                      median [least-most]     goal     met\n";
    let commit_ms = figure(rounds, |r| Some(r.commit_ms)).unwrap_or_default().0;
    for (name, _, value, goal) in FIGURES {
        let Some((median, least, most)) = figure(rounds, value) else {
            continue;
        };
        let (goal, met) = match goal {
            Goal::AtLeast(least) => (format!(">= {least}"), Some(median >= least)),
            Goal::AtMost(most) => (format!("<= {most}"), Some(median <= most)),
            Goal::Commits => {
                let most = 3.0 * commit_ms + 10.0;
                (format!("<= {most:.1}"), Some(median <= most))
            }
            Goal::None => (String::new(), None),
        };
        let met = met.map_or("", |met| if met { "yes" } else { "no" });
        let values = format!("{median:.2} [{least:.2}-{most:.2}]");
        let _ = writeln!(text, "{name:<42}  {values:<22}  {goal:<7}  {met}");
    }
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}

/// Writes the medians.
pub fn write(rounds: &[Round], file: &Path) {
    let mut content = serde_json::Map::new();
    for (_, key, value, _) in FIGURES {
        if let Some((median, _, _)) = figure(rounds, value) {
            content.insert(key.to_owned(), json!(median));
        }
    }
    let text = serde_json::to_string_pretty(&content).unwrap();
    fs::write(file, text + "\n").unwrap();
}
