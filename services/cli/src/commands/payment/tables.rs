//! The tables of an order. As CSV they are the result files of `PAYMENT.md`, to the byte.

use gazelle_proto::settlement::v1::{
    HeldPayee, ListHeldPayeesRequest, ListPaymentsRequest, ListRemittancesRequest, Payment,
    PaymentState, Remittance,
};

use crate::args::OrderTable;
use crate::client::Client;
use crate::commands::names::{self, Names};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column};
use crate::words;

/// The contract's largest page of an order's rows.
const PAGE_SIZE: i32 = 5_000;

const PAYMENTS: &[Column] = &[
    column("payee_id", "payee"),
    column("amount_fen", "amount (yuan)"),
    column("state", "state"),
    column("payment_id", "payment"),
    column("account_name", "account name"),
    column("account_number_last_four", "account number"),
    column("bank_code", "bank code"),
    column("return_reason", "returned for"),
];
/// As CSV a payment has the columns of the result file alone.
const PAYMENTS_CSV: usize = 3;

const HELD: &[Column] = &[
    column("payee_id", "payee"),
    column("payable_fen", "payable (yuan)"),
    column("reason", "reason"),
];

const REMITTANCES: &[Column] = &[
    column("payee_id", "payee"),
    column("year", "year"),
    column("run_number", "run"),
    column("amount_fen", "amount (yuan)"),
];

pub(super) async fn show(
    context: &mut Context,
    client: &Client,
    order_id: &str,
    table: OrderTable,
) -> Result<(), Failure> {
    match table {
        OrderTable::Payments => payments(context, client, order_id).await,
        OrderTable::Held => held(context, client, order_id).await,
        OrderTable::Remittances => remittances(context, client, order_id).await,
    }
}

fn payment_cells(payment: Payment, names: &Names) -> Vec<Cell> {
    let said = |code: &str, text: words::Text| Cell::coded(code, text.say());
    let state = match payment.state() {
        PaymentState::Unspecified => said("UNKNOWN", words::CODE_UNKNOWN),
        PaymentState::Pending => said("PENDING", words::PAYMENT_PENDING),
        PaymentState::Settled => said("SETTLED", words::PAYMENT_SETTLED),
        PaymentState::Returned => said("RETURNED", words::PAYMENT_RETURNED),
        PaymentState::Cancelled => said("CANCELLED", words::PAYMENT_CANCELLED),
    };
    vec![
        names.cell(payment.payee_id),
        Cell::fen(payment.amount_fen),
        state,
        payment.payment_id.into(),
        payment.account_name.into(),
        format!("…{}", payment.account_number_last_four).into(),
        payment.bank_code.into(),
        payment.return_reason.into(),
    ]
}

async fn payments(context: &mut Context, client: &Client, order_id: &str) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListPaymentsRequest {
            order_id: order_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
        };
        let page = client.payments.clone().list_payments(request).await?;
        let page = page.into_inner();
        Ok((page.payments, page.next_page_token))
    };
    let format = context.out.format();
    let shown = match format {
        Format::Csv => PAYMENTS_CSV,
        Format::Table | Format::Json => PAYMENTS.len(),
    };
    let mut listing = context.out.list("payments", &PAYMENTS[..shown]);
    names::pages_with_names(format, client, fetch, |payment, names| {
        let mut cells = payment_cells(payment, names);
        cells.truncate(shown);
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

fn held_cells(held: HeldPayee, names: &Names) -> Vec<Cell> {
    let why = match held.reason.as_str() {
        "BELOW_MINIMUM" => words::HELD_BELOW_MINIMUM.say(),
        "ACCOUNT_MISSING" => words::HELD_ACCOUNT_MISSING.say(),
        "ACCOUNT_RETURNED" => words::HELD_ACCOUNT_RETURNED.say(),
        _ => "",
    };
    vec![
        names.cell(held.payee_id),
        Cell::fen(held.payable_fen),
        Cell::named(held.reason, why),
    ]
}

async fn held(context: &mut Context, client: &Client, order_id: &str) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListHeldPayeesRequest {
            order_id: order_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
        };
        let page = client.payments.clone().list_held_payees(request).await?;
        let page = page.into_inner();
        Ok((page.payees, page.next_page_token))
    };
    let format = context.out.format();
    let mut listing = context.out.list("held", HELD);
    names::pages_with_names(format, client, fetch, |held, names| {
        listing.row(held_cells(held, names))
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

async fn remittances(
    context: &mut Context,
    client: &Client,
    order_id: &str,
) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListRemittancesRequest {
            order_id: order_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
        };
        let page = client.payments.clone().list_remittances(request).await?;
        let page = page.into_inner();
        Ok((page.remittances, page.next_page_token))
    };
    let format = context.out.format();
    let mut listing = context.out.list("remittances", REMITTANCES);
    names::pages_with_names(format, client, fetch, |remittance: Remittance, names| {
        listing.row(vec![
            names.cell(remittance.payee_id),
            Cell::Year(remittance.year),
            remittance.run_number.into(),
            Cell::fen(remittance.amount_fen),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}
