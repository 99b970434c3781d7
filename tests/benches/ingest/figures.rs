//! The figures, and what they should reach.

use crate::figure::{Figure, Goal, Results, Source};
use crate::measured::Measured;
use crate::rounds::{Round, median, percentile};
use crate::settlement::Settled;

/// How much faster one load is than another.
#[expect(clippy::unnecessary_wraps, reason = "other figures may be left out")]
fn ratio(one: &Measured, other: &Measured) -> Option<f64> {
    Some(one.rate() / other.rate())
}

/// The most of all rounds.
fn most(results: &Results, value: fn(&Round) -> f64) -> Option<f64> {
    results.rounds.iter().map(value).reduce(f64::max)
}

/// All figures, in the order in which they are shown.
pub const ALL: &[Figure] = &[
    Figure::new(
        "end to end / COPY into the same table",
        "e2e_vs_copy_same_table",
        Goal::AtLeast(1.2),
        Source::Round(|r| ratio(&r.end_to_end, &r.copy_same)),
    ),
    Figure::new(
        "end to end / COPY into the textbook table",
        "e2e_vs_copy_text_table",
        Goal::AtLeast(2.0),
        Source::Round(|r| ratio(&r.end_to_end, &r.copy_text)),
    ),
    Figure::new(
        "end to end / our writer without gRPC",
        "e2e_vs_own_writer",
        Goal::AtLeast(0.9),
        Source::Round(|r| ratio(&r.end_to_end, &r.own_writer)),
    ),
    Figure::new(
        "end to end / gRPC + unnest + ON CONFLICT",
        "e2e_vs_unnest",
        Goal::None,
        Source::Round(|r| ratio(&r.end_to_end, &r.unnest)),
    ),
    Figure::new(
        "end to end by TLS with certificates / without",
        "e2e_mtls_vs_e2e",
        Goal::AtLeast(0.9),
        Source::Round(|r| ratio(&r.certificates, &r.end_to_end)),
    ),
    Figure::new(
        "one stream a platform / end to end",
        "one_stream_a_platform_vs_e2e",
        Goal::None,
        Source::Round(|r| ratio(&r.one_stream, &r.end_to_end)),
    ),
    Figure::new(
        "one record a message / a thousand",
        "one_per_message_vs_thousand",
        Goal::AtLeast(0.7),
        Source::Round(|r| ratio(&r.one_per_message, &r.end_to_end)),
    ),
    Figure::new(
        "5 times the records, default memory / once",
        "rows_5m_vs_1m",
        Goal::AtLeast(0.8),
        Source::Round(|r| ratio(r.five_times.as_ref()?, &r.end_to_end)),
    ),
    Figure::new(
        "everything again / first time",
        "replay_vs_first",
        Goal::AtLeast(0.7),
        Source::Round(|r| ratio(&r.replay, &r.end_to_end)),
    ),
    Figure::new(
        "records that everything again stored",
        "replay_stored",
        Goal::AtMost(0.0),
        Source::Round(|r| Some(crate::data::real(r.replay.accepted))),
    ),
    Figure::new(
        "1 % duplicates / none",
        "one_percent_duplicates_vs_none",
        Goal::AtLeast(0.9),
        Source::Round(|r| ratio(&r.duplicates, &r.end_to_end)),
    ),
    Figure::new(
        "1 % reversals of earlier months / none",
        "one_percent_reversals_vs_none",
        Goal::AtLeast(0.9),
        Source::Round(|r| ratio(&r.reversals, &r.end_to_end)),
    ),
    Figure::new(
        "CPU of the service, us a record",
        "service_cpu_us_per_record",
        Goal::AtMost(0.6),
        Source::Round(|r| Some(r.end_to_end.per_record(r.end_to_end.used.service_us))),
    ),
    Figure::new(
        "acknowledgement at a quarter of the load, p50 ms",
        "ack_p50_ms_quarter_load",
        Goal::Commits(50, |r| &r.quarter_load),
        Source::Round(|r| percentile(&r.quarter_load.ack_ms, 50)),
    ),
    Figure::new(
        "acknowledgement at a quarter of the load, p99 ms",
        "ack_p99_ms_quarter_load",
        Goal::Commits(99, |r| &r.quarter_load),
        Source::Round(|r| percentile(&r.quarter_load.ack_ms, 99)),
    ),
    Figure::new(
        "a commit at a quarter of the load, ms",
        "commit_median_ms_quarter_load",
        Goal::None,
        Source::Round(|r| percentile(&r.quarter_load.commits_under_load_ms, 50)),
    ),
    Figure::new(
        "a commit at a quarter of the load, p99 ms",
        "commit_p99_ms_quarter_load",
        Goal::None,
        Source::Round(|r| percentile(&r.quarter_load.commits_under_load_ms, 99)),
    ),
    Figure::new(
        "acknowledgement at half load, p50 ms",
        "ack_p50_ms_half_load",
        Goal::None,
        Source::Round(|r| percentile(&r.half_load.ack_ms, 50)),
    ),
    Figure::new(
        "acknowledgement at half load, p99 ms",
        "ack_p99_ms_half_load",
        Goal::None,
        Source::Round(|r| percentile(&r.half_load.ack_ms, 99)),
    ),
    Figure::new(
        "acknowledgement at half load, longest, ms",
        "ack_max_ms_half_load",
        Goal::None,
        Source::Round(|r| percentile(&r.half_load.ack_ms, 100)),
    ),
    Figure::new(
        "a commit before half load, ms",
        "commit_median_ms",
        Goal::None,
        Source::Round(|r| Some(r.half_load.commit_ms)),
    ),
    Figure::new(
        "a commit at half load, ms",
        "commit_median_ms_half_load",
        Goal::None,
        Source::Round(|r| percentile(&r.half_load.commits_under_load_ms, 50)),
    ),
    Figure::new(
        "a commit at half load, p99 ms",
        "commit_p99_ms_half_load",
        Goal::None,
        Source::Round(|r| percentile(&r.half_load.commits_under_load_ms, 99)),
    ),
    Figure::new(
        "peak memory of the service, MiB",
        "peak_memory_mib",
        Goal::None,
        Source::Once(|r| {
            most(r, |round| {
                let large = round.five_times.as_ref();
                large.unwrap_or(&round.end_to_end).used.peak_mib()
            })
        }),
    ),
    Figure::new(
        "peak memory with 64 streams, MiB",
        "peak_memory_64_streams_mib",
        Goal::None,
        Source::Once(|r| most(r, |round| round.many_streams.used.peak_mib())),
    ),
    Figure::new(
        "20,000 imported rows, the slowest kind, s",
        "import_20k_seconds",
        Goal::AtMost(2.0),
        Source::Once(|r| Some(r.imports.as_ref()?.longest_seconds())),
    ),
    Figure::new(
        "the second 20,000 / the first, the worst kind",
        "import_growth",
        Goal::AtMost(1.5),
        Source::Once(|r| Some(r.imports.as_ref()?.worst_growth())),
    ),
    Figure::new(
        "a year's settlement / its sums by SQL",
        "settlement_vs_sql_sum",
        Goal::AtMost(1.0),
        Source::Settled(|s| s.cold.seconds / s.sql_seconds()),
    ),
    Figure::new(
        "its CPU in the service / its sums by SQL",
        "settlement_cpu_vs_sql_sum",
        Goal::AtMost(0.25),
        Source::Settled(|s| s.cold.cpu_seconds / s.sql_seconds()),
    ),
    Figure::new(
        "the registry's facts known / its sums by SQL",
        "settlement_again_vs_sql_sum",
        Goal::None,
        Source::Settled(|s| s.warm.seconds / s.sql_seconds()),
    ),
    Figure::new(
        "a year's sums by SQL, s",
        "sql_sum_seconds",
        Goal::None,
        Source::Settled(Settled::sql_seconds),
    ),
    Figure::new(
        "a month's seal / its sums by SQL",
        "seal_vs_sql_sum",
        Goal::AtMost(2.0),
        Source::Once(|r| {
            let period = r.period.as_ref()?;
            Some(period.seconds / period.sql_seconds)
        }),
    ),
    Figure::new(
        "a month's sums by SQL, s",
        "seal_sql_sum_seconds",
        Goal::None,
        Source::Once(|r| Some(r.period.as_ref()?.sql_seconds)),
    ),
    Figure::new(
        "a run approved / its postings by SQL, in rate",
        "approve_vs_sql_floor",
        Goal::AtLeast(0.7),
        Source::Paid(|p| p.floor_seconds / p.approve.seconds),
    ),
    Figure::new(
        "a run approved / a function call a posting",
        "approve_vs_call_per_posting",
        Goal::AtLeast(5.0),
        Source::Once(|r| {
            let payments = r.payments.as_ref()?;
            let seconds = payments.rounds.iter().map(|paid| paid.approve.seconds);
            let seconds = median(seconds.collect())?;
            let rate = crate::data::real(payments.payees) / seconds;
            Some(rate / payments.transfers_per_second)
        }),
    ),
    Figure::new(
        "a run approved, s",
        "approve_seconds",
        Goal::None,
        Source::Paid(|p| p.approve.seconds),
    ),
    Figure::new(
        "its memory in the service, MiB",
        "approve_memory_mib",
        Goal::None,
        Source::Paid(|p| p.approve.grown_mib),
    ),
    Figure::new(
        "an order prepared, s",
        "prepare_seconds",
        Goal::AtMost(30.0),
        Source::Paid(|p| p.prepare.seconds),
    ),
    Figure::new(
        "its memory in the service, MiB",
        "prepare_memory_mib",
        Goal::AtMost(512.0),
        Source::Paid(|p| p.prepare.grown_mib),
    ),
    Figure::new(
        "an order exported, s",
        "export_seconds",
        Goal::AtMost(30.0),
        Source::Paid(|p| p.export.seconds),
    ),
    Figure::new(
        "its memory in the service, MiB",
        "export_memory_mib",
        Goal::AtMost(32.0),
        Source::Paid(|p| p.export.grown_mib),
    ),
    Figure::new(
        "an answer taken, s",
        "answer_seconds",
        Goal::AtMost(30.0),
        Source::Paid(|p| p.answer.seconds),
    ),
    Figure::new(
        "its memory in the service, MiB",
        "answer_memory_mib",
        Goal::AtMost(512.0),
        Source::Paid(|p| p.answer.grown_mib),
    ),
    Figure::new(
        "reading the books / following their chain, in time",
        "ledger_read_vs_chain",
        Goal::AtLeast(0.5),
        Source::Once(|r| {
            let payments = r.payments.as_ref()?;
            Some(payments.read_seconds / payments.chain_seconds)
        }),
    ),
    Figure::new(
        "reading them and what they are of / verifying all, in time",
        "ledger_read_all_vs_verify",
        Goal::AtLeast(0.5),
        Source::Once(|r| {
            let payments = r.payments.as_ref()?;
            Some(payments.read_all_seconds / payments.verify.seconds)
        }),
    ),
    Figure::new(
        "memory of verifying them, MiB",
        "ledger_verify_memory_mib",
        Goal::None,
        Source::Once(|r| Some(r.payments.as_ref()?.verify.grown_mib)),
    ),
];
