//! What the year came to, for people.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Table};
use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1::{Run, RunTotals};

use super::bars::{PARTS, stacked};
use super::cast::{Cast, headline};
use super::period::SettledPeriod;
use crate::commands::settlement;
use crate::failure::Failure;
use crate::output::Out;
use crate::sample::PROGRAM_IDS;
use crate::words::{self, Lang, lang};

/// Width of the bars, in characters.
const WIDTH: usize = 40;

/// Who bears a sum of fees.
#[derive(Debug, Clone, Copy, Default)]
struct Borne {
    fee: i64,
    parts: [i64; 3],
}

impl Borne {
    fn sum(totals: impl Iterator<Item = RunTotals>) -> Self {
        totals.fold(Self::default(), |sum, run| Self {
            fee: sum.fee + run.line_fee_fen,
            parts: [
                sum.parts[0] + run.line_government_fen,
                sum.parts[1] + run.line_platform_fen,
                sum.parts[2] + run.line_enterprise_fen,
            ],
        })
    }

    fn cells(&self, name: String, widest: i64) -> Vec<Cell> {
        let mut cells = vec![Cell::new(name), money(self.fee)];
        cells.extend(self.parts.map(money));
        cells.push(Cell::new(stacked(self.parts, widest, WIDTH)));
        cells
    }
}

fn money(fen: i64) -> Cell {
    Cell::new(Fen::new(fen).to_yuan()).set_alignment(CellAlignment::Right)
}

fn table(out: &Out, header: &[&str]) -> Table {
    out.headed_table(header.iter().enumerate().map(|(at, title)| {
        let amounts = at > 0 && !title.contains(PARTS);
        let cell = Cell::new(title);
        if amounts {
            cell.set_alignment(CellAlignment::Right)
        } else {
            cell
        }
    }))
}

/// Shows it all.
pub(super) async fn show(
    out: &mut Out,
    cast: &Cast,
    periods: &[SettledPeriod],
) -> Result<(), Failure> {
    who_bears_what(out, periods)?;
    let Some(last) = periods.last() else {
        return Ok(());
    };
    budgets(out, periods, last)?;
    exclusions(out, cast, last).await?;
    one_enterprise(out, cast, periods).await
}

fn who_bears_what(out: &mut Out, periods: &[SettledPeriod]) -> Result<(), Failure> {
    headline(out, words::HEADLINE_BEARS.say())?;
    let [government, platform, enterprise] = PARTS;
    let legend = words::BARS_LEGEND.with(&[
        ("government", &government),
        ("platform", &platform),
        ("enterprise", &enterprise),
    ]);
    let header = [
        "",
        words::DEMO_FEES.say(),
        words::DEMO_GOVERNMENT.say(),
        words::DEMO_PLATFORMS.say(),
        words::DEMO_ENTERPRISES.say(),
        &legend,
    ];

    let by_period: Vec<_> = periods
        .iter()
        .map(|settled| (settled.period.to_string(), Borne::sum(settled.totals())))
        .collect();
    let by_program: Vec<_> = PROGRAM_IDS
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let totals = periods
                .iter()
                .filter_map(|settled| settled.totals().nth(at));
            ((*id).to_owned(), Borne::sum(totals))
        })
        .collect();
    // Months are compared with one another, programs by their parts: their sizes differ too much.
    let widest = by_period.iter().map(|(_, borne)| borne.fee).max();
    let mut periods_table = table(out, &header);
    for (name, borne) in by_period {
        periods_table.add_row(borne.cells(name, widest.unwrap_or(0)));
    }
    out.line(&periods_table.trim_fmt())?;
    let mut programs_table = table(out, &header);
    for (name, borne) in by_program {
        programs_table.add_row(borne.cells(name, borne.fee));
    }
    out.line(&format!("\n{}", programs_table.trim_fmt()))
}

fn budgets(out: &mut Out, periods: &[SettledPeriod], last: &SettledPeriod) -> Result<(), Failure> {
    headline(out, words::HEADLINE_BUDGETS.say())?;
    let mut table = table(
        out,
        &[
            "",
            words::BUDGET_RELEASED.say(),
            words::BUDGET_GRANTED.say(),
            words::BUDGET_LEFT.say(),
            words::BUDGET_SHORT.say(),
            words::BUDGET_SHORT_SINCE.say(),
        ],
    );
    for (at, run) in last.runs.iter().enumerate() {
        let totals = run.totals.unwrap_or_default();
        let granted: i64 = periods
            .iter()
            .filter_map(|settled| settled.totals().nth(at))
            .map(|run| run.granted_fen + run.clawed_back_fen)
            .sum();
        let exhausted = periods.iter().find(|settled| {
            settled
                .totals()
                .nth(at)
                .is_some_and(|run| run.unfunded_fen > 0)
        });
        let exhausted =
            exhausted.map_or_else(|| "-".to_owned(), |settled| settled.period.to_string());
        table.add_row(vec![
            Cell::new(&run.program_id),
            money(totals.released_fen),
            money(granted),
            money(totals.released_fen - granted),
            money(totals.unfunded_fen),
            Cell::new(exhausted),
        ]);
    }
    out.line(&table.trim_fmt())
}

async fn exclusions(out: &mut Out, cast: &Cast, last: &SettledPeriod) -> Result<(), Failure> {
    headline(out, words::HEADLINE_EXCLUDED.say())?;
    let mut by_reason: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (at, run) in last.runs.iter().enumerate() {
        for exclusion in settlement::exclusions(&cast.auditor, &run.run_id).await? {
            let amounts = by_reason
                .entry(exclusion.reason)
                .or_insert_with(|| vec![0; last.runs.len()]);
            amounts[at] = exclusion.fee_fen;
        }
    }
    let mut header = vec![""];
    header.extend(PROGRAM_IDS);
    let mut table = table(out, &header);
    for (reason, amounts) in by_reason {
        let mut cells = vec![Cell::new(told(&reason))];
        cells.extend(amounts.into_iter().map(money));
        table.add_row(cells);
    }
    out.line(&table.trim_fmt())
}

/// A reason by its code, or where Chinese is spoken in words.
fn told(reason: &str) -> &str {
    let words = words::exclusion(reason).filter(|_| lang() == Lang::Zh);
    words.unwrap_or(reason)
}

/// Explains the enterprise with the largest entitlement of the last run that decided anything.
async fn one_enterprise(
    out: &mut Out,
    cast: &Cast,
    periods: &[SettledPeriod],
) -> Result<(), Failure> {
    let runs = periods
        .iter()
        .rev()
        .filter_map(|settled| settled.runs.first());
    for run in runs {
        let mut largest: Option<(i64, String)> = None;
        settlement::enterprises(&cast.auditor, &run.run_id, |row| {
            let this = (row.uncapped_fen, row.uscc);
            if row.granted_fen > 0 && largest.as_ref().is_none_or(|most| this > *most) {
                largest = Some(this);
            }
            Ok(())
        })
        .await?;
        if let Some((_, uscc)) = largest {
            return explain(out, cast, run, uscc).await;
        }
    }
    Ok(())
}

async fn explain(out: &mut Out, cast: &Cast, run: &Run, uscc: String) -> Result<(), Failure> {
    let title = words::HEADLINE_EXPLAINED.with(&[
        ("program", &run.program_id),
        ("through", &run.through_period),
    ]);
    headline(out, &title)?;
    let command = format!(
        "gazelle settlement explain {}#{} {uscc}",
        run.program_id, run.number
    );
    out.line(&words::EXPLAINED_BY.with(&[("command", &command)]))?;
    let explanation = settlement::explain(&cast.auditor, run.run_id.clone(), uscc.clone()).await?;
    settlement::print_explanation(out, &uscc, explanation)
}
