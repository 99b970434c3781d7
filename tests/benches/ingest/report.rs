//! What was measured, as tables and as JSON.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::figure::{Results, Spread};
use crate::figures::ALL;
use crate::measured::Measured;
use crate::rounds::{COMMIT_PAUSE, COMMIT_TIME, LATENCY_TIME, MESSAGE_RECORDS, Round};

/// A load of a round; none where it was left out.
type Load = fn(&Round) -> Option<&Measured>;

const LOADS: [(&str, &str, Load); 13] = [
    ("COPY into the same table", "copy_same_table", |r| {
        Some(&r.copy_same)
    }),
    ("COPY into the textbook table", "copy_text_table", |r| {
        Some(&r.copy_text)
    }),
    ("our writer without gRPC", "own_writer", |r| {
        Some(&r.own_writer)
    }),
    ("gRPC + unnest + ON CONFLICT", "unnest", |r| Some(&r.unnest)),
    ("end to end", "e2e", |r| Some(&r.end_to_end)),
    ("everything again", "replay", |r| Some(&r.replay)),
    ("end to end, certificates", "e2e_mtls", |r| {
        Some(&r.certificates)
    }),
    ("one stream a platform", "one_stream_a_platform", |r| {
        Some(&r.one_stream)
    }),
    ("one record a message", "one_per_message", |r| {
        Some(&r.one_per_message)
    }),
    ("1 % duplicates", "one_percent_duplicates", |r| {
        Some(&r.duplicates)
    }),
    ("1 % reversals", "one_percent_reversals", |r| {
        Some(&r.reversals)
    }),
    ("64 streams of 4 platforms", "64_streams", |r| {
        Some(&r.many_streams)
    }),
    ("5 times, default memory", "rows_5m", |r| {
        r.five_times.as_ref()
    }),
];

/// Prints the tables.
pub fn show(results: &Results, file: &Path) -> Result<()> {
    let mut text = String::new();
    loads(results, &mut text)?;
    figures(results, &mut text)?;
    conditions(results, &mut text)?;
    println!("{text}Written to {}", file.display());
    Ok(())
}

fn loads(results: &Results, text: &mut String) -> Result<()> {
    if results.rounds.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n{} records, medians of {} rounds [least-most]\n\n\
         {:<28}  {:<16}  {:>9}  {:>10}  {:>8}  {:>10}  {:>6}  {:>8}\n\
         {:<28}  {:<16}  {:>9}  {:>10}  {:>8}  {:>10}  {:>6}  {:>8}",
        results.records,
        results.rounds.len(),
        "load",
        "k records/s",
        "WAL",
        "disk",
        "CPU us a",
        "record:",
        "",
        "peak",
        "",
        "",
        "B/record",
        "B/record",
        "service",
        "PostgreSQL",
        "client",
        "MiB",
    )?;
    for (name, _, load) in LOADS {
        let spread = |value: fn(&Measured) -> f64| {
            Spread::of(results.rounds.iter().filter_map(load).map(value).collect())
        };
        let Some(rate) = spread(|m| m.rate() / 1e3) else {
            continue;
        };
        let median = |value| spread(value).map_or(0.0, |spread| spread.median);
        writeln!(
            text,
            "{name:<28}  {:<16}  {:>9.0}  {:>10.0}  {:>8.2}  {:>10.2}  {:>6.2}  {:>8.0}",
            format!("{:.0} [{:.0}-{:.0}]", rate.median, rate.least, rate.most),
            median(|m| m.per_record(m.used.wal_bytes)),
            median(|m| m.per_record(m.used.disk_bytes)),
            median(|m| m.per_record(m.used.service_us)),
            median(|m| m.per_record(m.used.postgres_us)),
            median(|m| m.per_record(m.used.client_us)),
            median(|m| m.used.peak_mib()),
        )?;
    }
    Ok(())
}

fn figures(results: &Results, text: &mut String) -> Result<()> {
    writeln!(
        text,
        "\n{:<46}  {:<22}  {:<8}  met",
        "figure", "median [least-most]", "goal"
    )?;
    for figure in ALL {
        let Some(spread) = figure.spread(results) else {
            continue;
        };
        let Spread {
            median,
            least,
            most,
        } = spread;
        let (goal, met) = match figure.met(results, median) {
            Some((goal, true)) => (goal, "yes"),
            Some((goal, false)) => (goal, "NO"),
            None => (String::new(), ""),
        };
        let values = format!("{median:.2} [{least:.2}-{most:.2}]");
        writeln!(text, "{:<46}  {values:<22}  {goal:<8}  {met}", figure.name)?;
    }
    Ok(())
}

/// How it was measured, for whoever compares.
fn conditions(results: &Results, text: &mut String) -> Result<()> {
    writeln!(text)?;
    if !results.rounds.is_empty() {
        let (time, pause) = (LATENCY_TIME.as_secs(), COMMIT_PAUSE.as_millis());
        writeln!(
            text,
            "End to end: 2 platforms, {} streams each, {MESSAGE_RECORDS} records a message unless said \
             otherwise; time runs from the first batch to the last acknowledgement, which follows a \
             durable commit.\n\
             COPY: binary, prepared bytes in order of arrival, one connection, one commit.\n\
             Half and a quarter of the load: {time} s at that part of the same round's end-to-end rate, \
             batches of {MESSAGE_RECORDS}; an acknowledgement's time runs from when its batch was due.\n\
             A commit: one small row after the other on one connection, {} s right before that load \
             on the same server; meanwhile: one each {pause} ms.",
            results.streams,
            COMMIT_TIME.as_secs(),
        )?;
    }
    imports(results, text)?;
    sums(results, text)?;
    writeln!(
        text,
        "PostgreSQL {}, {} cores, load before {:.1}; all of it took {:.0} s.",
        results.version, results.cores, results.load_before, results.seconds
    )?;
    Ok(())
}

/// How long settling and paying took, beside what PostgreSQL needs for the same sums.
fn sums(results: &Results, text: &mut String) -> Result<()> {
    if let Some(year) = &results.year {
        let times = |value: fn(&crate::settlement::Settled) -> f64| {
            Spread::of(year.settled.iter().map(value).collect()).map_or(0.0, |s| s.median)
        };
        writeln!(
            text,
            "A year: {} records of 10,000 enterprises, {} totals, sealed in {:.1} s. SQL: {:.2} s joined \
             first, {:.2} s grouped first (the better one counts). Settlement: {:.2} s by a service just \
             started ({:.2} s of it its own CPU), {:.2} s again.",
            5 * results.records,
            year.totals,
            year.seal_seconds,
            times(|s| s.join_first_seconds),
            times(|s| s.group_first_seconds),
            times(|s| s.cold.seconds),
            times(|s| s.cold.cpu_seconds),
            times(|s| s.warm.seconds),
        )?;
    }
    if let Some(period) = &results.period {
        writeln!(
            text,
            "A month: {} records of one platform, {} totals, sealed in {:.2} s; SQL: {:.2} s.",
            5 * results.records,
            period.totals,
            period.seconds,
            period.sql_seconds,
        )?;
    }
    if let Some(payments) = &results.payments {
        writeln!(
            text,
            "Payments: {} payees, an order of all of them a round; {} postings in the books, read as they \
             lie in {:.2} s, with all that they are of in {:.2} s, their chain followed in {:.2} s, and \
             that and all that they are of compared in {:.2} s. SQL: the postings of the run, set by set, under the same constraints. A function \
             call a posting: {:.0} a second, each durable.",
            payments.payees,
            payments.postings,
            payments.read_seconds,
            payments.read_all_seconds,
            payments.chain_seconds,
            payments.verify.seconds,
            payments.transfers_per_second,
        )?;
    }
    Ok(())
}

/// How long each kind of import took.
fn imports(results: &Results, text: &mut String) -> Result<()> {
    if let Some(imports) = &results.imports {
        writeln!(
            text,
            "Imports, in calls of 1,000, of {} rows and as many again: enterprises {}, filings {}, \
             suspensions {}, merchants {}, enrollments {}, accounts {}.",
            crate::imports::HALF_ROWS,
            imports.enterprises,
            imports.filings,
            imports.suspensions,
            imports.merchants,
            imports.enrollments,
            imports.accounts,
        )?;
    }
    Ok(())
}

/// Writes the medians; null where something was left out. Goals, spreads and rates stand beside
/// them, each under the key of its figure.
pub fn write(results: &Results, file: &Path) -> Result<()> {
    let mut content = Map::new();
    let (mut goals, mut spreads, mut rates) = (Map::new(), Map::new(), Map::new());
    for figure in ALL {
        let spread = figure.spread(results);
        let median = spread.map(|spread| spread.median);
        content.insert(figure.key.to_owned(), json!(median));
        if let Some(spread) = spread {
            let spread = json!([spread.least, spread.median, spread.most]);
            spreads.insert(figure.key.to_owned(), spread);
        }
        if let Some((goal, met)) = median.and_then(|median| figure.met(results, median)) {
            let goal = json!({ "goal": goal, "met": met });
            goals.insert(figure.key.to_owned(), goal);
        }
    }
    for (_, key, load) in LOADS {
        let values = results.rounds.iter().filter_map(load);
        let values: Vec<f64> = values.map(Measured::rate).collect();
        rates.insert(key.to_owned(), json!(values));
    }
    content.insert("goals".to_owned(), Value::Object(goals));
    content.insert("spreads".to_owned(), Value::Object(spreads));
    content.insert("records_per_second".to_owned(), Value::Object(rates));
    content.insert("records".to_owned(), json!(results.records));
    content.insert("rounds".to_owned(), json!(results.rounds.len()));
    content.insert("streams_per_platform".to_owned(), json!(results.streams));
    content.insert("postgresql".to_owned(), json!(results.version));
    content.insert("cores".to_owned(), json!(results.cores));
    content.insert("load_before".to_owned(), json!(results.load_before));
    content.insert("seconds".to_owned(), json!(results.seconds));
    let text = serde_json::to_string_pretty(&content)?;
    Ok(fs::write(file, text + "\n")?)
}
