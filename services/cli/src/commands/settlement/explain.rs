//! How an enterprise's share came about.

use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1::{ExplainShareRequest, Explanation};
use serde_json::json;

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, Out, bare_table, column, printable};

/// Asks for an enterprise's share in a run.
pub async fn explain(
    client: &Client,
    run_id: String,
    uscc: String,
) -> Result<Explanation, Failure> {
    let request = ExplainShareRequest { run_id, uscc };
    let answer = client
        .runs
        .clone()
        .explain_share(request)
        .await?
        .into_inner();
    let none = || Failure::new("INTERNAL", "the service answered without an explanation");
    answer.explanation.ok_or_else(none)
}

/// Prints an explanation.
pub fn print_explanation(out: &mut Out, explanation: Explanation) -> Result<(), Failure> {
    match out.format() {
        Format::Json => out.json(&as_json(&explanation)),
        Format::Csv => csv(out, explanation),
        Format::Table => table(out, &explanation),
    }
}

fn as_json(explanation: &Explanation) -> serde_json::Value {
    let steps = explanation.steps.iter().map(|step| {
        let figures = step
            .figures
            .iter()
            .map(|figure| json!({"label": figure.label, "amount_fen": figure.amount_fen}));
        json!({"rule": step.rule, "finding": step.finding, "figures": figures.collect::<Vec<_>>()})
    });
    json!({"uscc": explanation.uscc, "steps": steps.collect::<Vec<_>>()})
}

/// A row a figure; a step without figures has one row without.
fn csv(out: &mut Out, explanation: Explanation) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("step", "step"),
        column("rule", "rule"),
        column("finding", "finding"),
        column("label", "label"),
        column("amount_fen", "amount (yuan)"),
    ];
    let mut listing = out.list("steps", COLUMNS);
    for (number, step) in (1_i64..).zip(explanation.steps) {
        let row = |label: Cell, amount: Cell| {
            vec![
                number.into(),
                step.rule.as_str().into(),
                step.finding.as_str().into(),
                label,
                amount,
            ]
        };
        if step.figures.is_empty() {
            listing.row(row("".into(), "".into()))?;
        }
        for figure in step.figures {
            listing.row(row(figure.label.into(), Cell::fen(figure.amount_fen)))?;
        }
    }
    listing.finish(&[])?;
    Ok(())
}

fn table(out: &mut Out, explanation: &Explanation) -> Result<(), Failure> {
    out.line(&format!("enterprise {}", printable(&explanation.uscc)))?;
    for (number, step) in (1..).zip(&explanation.steps) {
        out.line(&format!(
            "\n{number}. {}: {}",
            printable(&step.rule),
            printable(&step.finding)
        ))?;
        let mut figures = bare_table();
        for figure in &step.figures {
            let amount = comfy_table::Cell::new(Fen::new(figure.amount_fen).to_yuan())
                .set_alignment(comfy_table::CellAlignment::Right);
            let label = comfy_table::Cell::new(format!("   {}", printable(&figure.label)));
            figures.add_row([label, amount, comfy_table::Cell::new("yuan")]);
        }
        if !step.figures.is_empty() {
            out.line(&figures.trim_fmt())?;
        }
    }
    Ok(())
}
