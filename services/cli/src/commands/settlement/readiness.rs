//! What a run would read, what is missing, and whose turn it is.

use std::collections::BTreeSet;

use gazelle_kernel::{Period, ProgramId, Year};
use gazelle_proto::settlement::v1::{
    GetReadinessRequest, GetReadinessResponse, OwedPeriodReadiness, OwedPeriodState,
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
    let told = told(&found, through, &names, &open);
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
        OwedPeriodState::Unspecified => ("UNKNOWN".into(), "".into()),
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
