//! Payees who are registered under another name now than their account was confirmed in: the
//! account stays in force (`PAYMENT.md`), and a bank may pay nothing to another name.

use gazelle_kernel::text::normalized;
use gazelle_proto::registry::v1::{ListPaymentAccountsRequest, PaymentAccountState};
use tonic::Status;

use super::order::each_payment;
use crate::client::Client;
use crate::commands::names::Names;
use crate::failure::Failure;
use crate::words;

/// Payees that are told of one by one.
const TOLD_MAX: usize = 20;

/// A payee and the name of the account that a payment goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Paid {
    payee_id: String,
    account_name: String,
}

/// What there is to say of an order's payees; of what can't be found out, nothing: it is never
/// worth a failure.
pub(super) async fn notes(client: &Client, order_id: &str) -> Vec<String> {
    found(client, order_id).await.unwrap_or_default()
}

async fn found(client: &Client, order_id: &str) -> Result<Vec<String>, Failure> {
    let mut paid = Vec::new();
    each_payment(client, order_id, |payment| {
        paid.push(Paid {
            payee_id: payment.payee_id,
            account_name: payment.account_name,
        });
    })
    .await?;
    let names = Names::of_payees(client, paid.iter().map(|it| it.payee_id.as_str())).await;
    let mut notes = Vec::new();
    let mut more = 0;
    for payee in renamed(&paid, &names) {
        if notes.len() == TOLD_MAX {
            more += 1;
        } else if !has_evidence(client, &payee.payee_id).await? {
            notes.push(told(payee, &names));
        }
    }
    if more > 0 {
        notes.push(words::AND_MORE.with(&[("count", &more)]));
    }
    Ok(notes)
}

/// Those whose registered name is known and is not that of the account. A platform that was only
/// heard of has no name, and its account is in its id (`PAYMENT.md`).
fn renamed<'a>(paid: &'a [Paid], names: &Names) -> Vec<&'a Paid> {
    let is_other = |it: &&Paid| {
        let name = names.name(&it.payee_id).filter(|name| !name.is_empty());
        name.is_some_and(|name| normalized(name) != normalized(&it.account_name))
    };
    paid.iter().filter(is_other).collect()
}

fn told(payee: &Paid, names: &Names) -> String {
    let name = names.name(&payee.payee_id).unwrap_or_default();
    words::PAYEE_RENAMED.with(&[
        ("payee", &payee.payee_id),
        ("name", &name),
        ("account", &payee.account_name),
    ])
}

/// Whether another name was accepted for the account in force.
async fn has_evidence(client: &Client, payee_id: &str) -> Result<bool, Status> {
    let request = ListPaymentAccountsRequest {
        payee_id: payee_id.to_owned(),
        state: PaymentAccountState::Confirmed.into(),
        ..ListPaymentAccountsRequest::default()
    };
    let mut registry = client.registry.clone();
    let page = registry.list_payment_accounts(request).await?.into_inner();
    Ok(page
        .accounts
        .iter()
        .any(|it| !it.name_exception_evidence.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payee_with_another_name_than_its_account_is_told_of() {
        let paid = |payee_id: &str, account_name: &str| Paid {
            payee_id: payee_id.to_owned(),
            account_name: account_name.to_owned(),
        };
        let names = Names::known([
            ("same", "甲（杭州）"),
            ("other", "乙新"),
            ("unpaid", "丙"),
            ("heard-of", ""),
        ]);
        let all = [
            paid("same", "甲(杭州)"),
            paid("other", "乙"),
            paid("unknown", "丁"),
            paid("heard-of", "heard-of"),
        ];
        let found = renamed(&all, &names);
        assert_eq!(found, [&all[1]]);
        let told = told(found[0], &names);
        assert!(told.contains("乙新") && told.contains("other"), "{told}");
    }
}
