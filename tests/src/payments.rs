//! A city's payments: payees with accounts, what runs gave them, orders and a bank's answers.

use futures::{StreamExt as _, stream};
use gazelle_client::Client;
use gazelle_proto::registry::v1::{
    ConfirmPaymentAccountsRequest, PaymentAccount, PutPaymentAccountsRequest,
};
use gazelle_proto::settlement::v1::{
    AnswerFormat, CancelOrderRequest, ExportOrderRequest, GetOrderRequest, LedgerCheckpoint,
    ListBalancesRequest, ListPaymentsRequest, PayeeBalance, Payment, PaymentFileFormat,
    PaymentOrder, PrepareOrderRequest, ReleaseOrderRequest, TakeAnswerRequest, TakeAnswerResponse,
    VerifyLedgerRequest,
};
use tonic::Status;

use crate::city::{City, program};
use crate::fresh;
use crate::listing::whole;
use crate::report::fee;

/// A program whose first run, of 2017-01, gave these enterprises something.
#[derive(Debug)]
pub struct Owing {
    /// The program that pays.
    pub program_id: String,
    /// The platform whose fees it shares.
    pub platform_id: String,
    /// The enterprises, by code; the merchant of `payees[at]` is `shop-{at}`.
    pub payees: Vec<String>,
}

/// What the run gave `payees[at]`, in fen.
#[must_use]
pub fn given_fen(at: usize) -> i64 {
    500 * (1 + i64::try_from(at).unwrap())
}

impl Owing {
    /// An approved run for so many enterprises; each has an account in force.
    pub async fn found(city: &City<'_>, payee_count: usize) -> Self {
        let (platform_id, program_id) = (fresh::platform("mall"), fresh::program("pays"));
        let mut payees = Vec::new();
        for _ in 0..payee_count {
            payees.push(city.micro_enterprise().await);
        }
        payees.sort();
        let mut records = Vec::new();
        for (at, uscc) in payees.iter().enumerate() {
            let merchant = format!("shop-{at}");
            city.bind(&platform_id, &merchant, uscc).await;
            let fee_fen = 2 * given_fen(at);
            let day = "2017-01-05";
            records.push(fee(&merchant, &merchant, "COMMISSION", day, fee_fen));
        }
        city.seal_period(&platform_id, "2017-01", &records).await;
        city.apply(program(&program_id, &[&platform_id]))
            .await
            .unwrap();
        for uscc in &payees {
            city.enroll(&program_id, uscc, 0).await;
        }
        city.settle(&program_id, 2017, "2017-01").await;
        for uscc in &payees {
            confirm_account(city, uscc, "6222020200012345678").await;
        }
        Self {
            program_id,
            platform_id,
            payees,
        }
    }

    /// What the payees have, in their order.
    pub async fn balances(&self, city: &City<'_>) -> Vec<PayeeBalance> {
        let request = ListBalancesRequest {
            program_id: self.program_id.clone(),
            ..ListBalancesRequest::default()
        };
        let listed = city.auditor.payments.clone().list_balances(request).await;
        listed.unwrap().into_inner().balances
    }
}

/// Gives an enterprise an account, whose number ends so, which the registrar proposes and the
/// approver confirms.
pub async fn confirm_account(city: &City<'_>, uscc: &str, number: &str) {
    let account = PaymentAccount {
        payee_id: uscc.to_owned(),
        account_name: crate::city::shopkeeper(uscc).name,
        account_number: format!("{number:0>8}"),
        bank_code: "102100099996".to_owned(),
        bank_name: "工商银行杭州分行".to_owned(),
        ..PaymentAccount::default()
    };
    let request = PutPaymentAccountsRequest {
        accounts: vec![account],
    };
    let mut registry = city.registrar.registry.clone();
    let put = registry.put_payment_accounts(request).await.unwrap();
    assert_eq!(put.into_inner().result.unwrap().rejections, []);
    let request = ConfirmPaymentAccountsRequest {
        payee_ids: vec![uscc.to_owned()],
        ..ConfirmPaymentAccountsRequest::default()
    };
    let mut registry = city.approver.registry.clone();
    let confirmed = registry.confirm_payment_accounts(request).await.unwrap();
    assert_eq!(confirmed.into_inner().confirmed_count, 1);
}

/// Prepares an order.
pub async fn prepare(officer: &Client, program_id: &str) -> Result<PaymentOrder, Status> {
    let request = PrepareOrderRequest {
        program_id: program_id.to_owned(),
        r#final: true,
    };
    let prepared = officer.payments.clone().prepare_order(request).await?;
    Ok(prepared.into_inner().order.unwrap())
}

/// Releases an order as it was shown.
pub async fn release(approver: &Client, order: &PaymentOrder) -> Result<PaymentOrder, Status> {
    let request = ReleaseOrderRequest {
        order_id: order.order_id.clone(),
        digest: order.digest.clone(),
    };
    let released = approver.payments.clone().release_order(request).await?;
    Ok(released.into_inner().order.unwrap())
}

/// Cancels an order.
pub async fn cancel(officer: &Client, order: &PaymentOrder) -> Result<PaymentOrder, Status> {
    let request = CancelOrderRequest {
        order_id: order.order_id.clone(),
    };
    let cancelled = officer.payments.clone().cancel_order(request).await?;
    Ok(cancelled.into_inner().order.unwrap())
}

/// An order as it stands.
pub async fn order(city: &City<'_>, order_id: &str) -> PaymentOrder {
    let request = GetOrderRequest {
        order_id: order_id.to_owned(),
    };
    let found = city.auditor.payments.clone().get_order(request).await;
    found.unwrap().into_inner().order.unwrap()
}

/// An order's payments, by payee.
pub async fn payments(city: &City<'_>, order: &PaymentOrder) -> Vec<Payment> {
    let request = ListPaymentsRequest {
        order_id: order.order_id.clone(),
        ..ListPaymentsRequest::default()
    };
    let listed = city.auditor.payments.clone().list_payments(request).await;
    listed.unwrap().into_inner().payments
}

/// A treasury's answer list of an order, a row a payment id and result: `成功`, `退回` or
/// `处理中`.
#[must_use]
pub fn answer_list(order: &PaymentOrder, rows: &[(&str, &str)]) -> String {
    let header = "批次号,支付单号,结果,原因".to_owned();
    let row = |(id, result): &(&str, &str)| format!("{},{id},{result},AC04", order.order_id);
    let lines = [header].into_iter().chain(rows.iter().map(row));
    lines.collect::<Vec<_>>().join("\n")
}

/// An order as a file.
pub async fn export(
    officer: &Client,
    order_id: &str,
    format: PaymentFileFormat,
) -> Result<Vec<u8>, Status> {
    let request = ExportOrderRequest {
        order_id: order_id.to_owned(),
        format: format.into(),
    };
    let mut payments = officer.payments.clone();
    let mut pieces = payments.export_order(request).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = pieces.message().await? {
        file.extend(piece.content);
    }
    Ok(file)
}

/// All payments of an order, however many.
pub async fn all_payments(auditor: &Client, order: &PaymentOrder) -> Result<Vec<Payment>, Status> {
    let fetch = async |page_token| {
        let request = ListPaymentsRequest {
            order_id: order.order_id.clone(),
            page_size: 5_000,
            page_token,
        };
        let page = auditor.payments.clone().list_payments(request).await?;
        let page = page.into_inner();
        Ok((page.payments, page.next_page_token))
    };
    whole(fetch).await
}

/// Bytes of an answer that are sent at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// Enters a treasury's answer list.
pub async fn take_answer(officer: &Client, list: &str) -> Result<TakeAnswerResponse, Status> {
    take(officer, AnswerFormat::TreasuryCsv, list).await
}

/// Enters a bank's message.
pub async fn take_message(officer: &Client, text: &str) -> Result<TakeAnswerResponse, Status> {
    take(officer, AnswerFormat::Pain002, text).await
}

async fn take(
    officer: &Client,
    format: AnswerFormat,
    text: &str,
) -> Result<TakeAnswerResponse, Status> {
    let piece = |content: &[u8]| TakeAnswerRequest {
        format: format.into(),
        content: content.to_vec(),
    };
    let pieces: Vec<_> = text.as_bytes().chunks(PIECE_BYTES).map(piece).collect();
    let stream = stream::iter(pieces);
    let taken = officer.payments.clone().take_answer(stream).await?;
    Ok(taken.into_inner())
}

/// What checking the books comes to: the end of them, or the refusal.
pub async fn verify(
    city: &City<'_>,
    checkpoint: Option<LedgerCheckpoint>,
) -> Result<LedgerCheckpoint, Status> {
    verified(&city.auditor, checkpoint).await
}

/// The same, asked by this client.
pub async fn verified(
    auditor: &Client,
    checkpoint: Option<LedgerCheckpoint>,
) -> Result<LedgerCheckpoint, Status> {
    let request = VerifyLedgerRequest { checkpoint };
    let mut ledger = auditor.ledger.clone();
    let mut progress = ledger.verify_ledger(request).await?.into_inner();
    let mut end = None;
    while let Some(message) = progress.next().await {
        end = message?.checkpoint;
    }
    Ok(end.expect("the last message has the end of the books"))
}
