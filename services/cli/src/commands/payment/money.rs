//! What payees have with a program, and where its money is.

use gazelle_kernel::ProgramId;
use gazelle_proto::settlement::v1::{
    GetProgramMoneyRequest, ListAccountStatementRequest, ListBalancesRequest, PayeeBalance,
    ProgramMoney, RunMoney, YearMoney,
};
use serde_json::json;

use crate::client::{Client, pages};
use crate::commands::names;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column};
use crate::words::{self, Lang, Text, lang};

const BALANCES: &[Column] = &[
    column("payee_id", "payee"),
    column("given_fen", "given (yuan)"),
    column("payable_fen", "payable (yuan)"),
    column("in_payment_fen", "in payment (yuan)"),
    column("paid_fen", "paid (yuan)"),
    column("receivable_fen", "receivable (yuan)"),
];

pub(super) async fn balances(
    context: &mut Context,
    client: &Client,
    program: &ProgramId,
) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListBalancesRequest {
            program_id: program.to_string(),
            page_size: 5_000,
            page_token,
        };
        let page = client.payments.clone().list_balances(request).await?;
        let page = page.into_inner();
        Ok((page.balances, page.next_page_token))
    };
    let format = context.out.format();
    let mut listing = context.out.list("balances", BALANCES);
    names::pages_with_names(format, client, fetch, |balance: PayeeBalance, names| {
        listing.row(vec![
            names.cell(balance.payee_id),
            Cell::fen(balance.given_fen),
            Cell::fen(balance.payable_fen),
            Cell::fen(balance.in_payment_fen),
            Cell::fen(balance.paid_fen),
            Cell::fen(balance.receivable_fen),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

const YEARS: &[Column] = &[
    column("year", "year"),
    column("budget_fen", "budget (yuan)"),
    column("free_fen", "free (yuan)"),
    column("committed_fen", "committed (yuan)"),
    column("granted_fen", "granted (yuan)"),
];

fn year_cells(year: &YearMoney) -> Vec<Cell> {
    vec![
        Cell::Year(year.year),
        Cell::fen(year.budget_fen),
        Cell::fen(year.free_fen),
        Cell::fen(year.committed_fen),
        Cell::fen(year.granted_fen),
    ]
}

const RUNS: &[Column] = &[
    column("run_number", "run"),
    column("year", "year"),
    column("granted_fen", "granted (yuan)"),
    column("clawed_back_fen", "clawed back (yuan)"),
    column("payable_fen", "payable (yuan)"),
    column("in_payment_fen", "in payment (yuan)"),
    column("paid_fen", "paid (yuan)"),
    column("receivable_fen", "receivable (yuan)"),
    column("set_off_fen", "set off (yuan)"),
    column("returned_fen", "returned (yuan)"),
];

fn run_cells(run: &RunMoney) -> Vec<Cell> {
    vec![
        run.run_number.into(),
        Cell::Year(run.year),
        Cell::fen(run.granted_fen),
        Cell::fen(run.clawed_back_fen),
        Cell::fen(run.payable_fen),
        Cell::fen(run.in_payment_fen),
        Cell::fen(run.paid_fen),
        Cell::fen(run.receivable_fen),
        Cell::fen(set_off_fen(run)),
        Cell::fen(run.returned_fen),
    ]
}

/// What others' clawbacks took of a run's grants, below 0; and of what it took back itself, what
/// others' grants covered, above 0. Over all runs that is 0. With it a row adds up: granted,
/// clawed back and set off are payable, in payment and paid, without what is receivable.
fn set_off_fen(run: &RunMoney) -> i64 {
    let there = run.payable_fen + run.in_payment_fen + run.paid_fen - run.receivable_fen;
    there - run.granted_fen - run.clawed_back_fen
}

fn total_fields(total: &ProgramMoney) -> Vec<(Column, Cell)> {
    vec![
        (
            column("given_fen", "given (yuan)"),
            Cell::sum(total.given_fen),
        ),
        (
            column("payable_fen", "payable (yuan)"),
            Cell::sum(total.payable_fen),
        ),
        (
            column("in_payment_fen", "in payment (yuan)"),
            Cell::sum(total.in_payment_fen),
        ),
        (column("paid_fen", "paid (yuan)"), Cell::sum(total.paid_fen)),
        (
            column("receivable_fen", "receivable (yuan)"),
            Cell::sum(total.receivable_fen),
        ),
        (
            column("returned_fen", "returned (yuan)"),
            Cell::sum(total.returned_fen),
        ),
    ]
}

/// By year and by run in tables; in JSON all in one; in CSV the runs.
pub(super) async fn show(
    context: &mut Context,
    client: &Client,
    program: &ProgramId,
) -> Result<(), Failure> {
    let request = GetProgramMoneyRequest {
        program_id: program.to_string(),
    };
    let answer = client.payments.clone().get_program_money(request).await?;
    let money = answer.into_inner();
    let total = money.total.unwrap_or_default();
    match context.out.format() {
        Format::Json => {
            let years = money.years.iter().map(|year| {
                json!({
                "year": year.year, "budget_fen": year.budget_fen, "free_fen": year.free_fen,
                "committed_fen": year.committed_fen, "granted_fen": year.granted_fen})
            });
            let years: Vec<_> = years.collect();
            let mut rest = vec![(column("years", "years"), Cell::Nested(years.into()))];
            rest.extend(total_fields(&total));
            let mut listing = context.out.list("runs", RUNS);
            money
                .runs
                .iter()
                .try_for_each(|run| listing.row(run_cells(run)))?;
            listing.finish(&rest)?;
        }
        Format::Csv => {
            let mut listing = context.out.list("runs", RUNS);
            money
                .runs
                .iter()
                .try_for_each(|run| listing.row(run_cells(run)))?;
            listing.finish(&[])?;
        }
        Format::Table => {
            let mut listing = context.out.list("years", YEARS);
            money
                .years
                .iter()
                .try_for_each(|year| listing.row(year_cells(year)))?;
            let out = listing.finish(&[])?;
            out.line("")?;
            let mut listing = out.list("runs", RUNS);
            money
                .runs
                .iter()
                .try_for_each(|run| listing.row(run_cells(run)))?;
            let out = listing.finish(&[])?;
            out.line("")?;
            out.one(&total_fields(&total))?;
        }
    }
    Ok(())
}

fn coded(code: String, told: fn(&str) -> String) -> Cell {
    let shown = told(&code);
    Cell::coded(code, shown)
}

/// What made a line of an account statement, as people see it.
fn cause_told(code: &str) -> String {
    let known = [
        words::CAUSE_APPROVED,
        words::CAUSE_PREPARED,
        words::CAUSE_CANCELLED,
        words::CAUSE_ANSWERED,
    ];
    let told = known.iter().find(|it| it.in_lang(Lang::En) == code);
    told.map_or_else(|| code.to_owned(), |it| it.say().to_owned())
}

/// The name of an account of the books, as people see it: whose it is stays.
fn account_told(name: &str) -> String {
    account_in(lang(), name)
}

fn account_in(lang: Lang, name: &str) -> String {
    let known = [
        words::BOOK_SUBSIDY,
        words::BOOK_PAYABLE,
        words::BOOK_IN_PAYMENT,
        words::BOOK_RECEIVABLE,
        words::BOOK_TREASURY,
    ];
    let told = |kind: &Text| {
        let whose = name.strip_prefix(kind.in_lang(Lang::En))?;
        let is_it = whose.is_empty() || whose.starts_with(':');
        is_it.then(|| format!("{}{whose}", kind.in_lang(lang)))
    };
    known
        .iter()
        .find_map(told)
        .unwrap_or_else(|| name.to_owned())
}

/// Lists what was booked for a payee; empty: for the platform that asks.
pub async fn statement(
    context: &mut Context,
    client: &Client,
    payee_id: String,
) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("posting_number", "posting"),
        column("recorded_at", "recorded at"),
        column("program_id", "program"),
        column("cause", "cause"),
        column("cause_id", "of"),
        column("debit_account", "debit"),
        column("credit_account", "credit"),
        column("amount_fen", "amount (yuan)"),
        column("payment_id", "payment"),
    ];
    let profile = context.profile.as_deref().unwrap_or_default();
    let own = profile.strip_prefix("platform:").unwrap_or_default();
    let payee_id = if payee_id.is_empty() {
        own.to_owned()
    } else {
        payee_id
    };
    let fetch = async |page_token| {
        let request = ListAccountStatementRequest {
            payee_id: payee_id.clone(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .payments
            .clone()
            .list_account_statement(request)
            .await?;
        let page = page.into_inner();
        Ok((page.lines, page.next_page_token))
    };
    let mut listing = context.out.list("account_statement", COLUMNS);
    pages(fetch, |line| {
        listing.row(vec![
            line.posting_number.into(),
            line.recorded_at.into(),
            line.program_id.into(),
            coded(line.cause, cause_told),
            line.cause_id.into(),
            coded(line.debit_account, account_told),
            coded(line.credit_account, account_told),
            Cell::fen(line.amount_fen),
            line.payment_id.into(),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_off_between_runs_makes_each_row_add_up() {
        let before = RunMoney {
            granted_fen: 300_000,
            paid_fen: 297_304,
            ..RunMoney::default()
        };
        let after = RunMoney {
            clawed_back_fen: -3_000,
            receivable_fen: 304,
            ..RunMoney::default()
        };
        assert_eq!((set_off_fen(&before), set_off_fen(&after)), (-2_696, 2_696));
        assert_eq!(run_cells(&before).len(), RUNS.len());
    }

    #[test]
    fn an_account_of_the_books_has_a_chinese_name_and_its_owner() {
        for (name, told) in [
            ("liabilities:payable:a-share:mall", "应付:a-share:mall"),
            ("liabilities:in-payment:a-share:mall", "支付中:a-share:mall"),
            ("assets:treasury:a-share", "国库:a-share"),
            ("assets:treasury-bills:x", "assets:treasury-bills:x"),
            ("equity:budget:a-share:2025", "equity:budget:a-share:2025"),
        ] {
            assert_eq!(account_in(Lang::Zh, name), told);
            assert_eq!(account_in(Lang::En, name), name);
        }
    }
}
