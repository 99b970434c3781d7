//! Stating how many records a month has, and their sum: one month, or those of a file.

use std::collections::BTreeMap;
use std::path::Path;

use gazelle_kernel::{ParseError, Period, PlatformId};
use gazelle_proto::usage::v1::{self as pb, SubmitStatementRequest};

use super::own::as_platform;
use super::period::{facts, statement_agrees, there};
use crate::args::{PlatformPeriod, StateArgs};
use crate::client::Client;
use crate::commands::import::{BadField, amount, field, number};
use crate::commands::rejected::{Others, ROWS, Rejections};
use crate::context::Context;
use crate::failure::Failure;
use crate::input::rows::{BadRow, Row, RowFile};
use crate::output::{Cell, Column, Format, Notes, column, is_beyond, sum_in_yuan, thousands};
use crate::words;

const FILE_COLUMNS: &[&str] = &["platform_id", "period", "record_count", "total_fen"];

pub(super) async fn run(context: &mut Context, args: StateArgs) -> Result<(), Failure> {
    if let Some(file) = &args.from {
        // Whoever acts as a platform states for that one.
        let own = || context.home.platform(context.profile.as_deref());
        let platform = args.platform.or_else(own);
        return from_file(context, file, platform, args.period).await;
    }
    let (Some(platform), Some(period)) = (args.platform, args.period) else {
        return Err(Failure::new("ARGUMENT_MISSING", words::ONE_OR_FILE.say()));
    };
    let whose = PlatformPeriod { platform, period };
    let count = args.record_count.unwrap_or_default();
    let total = args.total_fen.unwrap_or_default();
    let client = context.client().await?;
    let period = submit(&client, &whose, count, total)
        .await
        .map_err(|failure| as_platform(failure, &whose.platform))?;
    context.out.one(&facts(&period))?;
    if !statement_agrees(&period) && context.out.format() == Format::Table {
        let received = period.received.unwrap_or_default();
        let line = words::STATED_DIFFERS.with(&[
            ("count", &thousands(received.record_count)),
            ("total", &sum_in_yuan(received.total_fen)),
        ]);
        context.out.line(&line)?;
        if is_beyond(received.total_fen) {
            let otherwise = words::ELSE_WITHDRAW.say();
            let line = words::SUM_BEYOND.with(&[("else", &otherwise)]);
            context.out.line(&line)?;
        }
    }
    Ok(())
}

/// States a period's totals.
pub async fn submit(
    client: &Client,
    whose: &PlatformPeriod,
    record_count: i64,
    total_fen: i64,
) -> Result<pb::Period, Failure> {
    let request = SubmitStatementRequest {
        platform_id: whose.platform.to_string(),
        period: whose.period.to_string(),
        record_count,
        total_fen,
    };
    let answer = client.usage.clone().submit_statement(request).await?;
    there(answer.into_inner().period)
}

/// What a row of a file states.
struct Stated {
    line: u64,
    whose: PlatformPeriod,
    record_count: i64,
    total_fen: i64,
}

/// States what the rows of a file say, those for `platform` and `period` where they are given. All
/// of it is read before anything is stated.
async fn from_file(
    context: &mut Context,
    path: &Path,
    platform: Option<PlatformId>,
    period: Option<Period>,
) -> Result<(), Failure> {
    let mut file = RowFile::open(path, FILE_COLUMNS, &[])?.with_id(2);
    let mut notes = Notes::default();
    notes.add(file.take_notes());
    notes.tell(&mut context.out)?;
    let (rows, left) = read(&mut file, path, platform.as_ref(), period)?;
    let client = context.client().await?;
    let mut rejections = Rejections::new(&mut context.out, ROWS);
    let mut stated = 0_i64;
    for row in rows {
        let bad = match row {
            Err(bad) => bad,
            Ok(row) => match submit_as(&client, &row).await {
                Ok(()) => {
                    stated += 1;
                    continue;
                }
                Err(failure) => row.rejected(&failure),
            },
        };
        rejections.add(bad)?;
    }
    notes.add(file.take_notes());
    if stated == 0 && rejections.total() == 0 {
        return Err(none_taken(path, platform.as_ref(), period));
    }
    let rejected = i64::try_from(rejections.total()).unwrap_or(i64::MAX);
    let fields: [(Column, Cell); 4] = [
        (column("stated", "stated"), stated.into()),
        (column("left", "left"), left.into()),
        (column("rejected", "rejected"), rejected.into()),
        notes.field(),
    ];
    let counts = [
        words::ACCEPTED.with(&[("count", &thousands(stated))]),
        words::REFUSED.with(&[("count", &thousands(rejected))]),
    ];
    let what = words::title_of("statements");
    let mut line = words::ROWS_OF.with(&[
        ("what", &what),
        ("counts", &counts.join(words::COMMA.say())),
    ]);
    if left > 0 {
        let left = words::ROWS_LEFT.with(&[("count", &thousands(left))]);
        line = [line, left].join(words::SEMICOLON.say());
    }
    let line = notes.above(rejections.format(), &line);
    let others = Others::of(stated.unsigned_abs(), 0);
    rejections.finish("statements", others, &fields, &line)
}

fn is_asked(row: &Row, platform: Option<&PlatformId>, period: Option<Period>) -> bool {
    platform.is_none_or(|platform| platform.as_str() == row.fields[0])
        && period.is_none_or(|period| period.to_string() == row.fields[1])
}

/// The rows that are asked for, in their order and each month once, and how many are not. Refused
/// where two say something else of one month: nobody can tell which is meant.
fn read(
    file: &mut RowFile,
    path: &Path,
    platform: Option<&PlatformId>,
    period: Option<Period>,
) -> Result<(Vec<Result<Stated, BadRow>>, i64), Failure> {
    let (mut rows, mut left) = (Vec::new(), 0);
    let mut known = BTreeMap::new();
    while let Some(row) = file.next_row()? {
        let row = match row {
            Ok(row) if !is_asked(&row, platform, period) => {
                left += 1;
                continue;
            }
            Ok(row) => parse(&row),
            Err(bad) => Err(bad),
        };
        if let Ok(row) = &row {
            let says = (row.line, row.record_count, row.total_fen);
            let key = (row.whose.platform.clone(), row.whose.period);
            let first = *known.entry(key).or_insert(says);
            if (first.1, first.2) != (says.1, says.2) {
                return Err(contradicts(path, first.0, row));
            }
            if first.0 != row.line {
                continue;
            }
        }
        rows.push(row);
    }
    Ok((rows, left))
}

fn parse(row: &Row) -> Result<Stated, BadRow> {
    let bad = |reason: &str, message: &str| BadRow {
        line: row.line,
        id: row.fields[..2].join(" "),
        reason: reason.to_owned(),
        message: message.to_owned(),
    };
    let unreadable = |error: ParseError| bad(error.reason(), &error.to_string());
    let bad_field = |field: BadField| bad(&field.reason, &field.message);
    Ok(Stated {
        line: row.line,
        whose: PlatformPeriod {
            platform: PlatformId::parse(&row.fields[0]).map_err(unreadable)?,
            period: Period::parse(&row.fields[1]).map_err(unreadable)?,
        },
        record_count: number("record_count", &row.fields[2], "COUNT_INVALID").map_err(bad_field)?,
        total_fen: amount("total_fen", &field(&row.fields, 3)).map_err(bad_field)?,
    })
}

impl Stated {
    fn rejected(&self, failure: &Failure) -> BadRow {
        BadRow {
            line: self.line,
            id: format!("{} {}", self.whose.platform, self.whose.period),
            reason: failure.reason().to_owned(),
            message: failure.message().to_owned(),
        }
    }
}

async fn submit_as(client: &Client, row: &Stated) -> Result<(), Failure> {
    let stated = submit(client, &row.whose, row.record_count, row.total_fen).await;
    stated.map_err(|failure| as_platform(failure, &row.whose.platform))?;
    Ok(())
}

fn contradicts(path: &Path, first: u64, row: &Stated) -> Failure {
    let (path, whose) = (path.display(), &row.whose);
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("path", &path),
        ("first", &first),
        ("second", &row.line),
        ("platform", &whose.platform),
        ("period", &whose.period),
    ];
    Failure::new("ROWS_CONTRADICT", words::ROWS_CONTRADICT.with(&values))
        .hint(&words::NOTHING_USED.with(&[("path", &path)]))
}

fn none_taken(path: &Path, platform: Option<&PlatformId>, period: Option<Period>) -> Failure {
    let platform = platform.map(ToString::to_string);
    let period = period.map(|period| period.to_string());
    let whose: Vec<_> = platform.into_iter().chain(period).collect();
    let (path, whose) = (path.display(), whose.join(" "));
    let message = words::NO_ROWS_TAKEN.with(&[("path", &path), ("whose", &whose)]);
    Failure::new("NOTHING_TO_STATE", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_takes_its_own_rows_of_the_months_that_are_asked_for() {
        let own = PlatformId::parse("alpha-mall").ok();
        let row = |platform: &str, period: &str| Row {
            line: 2,
            fields: [platform, period, "1", "2"].map(str::to_owned).into(),
        };
        let january = Some(Period::parse("2025-01").unwrap());
        assert!(is_asked(
            &row("alpha-mall", "2025-01"),
            own.as_ref(),
            january
        ));
        assert!(!is_asked(&row("beta-mall", "2025-01"), own.as_ref(), None));
        assert!(!is_asked(
            &row("alpha-mall", "2025-02"),
            own.as_ref(),
            january
        ));
        assert!(is_asked(&row("beta-mall", "2025-02"), None, None));
    }
}
