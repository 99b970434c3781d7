//! What a run would read, what is missing, and whose turn it is.

use std::collections::BTreeSet;

use gazelle_kernel::{Period, ProgramId, Year, parse_date};
use gazelle_proto::settlement::v1::{
    GetProgramRequest, GetReadinessRequest, GetReadinessResponse, OwedPeriodReadiness,
    OwedPeriodState, Program,
};

use super::find;
use crate::client::Client;
use crate::commands::names;
use crate::commands::usage::period;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column};
use crate::words;

const COLUMNS: &[Column] = &[
    column("platform_id", "platform"),
    column("period", "period"),
    column("state", "state"),
    column("turn", "whose turn"),
];

pub(super) async fn show(
    context: &mut Context,
    client: &Client,
    program: &ProgramId,
    through: Period,
    year: Option<Year>,
) -> Result<(), Failure> {
    let request = GetReadinessRequest {
        program_id: program.to_string(),
        through_period: through.to_string(),
        year: year.map_or(0, Year::get),
    };
    let answer = client.runs.clone().get_readiness(request).await?;
    let found = answer.into_inner();
    let names = names::platforms(context, client).await;
    let differing = differing(client, &found.periods).await;
    let table = context.out.format() == Format::Table;
    let rest = rest(&found);
    let open = match found.open_run_id.as_str() {
        "" => String::new(),
        run_id => named(client, run_id).await,
    };
    let mut told = told(&found, through, &names, &open);
    if table && let Some(program) = known(client, program).await {
        told.extend(beside_term(
            &program,
            year.unwrap_or(through.year()),
            through,
        ));
    }
    let mut listing = context.out.list("periods", COLUMNS);
    for owed in found.periods {
        let key = (owed.platform_id.clone(), owed.period.clone());
        let (state, turn) = words_of(owed.state(), differing.contains(&key));
        listing.row(vec![
            names.cell(owed.platform_id),
            owed.period.into(),
            state,
            turn,
        ])?;
    }
    let out = listing.finish(&rest)?;
    if table {
        told.iter().try_for_each(|line| out.line(line))?;
    }
    Ok(())
}

/// The program. None where it cannot be seen: what there is to say of it is never worth a failure.
async fn known(client: &Client, program: &ProgramId) -> Option<Program> {
    let request = GetProgramRequest {
        program_id: program.to_string(),
        version: 0,
    };
    let answer = client.programs.clone().get_program(request).await;
    answer.ok()?.into_inner().program
}

/// What there is to say of months beside the program's term. A run reads them all the same: what is
/// reported late or taken back stands in them (`SETTLEMENT.md`, What is settled).
fn beside_term(program: &Program, year: Year, through: Period) -> Option<String> {
    let from = parse_date(&program.valid_from).ok()?;
    let to = parse_date(&program.valid_to).ok();
    let last_day = through.last_day().min(year.last_day());
    if last_day < from || to.is_some_and(|to| to <= year.first_day()) {
        let to = to.map_or_else(|| "…".to_owned(), |to| to.to_string());
        return Some(words::NOT_IN_TERM.with(&[
            ("from", &from),
            ("to", &to),
            ("year", &year),
            ("through", &through),
        ]));
    }
    let to = to.filter(|to| *to <= through.first_day())?;
    let last = Period::of(to.previous_day()?)?;
    Some(words::AFTER_TERM.with(&[("to", &to), ("last", &last)]))
}

/// Months whose statement does not say what was received: no officer can seal those. None where
/// that cannot be seen just now; then sealing says it.
async fn differing(client: &Client, owed: &[OwedPeriodReadiness]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let stated = owed
        .iter()
        .filter(|it| it.state() == OwedPeriodState::NotSealed);
    let platforms: BTreeSet<_> = stated.map(|it| it.platform_id.as_str()).collect();
    for platform_id in platforms {
        let seen = period::each(client, platform_id, |period| {
            if !period::statement_agrees(&period) {
                found.insert((period.platform_id, period.period));
            }
            Ok(())
        });
        if seen.await.is_err() {
            break;
        }
    }
    found
}

/// A state and whose turn it is, each for programs and for people.
fn words_of(state: OwedPeriodState, differs: bool) -> (Cell, Cell) {
    let both = |code: &str, state: words::Text, turn: &str, whose: Option<words::Text>| {
        let whose = whose.map_or("", |text| text.say());
        (Cell::coded(code, state.say()), Cell::coded(turn, whose))
    };
    match state {
        OwedPeriodState::Unspecified => both("UNKNOWN", words::CODE_UNKNOWN, "", None),
        OwedPeriodState::NotOver => both(
            "NOT_OVER",
            words::NOT_OVER,
            "NOBODY",
            Some(words::TURN_TIME),
        ),
        OwedPeriodState::NotReported => {
            let turn = Some(words::TURN_PLATFORM_REPORT);
            both("NOT_REPORTED", words::NOT_REPORTED, "PLATFORM", turn)
        }
        OwedPeriodState::NotStated => {
            let turn = Some(words::TURN_PLATFORM_STATE);
            both("NOT_STATED", words::NOT_STATED, "PLATFORM", turn)
        }
        OwedPeriodState::NotSealed if differs => {
            let turn = Some(words::TURN_PLATFORM_CORRECT);
            both("NOT_SEALED", words::STATED_OTHERWISE, "PLATFORM", turn)
        }
        OwedPeriodState::NotSealed => {
            let turn = Some(words::TURN_OFFICER_SEAL);
            both("NOT_SEALED", words::NOT_SEALED, "OFFICER", turn)
        }
        OwedPeriodState::Sealed => both("SEALED", words::SEALED, "", None),
    }
}

fn missing(periods: &[OwedPeriodReadiness]) -> usize {
    let sealed = |owed: &&OwedPeriodReadiness| owed.state() == OwedPeriodState::Sealed;
    periods.len() - periods.iter().filter(sealed).count()
}

fn is_ready(found: &GetReadinessResponse) -> bool {
    found.period_over && found.open_run_id.is_empty() && missing(&found.periods) == 0
}

fn rest(found: &GetReadinessResponse) -> Vec<(Column, Cell)> {
    let silent = found.silent_platform_ids.clone().into();
    vec![
        (column("ready", "ready"), Cell::Flag(is_ready(found))),
        (
            column("period_over", "month over"),
            Cell::Flag(found.period_over),
        ),
        (
            column("open_run_id", "open run"),
            found.open_run_id.as_str().into(),
        ),
        (
            column("silent_platform_ids", "silent platforms"),
            Cell::Nested(silent),
        ),
    ]
}

/// A run as people name it; by its id where it can't be looked at.
async fn named(client: &Client, run_id: &str) -> String {
    match find::get(client, run_id.to_owned()).await {
        Ok(run) => format!("{}#{}", run.program_id, run.number),
        Err(_) => run_id.to_owned(),
    }
}

fn told(
    found: &GetReadinessResponse,
    through: Period,
    names: &names::Names,
    open: &str,
) -> Vec<String> {
    let mut lines = Vec::new();
    if !found.silent_platform_ids.is_empty() {
        let silent: Vec<_> = found
            .silent_platform_ids
            .iter()
            .map(|id| names.text(id))
            .collect();
        let line = words::SILENT.with(&[("platforms", &silent.join(", "))]);
        lines.push(line.trim_start().to_owned());
    }
    if !found.period_over {
        lines.push(words::PERIOD_NOT_OVER.with(&[("through", &through)]));
    }
    if !open.is_empty() {
        lines.push(words::RUN_IS_OPEN.with(&[("run", &open)]));
    }
    let missing = missing(&found.periods);
    if is_ready(found) {
        lines.push(words::READY.with(&[("through", &through)]));
    } else if missing > 0 {
        lines.push(words::NOT_READY.with(&[("count", &missing)]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_beside_the_programs_term_are_told() {
        let told = |from: &str, to: &str, year, through| {
            let program = Program {
                valid_from: from.to_owned(),
                valid_to: to.to_owned(),
                ..Program::default()
            };
            let (year, through) = (Year::new(year).unwrap(), Period::parse(through).unwrap());
            beside_term(&program, year, through)
        };
        let ended = |year, through| told("2025-01-01", "2026-01-01", year, through);
        assert_eq!(ended(2025, "2025-12"), None);
        let after = ended(2025, "2026-03").unwrap();
        assert!(after.contains("through 2025-12 needs none"), "{after}");
        for none in [ended(2026, "2026-03"), ended(2024, "2024-12")] {
            assert!(
                none.unwrap()
                    .contains("from 2025-01-01 to before 2026-01-01")
            );
        }
        let mid_month = told("2025-01-01", "2025-06-16", 2025, "2025-06");
        assert_eq!(mid_month, None);
        let next = told("2025-01-01", "2025-06-16", 2025, "2025-07").unwrap();
        assert!(next.contains("through 2025-06 needs none"), "{next}");
        assert_eq!(told("2025-01-01", "", 2031, "2031-07"), None);
        assert!(told("2025-03-01", "", 2025, "2025-02").is_some());
    }
}
