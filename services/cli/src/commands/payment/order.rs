//! Orders: preparing, finding, showing them.

use gazelle_kernel::{Fen, ProgramId};
use gazelle_proto::settlement::v1::{
    GetOrderRequest, ListOrdersRequest, ListPaymentsRequest, Payment, PaymentOrder,
    PaymentOrderState, PrepareOrderRequest,
};

use crate::args::RunRef;
use crate::client::{Client, pages};
use crate::commands::names::{self, Names};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, column, thousands};
use crate::words;

const COLUMNS: &[Column] = &[
    column("order_id", "order"),
    column("program_id", "program"),
    column("number", "number"),
    column("state", "state"),
    column("payment_count", "payments"),
    column("total_fen", "total (yuan)"),
    column("held_count", "held"),
    column("settled_count", "settled"),
    column("settled_fen", "settled (yuan)"),
    column("returned_count", "returned"),
    column("returned_fen", "returned (yuan)"),
    column("prepared_by", "prepared by"),
    column("prepared_at", "prepared at"),
    column("decided_by", "decided by"),
    column("decided_at", "decided at"),
];

fn cells(order: &PaymentOrder, programs: &Names) -> Vec<Cell> {
    let said = |code: &str, text: words::Text| Cell::coded(code, text.say());
    let state = match order.state() {
        PaymentOrderState::Unspecified => said("UNKNOWN", words::CODE_UNKNOWN),
        PaymentOrderState::Prepared => said("PREPARED", words::ORDER_PREPARED),
        PaymentOrderState::Released => said("RELEASED", words::ORDER_RELEASED),
        PaymentOrderState::Answered => said("ANSWERED", words::ORDER_ANSWERED),
        PaymentOrderState::Cancelled => said("CANCELLED", words::ORDER_CANCELLED),
    };
    vec![
        order.order_id.as_str().into(),
        programs.cell(order.program_id.as_str()),
        order.number.into(),
        state,
        order.payment_count.into(),
        Cell::fen(order.total_fen),
        order.held_count.into(),
        order.settled_count.into(),
        Cell::fen(order.settled_fen),
        order.returned_count.into(),
        Cell::fen(order.returned_fen),
        order.prepared_by.as_str().into(),
        order.prepared_at.into(),
        order.decided_by.as_str().into(),
        order.decided_at.into(),
    ]
}

/// All of an order but its tables.
pub(super) fn facts(order: &PaymentOrder) -> Vec<(Column, Cell)> {
    let cells = cells(order, &Names::default());
    let mut facts: Vec<_> = COLUMNS.iter().copied().zip(cells).collect();
    facts.push((column("final", "last order"), Cell::Flag(order.r#final)));
    facts.push((column("payer", "paid from"), payer(order).into()));
    facts.push((column("digest", "digest"), order.digest.as_str().into()));
    facts
}

/// Whose account pays, with the end of its number.
fn payer(order: &PaymentOrder) -> String {
    format!(
        "{} …{}",
        order.payer_account_name, order.payer_account_number_last_four
    )
}

/// An order in plain words, for whoever is about to decide something about it.
pub(super) fn summary(order: &PaymentOrder) -> String {
    let name = format!("{}#{}", order.program_id, order.number);
    words::ORDER_SUMMARY.with(&[
        ("order", &name),
        ("id", &order.order_id),
        ("program", &order.program_id),
        ("count", &thousands(order.payment_count.into())),
        ("total", &Fen::new(order.total_fen).to_yuan()),
        ("held", &thousands(order.held_count.into())),
        ("payer", &payer(order)),
        ("digest", &order.digest),
    ])
}

/// The order of an answer.
pub(super) fn there(order: Option<PaymentOrder>) -> Result<PaymentOrder, Failure> {
    order.ok_or_else(|| Failure::said("INTERNAL", "the service answered without an order"))
}

/// Prepares an order of a program.
pub(crate) async fn prepare(
    client: &Client,
    program: &ProgramId,
    last: bool,
) -> Result<PaymentOrder, Failure> {
    let request = PrepareOrderRequest {
        program_id: program.to_string(),
        r#final: last,
    };
    let answer = client.payments.clone().prepare_order(request).await?;
    there(answer.into_inner().order)
}

/// The order that `order` names.
pub(super) async fn find(client: &Client, order: RunRef) -> Result<PaymentOrder, Failure> {
    let order_id = id(client, order).await?;
    let request = GetOrderRequest { order_id };
    let answer = client.payments.clone().get_order(request).await?;
    there(answer.into_inner().order)
}

/// The id of the order that `order` names.
pub(super) async fn id(client: &Client, order: RunRef) -> Result<String, Failure> {
    let (program, number) = match order {
        RunRef::Id(id) => return Ok(id),
        RunRef::Numbered(program, number) => (program, number),
    };
    let mut found = None;
    each(client, program.as_str(), |order| {
        // They come by number: the last is the newest.
        if number == 0 || order.number == number {
            found = Some(order.order_id);
        }
        Ok(())
    })
    .await?;
    found.ok_or_else(|| {
        let message = match number {
            0 => words::NO_ORDERS.with(&[("program", &program)]),
            number => words::NO_SUCH_ORDER.with(&[("program", &program), ("number", &number)]),
        };
        Failure::new("ORDER_NOT_FOUND", message)
    })
}

async fn each(
    client: &Client,
    program_id: &str,
    each: impl FnMut(PaymentOrder) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListOrdersRequest {
            program_id: program_id.to_owned(),
            page_size: 1_000,
            page_token,
        };
        let page = client.payments.clone().list_orders(request).await?;
        let page = page.into_inner();
        Ok((page.orders, page.next_page_token))
    };
    pages(fetch, each).await
}

pub(super) async fn list(
    context: &mut Context,
    client: &Client,
    program: Option<ProgramId>,
) -> Result<(), Failure> {
    let program_id = program.map(|id| id.to_string()).unwrap_or_default();
    let names = names::programs(context, client).await;
    let mut listing = context.out.list("orders", COLUMNS);
    each(client, &program_id, |order| {
        listing.row(cells(&order, &names))
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

/// Hands on each payment of an order, page by page.
pub(super) async fn each_payment(
    client: &Client,
    order_id: &str,
    mut each: impl FnMut(Payment),
) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListPaymentsRequest {
            order_id: order_id.to_owned(),
            page_size: 5_000,
            page_token,
        };
        let page = client.payments.clone().list_payments(request).await?;
        let page = page.into_inner();
        Ok((page.payments, page.next_page_token))
    };
    pages(fetch, |payment| {
        each(payment);
        Ok::<_, Failure>(())
    })
    .await
}
