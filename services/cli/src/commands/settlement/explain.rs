//! How an enterprise's share came about.

use gazelle_kernel::Fen;
use gazelle_proto::settlement::v1::{
    ExplainShareRequest, Explanation, ExplanationCode, ExplanationFigureCode, ExplanationRule,
};
use serde_json::json;

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, Out, bare_table, column, printable};
use crate::words;

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
    let none = || Failure::said("INTERNAL", "the service answered without an explanation");
    answer.explanation.ok_or_else(none)
}

/// Prints an explanation; `enterprise` is whose, as people know it.
pub fn print_explanation(
    out: &mut Out,
    enterprise: &str,
    explanation: Explanation,
) -> Result<(), Failure> {
    match out.format() {
        Format::Json => out.json(&as_json(&explanation)),
        Format::Csv => csv(out, explanation),
        Format::Table => table(out, enterprise, &explanation),
    }
}

/// Codes and figures for programs, and the words for whoever reads it all the same.
fn as_json(explanation: &Explanation) -> serde_json::Value {
    let steps = explanation.steps.iter().map(|step| {
        let figures = step.figures.iter().map(
            |figure| json!({"code": figure_code(figure.code()), "amount_fen": figure.amount_fen}),
        );
        json!({
            "rule": rule_code(step.rule()),
            "code": step_code(step.code()),
            "parameters": step.parameters,
            "figures": figures.collect::<Vec<_>>(),
            "finding": words::explain::finding(step),
        })
    });
    json!({"uscc": explanation.uscc, "steps": steps.collect::<Vec<_>>()})
}

fn rule_code(rule: ExplanationRule) -> &'static str {
    rule.as_str_name().trim_start_matches("EXPLANATION_RULE_")
}

fn step_code(code: ExplanationCode) -> &'static str {
    code.as_str_name().trim_start_matches("EXPLANATION_CODE_")
}

fn figure_code(code: ExplanationFigureCode) -> &'static str {
    let name = code.as_str_name();
    name.trim_start_matches("EXPLANATION_FIGURE_CODE_")
}

/// A row a figure; a step without figures has one row without.
fn csv(out: &mut Out, explanation: Explanation) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("step", "step"),
        column("rule", "rule"),
        column("code", "code"),
        column("finding", "finding"),
        column("figure", "figure"),
        column("amount_fen", "amount (yuan)"),
    ];
    let mut listing = out.list("steps", COLUMNS);
    for (number, step) in (1_i64..).zip(explanation.steps) {
        let row = |figure: Cell, amount: Cell| {
            vec![
                number.into(),
                rule_code(step.rule()).into(),
                step_code(step.code()).into(),
                words::explain::finding(&step).into(),
                figure,
                amount,
            ]
        };
        if step.figures.is_empty() {
            listing.row(row("".into(), "".into()))?;
        }
        for figure in &step.figures {
            let amount = Cell::fen(figure.amount_fen);
            listing.row(row(figure_code(figure.code()).into(), amount))?;
        }
    }
    listing.finish(&[])?;
    Ok(())
}

fn table(out: &mut Out, enterprise: &str, explanation: &Explanation) -> Result<(), Failure> {
    out.line(&format!(
        "{} {}",
        words::title("enterprise"),
        printable(enterprise)
    ))?;
    for (number, step) in (1..).zip(&explanation.steps) {
        let step_line = words::explain::STEP.with(&[
            ("number", &number),
            ("rule", &words::explain::rule(step.rule()).say()),
            ("finding", &printable(&words::explain::finding(step))),
        ]);
        out.line(&format!("\n{step_line}"))?;
        let mut figures = bare_table();
        for figure in &step.figures {
            let amount = comfy_table::Cell::new(Fen::new(figure.amount_fen).to_yuan())
                .set_alignment(comfy_table::CellAlignment::Right);
            let label = words::explain::figure(figure.code()).say();
            let label = comfy_table::Cell::new(format!("   {label}"));
            let yuan = comfy_table::Cell::new(words::title("yuan"));
            figures.add_row([label, amount, yuan]);
        }
        if !step.figures.is_empty() {
            out.line(&figures.trim_fmt())?;
        }
    }
    Ok(())
}
