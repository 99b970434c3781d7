//! Serves what is asked of payment accounts.

use gazelle_kernel::PayeeId;
use gazelle_proto::{optional, registry::v1 as pb};
use gazelle_runtime::{
    access::principal,
    page::List,
    status::{FieldExt, Fields},
};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        account::{choice, given, only_payees, payees, returns, state},
        common::{batch, revision},
    },
    render::{
        account::{masked, whole},
        common::count,
        import::imported,
    },
    stream::{Messages, by_size, messages},
};
use crate::{app::App, domain::account::PaymentAccount};

/// Proposes accounts.
pub async fn put(
    app: &App,
    request: Request<pb::PutPaymentAccountsRequest>,
) -> Result<Response<pb::PutPaymentAccountsResponse>, Status> {
    let items = batch(&request.get_ref().accounts, given)?;
    let result = app.put_payment_accounts(principal(&request), items).await?;
    Ok(Response::new(pb::PutPaymentAccountsResponse {
        result: Some(imported(&result)),
    }))
}

/// Confirms what others proposed.
pub async fn confirm(
    app: &App,
    request: Request<pb::ConfirmPaymentAccountsRequest>,
) -> Result<Response<pb::ConfirmPaymentAccountsResponse>, Status> {
    let choice = choice(request.get_ref())?;
    let through = revision(request.get_ref().through_revision).field("through_revision")?;
    let confirmed = app
        .confirm_payment_accounts(principal(&request), choice, through)
        .await?;
    Ok(Response::new(pb::ConfirmPaymentAccountsResponse {
        confirmed_count: count(confirmed.confirmed_count),
        left_count: count(confirmed.left_count),
        revision: confirmed.revision.get(),
    }))
}

/// Rejects proposals, or accounts in force.
pub async fn reject(
    app: &App,
    request: Request<pb::RejectPaymentAccountsRequest>,
) -> Result<Response<pb::RejectPaymentAccountsResponse>, Status> {
    let payees = payees(&request.get_ref().payee_ids)?;
    let through = revision(request.get_ref().through_revision).field("through_revision")?;
    let rejected = app
        .reject_payment_accounts(principal(&request), payees, through)
        .await?;
    Ok(Response::new(pb::RejectPaymentAccountsResponse {
        proposed_count: count(rejected.proposed_count),
        confirmed_count: count(rejected.confirmed_count),
        revision: rejected.revision.get(),
    }))
}

/// Lists accounts, masked.
pub async fn list(
    app: &App,
    request: Request<pb::ListPaymentAccountsRequest>,
) -> Result<Response<pb::ListPaymentAccountsResponse>, Status> {
    let request = request.get_ref();
    let mut fields = Fields::default();
    let payee = optional::parse(&request.payee_id, PayeeId::parse);
    let payee = fields.read("payee_id", payee);
    let state = fields.read("state", state(request.state));
    let (payee, state) = fields.finish(payee.zip(state))?;
    let filter = [&*request.payee_id, &request.state.to_string()];
    let list = List::new("payment_accounts", &filter);
    let page = list.page(request.page_size, &request.page_token)?;
    let after =
        page.after(|[payee, version]| Some((PayeeId::parse(payee).ok()?, version.parse().ok()?)))?;
    let (rows, revision) = app
        .list_payment_accounts(payee.as_ref(), state, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |last| {
        [last.payee_id().to_string(), last.version.to_string()]
    });
    Ok(Response::new(pb::ListPaymentAccountsResponse {
        accounts: rows.iter().map(masked).collect(),
        next_page_token,
        revision: revision.get(),
    }))
}

/// Shows all versions of a payee's account.
pub async fn get(
    app: &App,
    request: Request<pb::GetPaymentAccountRequest>,
) -> Result<Response<pb::GetPaymentAccountResponse>, Status> {
    let payee = PayeeId::parse(&request.get_ref().payee_id).field("payee_id")?;
    let (accounts, revision) = app.get_payment_account(principal(&request), payee).await?;
    Ok(Response::new(pb::GetPaymentAccountResponse {
        accounts: accounts.iter().map(whole).collect(),
        revision: revision.get(),
    }))
}

/// Streams the accounts in force.
pub async fn read(
    app: &App,
    request: Request<pb::ReadPaymentAccountsRequest>,
) -> Result<Response<Messages<pb::ReadPaymentAccountsResponse>>, Status> {
    let payees = only_payees(&request.get_ref().payee_ids)?;
    let streamed = app
        .read_payment_accounts(principal(&request), payees)
        .await?;
    let first = pb::ReadPaymentAccountsResponse {
        revision: streamed.revision.get(),
        accounts: Vec::new(),
    };
    Ok(Response::new(messages(streamed, first, cut)))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "as the stream hands parts on"
)]
fn cut(part: Vec<PaymentAccount>) -> Vec<pb::ReadPaymentAccountsResponse> {
    let message = |accounts| pb::ReadPaymentAccountsResponse {
        revision: 0,
        accounts,
    };
    by_size(part.iter().map(whole))
        .into_iter()
        .map(message)
        .collect()
}

/// Notes payments that came back.
pub async fn note_returns(
    app: &App,
    request: Request<pb::NotePaymentReturnsRequest>,
) -> Result<Response<pb::NotePaymentReturnsResponse>, Status> {
    let returns = returns(&request.get_ref().returns)?;
    let (noted, revision) = app
        .note_payment_returns(principal(&request), returns)
        .await?;
    Ok(Response::new(pb::NotePaymentReturnsResponse {
        noted_count: count(noted),
        revision: revision.get(),
    }))
}
