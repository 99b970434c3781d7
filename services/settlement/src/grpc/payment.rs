//! Serves `PaymentService`.

use futures::StreamExt as _;
use gazelle_kernel::{PayeeId, ProgramId};
use gazelle_proto::{optional, settlement::v1 as pb};
use gazelle_runtime::{
    access::principal,
    page::List,
    status::{FieldExt as _, Fields},
};
use tonic::{Request, Response, Status, Streaming};

use super::{
    parse::{self, common::program_id},
    render::payment as render,
    stream::Messages,
};
use crate::{
    app::App,
    domain::payment::{file::format::ANSWER_BYTES_MAX, id::parse_order_id},
};

/// Prepares an order of all that can be paid.
pub async fn prepare_order(
    app: &App,
    request: Request<pb::PrepareOrderRequest>,
) -> Result<Response<pb::PrepareOrderResponse>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let program = program_id(&request.program_id)?;
    let order = Box::pin(app.prepare_order(&caller, program, request.r#final)).await?;
    Ok(Response::new(pb::PrepareOrderResponse {
        order: Some(render::order(&order)),
    }))
}

/// Releases an order by its digest.
pub async fn release_order(
    app: &App,
    request: Request<pb::ReleaseOrderRequest>,
) -> Result<Response<pb::ReleaseOrderResponse>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let mut fields = Fields::default();
    let order_id = fields.note(parse::payment::order_id(&request.order_id));
    let digest = fields.note(parse::common::sha256("digest", &request.digest));
    let (order_id, digest) = fields.finish(order_id.zip(digest))?;
    let order = Box::pin(app.release_order(&caller, order_id, digest)).await?;
    Ok(Response::new(pb::ReleaseOrderResponse {
        order: Some(render::order(&order)),
    }))
}

/// Cancels an order.
pub async fn cancel_order(
    app: &App,
    request: Request<pb::CancelOrderRequest>,
) -> Result<Response<pb::CancelOrderResponse>, Status> {
    let caller = principal(&request).clone();
    let order_id = parse::payment::order_id(&request.get_ref().order_id)?;
    let order = app.cancel_order(&caller, order_id).await?;
    Ok(Response::new(pb::CancelOrderResponse {
        order: Some(render::order(&order)),
    }))
}

/// Streams an order's payment file.
pub async fn export_order(
    app: &App,
    request: Request<pb::ExportOrderRequest>,
) -> Result<Response<Messages<pb::ExportOrderResponse>>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let mut fields = Fields::default();
    let order_id = fields.note(parse::payment::order_id(&request.order_id));
    let format = fields.note(parse::payment::file_format(request.format()));
    let (order_id, format) = fields.finish(order_id.zip(format))?;
    let pieces = app.export_order(&caller, &order_id, format).await?;
    let messages = pieces.map(|piece| Ok(pb::ExportOrderResponse { content: piece? }));
    Ok(Response::new(Box::pin(messages)))
}

/// Takes in an answer, whole or not at all.
pub async fn take_answer(
    app: &App,
    request: Request<Streaming<pb::TakeAnswerRequest>>,
) -> Result<Response<pb::TakeAnswerResponse>, Status> {
    let caller = principal(&request).clone();
    let mut pieces = request.into_inner();
    let mut format = pb::AnswerFormat::Unspecified;
    let mut content = Vec::new();
    while let Some(piece) = pieces.message().await? {
        if format == pb::AnswerFormat::Unspecified {
            format = piece.format();
        }
        if content.len() + piece.content.len() > ANSWER_BYTES_MAX {
            return Err(parse::payment::answer_too_large());
        }
        content.extend_from_slice(&piece.content);
    }
    let format = parse::payment::answer_format(format)?;
    let taken = Box::pin(app.take_answer(&caller, format, content)).await?;
    Ok(Response::new(pb::TakeAnswerResponse {
        answer: Some(render::answer(&taken.answer)),
        repeated: taken.repeated,
        order: Some(render::order(&taken.order)),
    }))
}

/// Shows an order.
pub async fn get_order(
    app: &App,
    request: Request<pb::GetOrderRequest>,
) -> Result<Response<pb::GetOrderResponse>, Status> {
    let order_id = parse::payment::order_id(&request.get_ref().order_id)?;
    let order = app.get_order(&order_id).await?;
    Ok(Response::new(pb::GetOrderResponse {
        order: Some(render::order(&order)),
    }))
}

/// Lists orders.
pub async fn list_orders(
    app: &App,
    request: Request<pb::ListOrdersRequest>,
) -> Result<Response<pb::ListOrdersResponse>, Status> {
    let request = request.into_inner();
    let program = optional::parse(&request.program_id, ProgramId::parse).field("program_id")?;
    let list = List::new("orders", &[&request.program_id]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page
        .after(|[program, number]| Some((ProgramId::parse(program).ok()?, number.parse().ok()?)))?;
    let after = after.as_ref().map(|(program, number)| (program, *number));
    let rows = app
        .list_orders(program.as_ref(), after, page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| {
        [
            row.order.program_id.to_string(),
            row.order.number.to_string(),
        ]
    });
    let orders = rows.iter().map(render::order).collect();
    Ok(Response::new(pb::ListOrdersResponse {
        orders,
        next_page_token,
    }))
}

/// Lists the payments of an order.
pub async fn list_payments(
    app: &App,
    request: Request<pb::ListPaymentsRequest>,
) -> Result<Response<pb::ListPaymentsResponse>, Status> {
    let request = request.into_inner();
    let order_id = parse::payment::order_id(&request.order_id)?;
    let list = List::new("payments", &[&order_id]).sized(1_000, 5_000);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[payee]| PayeeId::parse(payee).ok())?;
    let rows = app
        .list_payments(&order_id, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.payee_id.to_string()]);
    let payments = rows.iter().map(render::payment).collect();
    Ok(Response::new(pb::ListPaymentsResponse {
        payments,
        next_page_token,
    }))
}

/// Lists whom an order does not pay, and why.
pub async fn list_held_payees(
    app: &App,
    request: Request<pb::ListHeldPayeesRequest>,
) -> Result<Response<pb::ListHeldPayeesResponse>, Status> {
    let request = request.into_inner();
    let order_id = parse::payment::order_id(&request.order_id)?;
    let list = List::new("held_payees", &[&order_id]).sized(1_000, 5_000);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[payee]| PayeeId::parse(payee).ok())?;
    let rows = app
        .list_held_payees(&order_id, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.payee_id.to_string()]);
    let payees = rows.iter().map(render::held).collect();
    Ok(Response::new(pb::ListHeldPayeesResponse {
        payees,
        next_page_token,
    }))
}

/// Lists which runs payments are made of.
pub async fn list_remittances(
    app: &App,
    request: Request<pb::ListRemittancesRequest>,
) -> Result<Response<pb::ListRemittancesResponse>, Status> {
    let request = request.into_inner();
    let order_id = parse::payment::order_id(&request.order_id)?;
    let list = List::new("remittances", &[&order_id]).sized(1_000, 5_000);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[payee, year, run]| {
        let payee = PayeeId::parse(payee).ok()?;
        Some((payee, year.parse::<i32>().ok()?, run.parse::<i32>().ok()?))
    })?;
    let after = after
        .as_ref()
        .map(|(payee, year, run)| (payee, *year, *run));
    let rows = app.list_remittances(&order_id, after, page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |(payee, part)| {
        [
            payee.to_string(),
            part.year.to_string(),
            part.run_number.to_string(),
        ]
    });
    let remittances = rows.iter().map(render::remittance).collect();
    Ok(Response::new(pb::ListRemittancesResponse {
        remittances,
        next_page_token,
    }))
}

/// Lists what payees have with a program.
pub async fn list_balances(
    app: &App,
    request: Request<pb::ListBalancesRequest>,
) -> Result<Response<pb::ListBalancesResponse>, Status> {
    let request = request.into_inner();
    let program = program_id(&request.program_id)?;
    let list = List::new("balances", &[&request.program_id]).sized(1_000, 5_000);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[payee]| PayeeId::parse(payee).ok())?;
    let rows = app
        .list_balances(&program, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |(payee, _)| [payee.to_string()]);
    let balances = rows.iter().map(render::balance).collect();
    Ok(Response::new(pb::ListBalancesResponse {
        balances,
        next_page_token,
    }))
}

/// Lists answers, the newest first.
pub async fn list_answers(
    app: &App,
    request: Request<pb::ListAnswersRequest>,
) -> Result<Response<pb::ListAnswersResponse>, Status> {
    let request = request.into_inner();
    let order_id = optional::parse(&request.order_id, parse_order_id).field("order_id")?;
    let order_id = order_id.as_deref();
    let list = List::new("answers", &[order_id.unwrap_or_default()]);
    let page = list.page(request.page_size, &request.page_token)?;
    let before = page.after(|[number]| number.parse::<i64>().ok())?;
    let rows = app.list_answers(order_id, before, page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.answer.number.to_string()]);
    let answers = rows.iter().map(render::answer).collect();
    Ok(Response::new(pb::ListAnswersResponse {
        answers,
        next_page_token,
    }))
}

/// Shows what became of the money of a program, by year.
pub async fn get_program_money(
    app: &App,
    request: Request<pb::GetProgramMoneyRequest>,
) -> Result<Response<pb::GetProgramMoneyResponse>, Status> {
    let program = program_id(&request.get_ref().program_id)?;
    let money = app.get_program_money(&program).await?;
    Ok(Response::new(render::program_money(&money)))
}

/// Lists a payee's account, across programs.
pub async fn list_account_statement(
    app: &App,
    request: Request<pb::ListAccountStatementRequest>,
) -> Result<Response<pb::ListAccountStatementResponse>, Status> {
    let caller = principal(&request);
    let request = request.get_ref();
    let payee = PayeeId::parse(&request.payee_id).field("payee_id")?;
    let list = List::new("account_statement", &[&request.payee_id]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page
        .after(|[number]| number.parse::<i64>().ok())?
        .unwrap_or(0);
    let rows = app
        .list_account_statement(caller, &payee, after, page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.posting_number.to_string()]);
    let lines = rows.iter().map(render::statement_line).collect();
    Ok(Response::new(pb::ListAccountStatementResponse {
        lines,
        next_page_token,
    }))
}
