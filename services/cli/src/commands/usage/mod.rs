//! `gazelle usage`.

mod expected;
mod own;
pub(in crate::commands) mod period;
mod records;
mod state;

use std::fs;
use std::path::Path;

use gazelle_proto::receipt::Receipt;
use gazelle_runtime::clock::Clock;
use serde_json::json;

use own::as_platform;
pub use period::seal_period;
pub use state::submit;

use super::rejected::{Others, RECORDS, Rejections};
use super::report::{self, Check, Evidence, Job, Reported, Source, Sum, Tally};
use crate::args::{PlatformPeriod, UsageCommand};
use crate::client::client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Notes, column, is_beyond, progress, sum_in_yuan, thousands};
use crate::words;

pub(crate) async fn run(context: &mut Context, command: UsageCommand) -> Result<(), Failure> {
    match command {
        UsageCommand::Report {
            whose,
            check,
            receipt,
            file,
        } => report_file(context, &whose, &file, check, receipt.as_deref()).await,
        UsageCommand::State(args) => state::run(context, args).await,
        UsageCommand::Withdraw { whose, digest } => period::withdraw(context, &whose, digest).await,
        UsageCommand::Seal { whose } => period::seal(context, &whose).await,
        UsageCommand::Periods { platform } => period::list(context, platform).await,
        UsageCommand::Refused {
            whose,
            by_seal,
            withdrawal,
        } => records::refused(context, &whose, by_seal, withdrawal).await,
        UsageCommand::Records {
            whose,
            record,
            withdrawal,
        } => records::list(context, &whose, record, withdrawal).await,
    }
}

async fn report_file(
    context: &mut Context,
    whose: &PlatformPeriod,
    path: &Path,
    check_only: bool,
    receipt: Option<&Path>,
) -> Result<(), Failure> {
    let mut source = Source::open(path)?;
    let receipt = receipt.map(report::begin_receipt).transpose()?;
    let mut notes = Notes::default();
    notes.add(source.file.take_notes());
    notes.tell(&mut context.out)?;
    let caller = context.caller().await?;
    let client = client(&caller.endpoints, &caller.bearer)?;
    let length = fs::metadata(path).map_or(0, |meta| meta.len());
    let bar = progress::bytes(&whose.period.to_string(), length);
    let mut rejections = Rejections::new(&mut context.out, RECORDS);
    if check_only {
        rejections = rejections.of_a_check();
    }
    let (platform, period) = (&whose.platform, whose.period);
    let job = Job {
        platform,
        period,
        source,
        check_only,
        expected: expected::ask(&client, platform).await,
    };
    let reported = report::run(&client.usage, job, &bar, |bad| rejections.add(bad)).await;
    bar.finish_and_clear();
    let mut reported = reported.map_err(|failure| as_platform(failure, platform))?;
    notes.add(std::mem::take(&mut reported.notes));
    notes.add(reported.remarks.iter().map(|remark| remark.message.clone()));
    let rejected = i64::try_from(rejections.total()).unwrap_or(i64::MAX);
    let others = others(&reported.tally);
    if check_only {
        let (mut fields, line) = summary(whose, &reported, rejected, None);
        fields.push(notes.field());
        let line = format!("{}\n{line}", words::WOULD_BE.say());
        let line = notes.above(rejections.format(), &line);
        return rejections.finish("records", others, &fields, &line);
    }
    let check = check(whose, path, &reported)?;
    let (mut fields, line) = summary(whose, &reported, rejected, Some(&check));
    fields.push(notes.field());
    let line = notes.above(rejections.format(), &line);
    let kept = receipt.map(|to| {
        let evidence = Evidence {
            platform,
            period,
            file: path,
            service: &caller.endpoints.usage,
            reported: &reported,
            rejected,
            check: &check,
            at: Clock::system().now(),
        };
        evidence.write(to)
    });
    let finished = rejections.finish("records", others, &fields, &line);
    check.agreed().and(kept.unwrap_or(Ok(()))).and(finished)
}

/// What a cut stream had sent before went in with this file.
fn others(tally: &Tally) -> Others {
    let count = |sum: &Sum| sum.record_count().unsigned_abs();
    let again = count(&tally.again);
    let there = count(&tally.duplicates).saturating_sub(again);
    Others::of(count(&tally.accepted) + again, there)
}

fn check(whose: &PlatformPeriod, file: &Path, reported: &Reported) -> Result<Check, Failure> {
    let tally = &reported.tally;
    let repeats = if tally.depends_on_repeats() {
        let whose = (whose.platform.to_string(), whose.period.to_string());
        let taken = tally.taken().record_count().unsigned_abs();
        report::repeats((file, reported.file_sha256), &whose, taken)?
    } else {
        None
    };
    Ok(tally.check(repeats.as_ref()))
}

/// What is said of a report: for programs, and for people.
fn summary(
    whose: &PlatformPeriod,
    reported: &Reported,
    rejected: i64,
    check: Option<&Check>,
) -> (Vec<(Column, Cell)>, String) {
    let tally = &reported.tally;
    let counts = [
        ("accepted", tally.accepted.record_count(), words::ACCEPTED),
        (
            "duplicates",
            tally.duplicates.record_count(),
            words::DUPLICATES,
        ),
        ("rejected", rejected, words::REFUSED),
    ];
    let mut fields: Vec<(Column, Cell)> = counts
        .iter()
        .map(|&(key, n, _)| (column(key, key), n.into()))
        .collect();
    let remarks = reported.remarks.iter().map(report::Remark::json).collect();
    fields.push((column("warnings", "warnings"), Cell::Nested(remarks)));
    let told: Vec<_> = counts
        .iter()
        .map(|(_, n, text)| text.with(&[("count", &thousands(*n))]))
        .collect();
    let mut line = words::REPORTED.with(&[
        ("platform", &whose.platform),
        ("period", &whose.period),
        ("counts", &told.join(words::COMMA.say())),
    ]);
    if let Some((receipt, check)) = reported.receipt.as_ref().zip(check) {
        let nested = Cell::Nested(receipt_json(receipt));
        fields.push((column("receipt", "receipt"), nested));
        fields.push((
            column("receipt_check", "receipt check"),
            check.name().into(),
        ));
        line = format!("{line}\n{}", now_holds(receipt, check, rejected));
        if is_beyond(receipt.total_fen) {
            line = format!("{line}\n{}", beyond(words::ELSE_WITHDRAW.say()));
        }
    }
    if check.is_none() {
        let added = &tally.accepted;
        fields.push((column("added", "added"), Cell::Nested(added.json())));
        line = format!("{line}\n{}", would_add(added));
        if added.total_fen().is_some_and(is_beyond) {
            line = format!("{line}\n{}", beyond(""));
        }
    }
    (fields, line)
}

/// What a sum means that cannot be told.
fn beyond(otherwise: &str) -> String {
    words::SUM_BEYOND.with(&[("else", &otherwise)])
}

/// What a month would get that is checked and not reported.
fn would_add(added: &Sum) -> String {
    let sum = added.json();
    let total = added.total_fen().map_or("?".to_owned(), sum_in_yuan);
    words::WOULD_ADD.with(&[
        ("count", &thousands(added.record_count())),
        ("total", &total),
        ("digest", &sum["digest"].as_str().unwrap_or_default()),
    ])
}

fn now_holds(receipt: &Receipt, check: &Check, rejected: i64) -> String {
    let checked = match check {
        Check::WholePeriod if rejected == 0 => words::CHECKED_WHOLE,
        Check::WholePeriod if receipt.record_count == 0 => words::CHECKED_NOTHING,
        Check::WholePeriod => words::CHECKED_ACCEPTED,
        Check::Increase => words::CHECKED_INCREASE,
        Check::Undecided => words::CHECKED_UNDECIDED,
        Check::Mismatch(_) => words::CHECKED_MISMATCH,
    };
    words::NOW_HOLDS.with(&[
        ("count", &thousands(receipt.record_count)),
        ("total", &sum_in_yuan(receipt.total_fen)),
        ("digest", &receipt.digest),
        ("checked", &checked.say()),
    ])
}

fn receipt_json(receipt: &Receipt) -> serde_json::Value {
    json!({"record_count": receipt.record_count, "total_fen": receipt.total_fen, "digest": *receipt.digest})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_what_would_be_added() {
        let whose = ("alpha-mall", "2025-01");
        let record = gazelle_proto::usage::v1::UsageRecord {
            amount_fen: 12_345,
            ..Default::default()
        };
        let added = Sum::of(whose.0, whose.1, &record);
        let beyond = Sum::of(
            whose.0,
            whose.1,
            &gazelle_proto::usage::v1::UsageRecord {
                amount_fen: i64::MAX,
                ..Default::default()
            },
        );
        let told = would_add(&added.plus(&beyond));
        assert!(
            told.contains("more than 92,233,720,368,547,758.07 yuan"),
            "{told}"
        );
        let told = would_add(&added);
        let digest = added.json()["digest"].as_str().unwrap().to_owned();
        assert!(told.contains("1 record, 123.45 yuan"), "{told}");
        assert!(told.contains(&digest));
    }

    #[test]
    fn a_month_is_the_whole_file_only_where_none_of_it_was_refused() {
        let holds = |record_count, rejected| {
            let receipt = Receipt {
                record_count,
                ..Receipt::default()
            };
            now_holds(&receipt, &Check::WholePeriod, rejected)
        };
        let beyond = Receipt {
            total_fen: i64::MAX,
            ..Receipt::default()
        };
        let told = now_holds(&beyond, &Check::WholePeriod, 0);
        assert!(told.contains("more than 92,233"), "{told}");
        assert!(holds(5, 0).ends_with(": exactly the records of this file"));
        assert!(holds(5, 1).ends_with(": exactly the accepted records of this file"));
        assert!(holds(0, 3).ends_with("nothing of this file was accepted"));
    }
}
