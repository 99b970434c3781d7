//! The figures, and what they should reach.

use crate::figure::{Figure, Goal, Results, once, paid, round, settled};
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
    round(
        "end to end / COPY into the same table",
        "e2e_vs_copy_same_table",
        Goal::AtLeast(1.2),
        |r| ratio(&r.end_to_end, &r.copy_same),
    ),
    round(
        "end to end / COPY into the textbook table",
        "e2e_vs_copy_text_table",
        Goal::AtLeast(2.0),
        |r| ratio(&r.end_to_end, &r.copy_text),
    ),
    round(
        "end to end / our writer without gRPC",
        "e2e_vs_own_writer",
        Goal::AtLeast(0.9),
        |r| ratio(&r.end_to_end, &r.own_writer),
    ),
    round(
        "end to end / gRPC + unnest + ON CONFLICT",
        "e2e_vs_unnest",
        Goal::None,
        |r| ratio(&r.end_to_end, &r.unnest),
    ),
    round(
        "end to end by TLS with certificates / without",
        "e2e_mtls_vs_e2e",
        Goal::AtLeast(0.9),
        |r| ratio(&r.certificates, &r.end_to_end),
    ),
    round(
        "one stream a platform / end to end",
        "one_stream_a_platform_vs_e2e",
        Goal::None,
        |r| ratio(&r.one_stream, &r.end_to_end),
    ),
    round(
        "one record a message / a thousand",
        "one_per_message_vs_thousand",
        Goal::AtLeast(0.7),
        |r| ratio(&r.one_per_message, &r.end_to_end),
    ),
    round(
        "5 times the records, default memory / once",
        "rows_5m_vs_1m",
        Goal::AtLeast(0.8),
        |r| ratio(r.five_times.as_ref()?, &r.end_to_end),
    ),
    round(
        "everything again / first time",
        "replay_vs_first",
        Goal::AtLeast(0.7),
        |r| ratio(&r.replay, &r.end_to_end),
    ),
    round(
        "records that everything again stored",
        "replay_stored",
        Goal::AtMost(0.0),
        |r| Some(crate::data::real(r.replay.accepted)),
    ),
    round(
        "1 % duplicates / none",
        "one_percent_duplicates_vs_none",
        Goal::AtLeast(0.9),
        |r| ratio(&r.duplicates, &r.end_to_end),
    ),
    round(
        "1 % reversals of earlier months / none",
        "one_percent_reversals_vs_none",
        Goal::AtLeast(0.9),
        |r| ratio(&r.reversals, &r.end_to_end),
    ),
    round(
        "CPU of the service, us a record",
        "service_cpu_us_per_record",
        Goal::AtMost(0.6),
        |r| Some(r.end_to_end.per_record(r.end_to_end.used.service_us)),
    ),
    round(
        "acknowledgement at a quarter of the load, p50 ms",
        "ack_p50_ms_quarter_load",
        Goal::None,
        |r| percentile(&r.quarter_load.ack_ms, 50),
    ),
    round(
        "acknowledgement at a quarter of the load, p99 ms",
        "ack_p99_ms_quarter_load",
        Goal::Commits(|r| &r.quarter_load),
        |r| percentile(&r.quarter_load.ack_ms, 99),
    ),
    round(
        "acknowledgement at half load, p50 ms",
        "ack_p50_ms_half_load",
        Goal::None,
        |r| percentile(&r.half_load.ack_ms, 50),
    ),
    round(
        "acknowledgement at half load, p99 ms",
        "ack_p99_ms_half_load",
        Goal::None,
        |r| percentile(&r.half_load.ack_ms, 99),
    ),
    round(
        "acknowledgement at half load, longest, ms",
        "ack_max_ms_half_load",
        Goal::None,
        |r| percentile(&r.half_load.ack_ms, 100),
    ),
    round(
        "a commit right before, ms",
        "commit_median_ms",
        Goal::None,
        |r| Some(r.half_load.commit_ms),
    ),
    round(
        "a commit meanwhile, ms",
        "commit_median_ms_half_load",
        Goal::None,
        |r| percentile(&r.half_load.commits_under_load_ms, 50),
    ),
    round(
        "a commit meanwhile, p99 ms",
        "commit_p99_ms_half_load",
        Goal::None,
        |r| percentile(&r.half_load.commits_under_load_ms, 99),
    ),
    once(
        "peak memory of the service, MiB",
        "peak_memory_mib",
        Goal::None,
        |r| {
            most(r, |round| {
                let large = round.five_times.as_ref();
                large.unwrap_or(&round.end_to_end).used.peak_mib()
            })
        },
    ),
    once(
        "peak memory with 64 streams, MiB",
        "peak_memory_64_streams_mib",
        Goal::None,
        |r| most(r, |round| round.many_streams.used.peak_mib()),
    ),
    once(
        "20,000 imported rows, the slowest kind, s",
        "import_20k_seconds",
        Goal::AtMost(2.0),
        |r| Some(r.imports.as_ref()?.longest_seconds()),
    ),
    once(
        "the second 20,000 / the first, the worst kind",
        "import_growth",
        Goal::AtMost(1.5),
        |r| Some(r.imports.as_ref()?.worst_growth()),
    ),
    settled(
        "a year's settlement / its sums by SQL",
        "settlement_vs_sql_sum",
        Goal::AtMost(1.0),
        |s| s.cold.seconds / s.sql_seconds(),
    ),
    settled(
        "its CPU in the service / its sums by SQL",
        "settlement_cpu_vs_sql_sum",
        Goal::AtMost(0.25),
        |s| s.cold.cpu_seconds / s.sql_seconds(),
    ),
    settled(
        "the registry's facts known / its sums by SQL",
        "settlement_again_vs_sql_sum",
        Goal::None,
        |s| s.warm.seconds / s.sql_seconds(),
    ),
    settled(
        "a year's sums by SQL, s",
        "sql_sum_seconds",
        Goal::None,
        Settled::sql_seconds,
    ),
    once(
        "a month's seal / its sums by SQL",
        "seal_vs_sql_sum",
        Goal::AtMost(2.0),
        |r| {
            let month = r.month.as_ref()?;
            Some(month.seconds / month.sql_seconds)
        },
    ),
    once(
        "a month's sums by SQL, s",
        "seal_sql_sum_seconds",
        Goal::None,
        |r| Some(r.month.as_ref()?.sql_seconds),
    ),
    paid(
        "a run approved / its postings by SQL, in rate",
        "approve_vs_sql_floor",
        Goal::AtLeast(0.7),
        |p| p.floor_seconds / p.approve.seconds,
    ),
    once(
        "a run approved / a function call a posting",
        "approve_vs_call_per_posting",
        Goal::AtLeast(5.0),
        |r| {
            let payments = r.payments.as_ref()?;
            let seconds = payments.rounds.iter().map(|paid| paid.approve.seconds);
            let seconds = median(seconds.collect())?;
            let rate = crate::data::real(payments.payees) / seconds;
            Some(rate / payments.transfers_per_second)
        },
    ),
    paid("a run approved, s", "approve_seconds", Goal::None, |p| {
        p.approve.seconds
    }),
    paid(
        "its memory in the service, MiB",
        "approve_memory_mib",
        Goal::None,
        |p| p.approve.grown_mib,
    ),
    paid(
        "an order prepared, s",
        "prepare_seconds",
        Goal::AtMost(30.0),
        |p| p.prepare.seconds,
    ),
    paid(
        "its memory in the service, MiB",
        "prepare_memory_mib",
        Goal::AtMost(512.0),
        |p| p.prepare.grown_mib,
    ),
    paid(
        "an order exported, s",
        "export_seconds",
        Goal::AtMost(30.0),
        |p| p.export.seconds,
    ),
    paid(
        "its memory in the service, MiB",
        "export_memory_mib",
        Goal::AtMost(32.0),
        |p| p.export.grown_mib,
    ),
    paid(
        "an answer taken, s",
        "answer_seconds",
        Goal::AtMost(30.0),
        |p| p.answer.seconds,
    ),
    paid(
        "its memory in the service, MiB",
        "answer_memory_mib",
        Goal::AtMost(512.0),
        |p| p.answer.grown_mib,
    ),
    once(
        "reading the books / following their chain, in time",
        "ledger_read_vs_chain",
        Goal::AtLeast(0.5),
        |r| {
            let payments = r.payments.as_ref()?;
            Some(payments.read_seconds / payments.chain_seconds)
        },
    ),
    once(
        "that, and against all that they are of, s",
        "ledger_verify_seconds",
        Goal::None,
        |r| Some(r.payments.as_ref()?.verify.seconds),
    ),
    once(
        "memory of verifying them, MiB",
        "ledger_verify_memory_mib",
        Goal::None,
        |r| Some(r.payments.as_ref()?.verify.grown_mib),
    ),
];
