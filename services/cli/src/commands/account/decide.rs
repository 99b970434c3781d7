//! Confirming and rejecting accounts. What is decided is what was shown: whatever is proposed
//! after that is left, or refuses all of it.

use std::collections::BTreeSet;

use gazelle_kernel::PayeeId;
use gazelle_proto::registry::v1::{
    ConfirmPaymentAccountsRequest, ListPaymentAccountsRequest, PaymentAccount, PaymentAccountState,
    RejectPaymentAccountsRequest,
};
use serde_json::json;

use crate::args::Seen;
use crate::client::Client;
use crate::commands::confirm::{asks, confirm as ask, is_watched};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column, note, thousands};
use crate::words;

/// Payees that are named in a call: the contract's bound.
const PAYEES_MAX: usize = 10_000;
/// Payees whose accounts are asked for one by one; of more, all that there are.
const ASKED_MAX: usize = 20;
/// Accounts that people are shown.
const SHOWN_MAX: usize = 100;

/// Accounts as they were at a revision.
struct Looked {
    accounts: Vec<PaymentAccount>,
    revision: i64,
}

/// Confirms the accounts of `payees`, or without any all that others proposed up to `revision`
/// (0: so far): how many, and how many were left because the caller proposed them.
pub async fn confirm(
    client: &Client,
    payees: Vec<String>,
    revision: i64,
) -> Result<(i64, i64), Failure> {
    let request = |payee_ids: &[String]| ConfirmPaymentAccountsRequest {
        payee_ids: payee_ids.to_vec(),
        all: payee_ids.is_empty(),
        through_revision: revision,
    };
    let mut requests: Vec<_> = payees.chunks(PAYEES_MAX).map(request).collect();
    if requests.is_empty() {
        requests.push(request(&[]));
    }
    let (mut confirmed, mut left) = (0, 0);
    for request in requests {
        let mut registry = client.registry.clone();
        let answer = registry.confirm_payment_accounts(request).await?;
        let answer = answer.into_inner();
        confirmed += i64::from(answer.confirmed_count);
        left += i64::from(answer.left_count);
    }
    Ok((confirmed, left))
}

/// Shows what is proposed, asks, and confirms that alone.
pub(super) async fn run_confirm(
    context: &mut Context,
    client: &Client,
    payees: Vec<String>,
    seen: Seen,
) -> Result<(), Failure> {
    let mut looked = look(client, &payees, PaymentAccountState::Proposed).await?;
    if let Some(revision) = seen.through_revision {
        looked.revision = revision;
        looked
            .accounts
            .retain(|it| it.proposed_revision <= revision);
    }
    if let Some(version) = seen.version {
        is_version(&looked.accounts, &payees, version)?;
    }
    let shown = shown(&looked.accounts, false);
    if !looked.accounts.is_empty() {
        decided(context, &shown, words::ABOUT_TO_CONFIRM_ACCOUNTS)?;
    }
    let (confirmed, left) = confirm(client, payees, looked.revision)
        .await
        .map_err(|refused| replaced(refused, &looked))?;
    let line = words::CONFIRMED_COUNT.with(&[("confirmed", &thousands(confirmed))]);
    let own = words::LEFT_COUNT.with(&[("left", &thousands(left))]);
    let line = if left > 0 {
        [line, own].join(words::SEMICOLON.say())
    } else {
        line
    };
    let counts = [("confirmed", confirmed), ("left", left)];
    told(context, counts, &looked, &[&shown, &line])
}

/// Shows what is rejected, asks, and rejects that alone.
pub(super) async fn run_reject(
    context: &mut Context,
    client: &Client,
    payees: Vec<String>,
) -> Result<(), Failure> {
    let mut looked = look(client, &payees, PaymentAccountState::Unspecified).await?;
    looked.accounts = open(looked.accounts);
    let shown = shown(&looked.accounts, true);
    if !looked.accounts.is_empty() {
        decided(context, &shown, words::ABOUT_TO_REJECT_ACCOUNTS)?;
    }
    let (mut proposed, mut confirmed) = (0, 0);
    for payees in payees.chunks(PAYEES_MAX) {
        let request = RejectPaymentAccountsRequest {
            payee_ids: payees.to_vec(),
            through_revision: looked.revision,
        };
        let mut registry = client.registry.clone();
        let answer = registry.reject_payment_accounts(request).await;
        let answer = answer
            .map_err(|status| replaced(status.into(), &looked))?
            .into_inner();
        proposed += i64::from(answer.proposed_count);
        confirmed += i64::from(answer.confirmed_count);
    }
    let line = words::REJECTED_COUNTS.with(&[
        ("proposed", &thousands(proposed)),
        ("confirmed", &thousands(confirmed)),
    ]);
    let counts = [("proposed", proposed), ("confirmed", confirmed)];
    told(context, counts, &looked, &[&shown, &line])
}

/// The accounts of these payees, or without any of all, in that state or in any.
async fn look(
    client: &Client,
    payees: &[String],
    state: PaymentAccountState,
) -> Result<Looked, Failure> {
    let same =
        |payee: &str| PayeeId::parse(payee).map_or_else(|_| payee.into(), |it| it.to_string());
    let named: BTreeSet<String> = payees.iter().map(|payee| same(payee)).collect();
    let by_payee = !named.is_empty() && named.len() <= ASKED_MAX;
    let asked = if by_payee {
        named.iter().cloned().collect()
    } else {
        vec![String::new()]
    };
    let (mut revision, mut accounts) = (None, Vec::new());
    for payee_id in asked {
        let mut page_token = String::new();
        loop {
            let request = ListPaymentAccountsRequest {
                payee_id: payee_id.clone(),
                state: state.into(),
                page_size: 1_000,
                page_token,
            };
            let mut registry = client.registry.clone();
            let page = registry.list_payment_accounts(request).await?.into_inner();
            revision.get_or_insert(page.revision);
            let asked = |it: &PaymentAccount| named.is_empty() || named.contains(&it.payee_id);
            accounts.extend(page.accounts.into_iter().filter(asked));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
    let revision = revision.unwrap_or_default();
    // Pages are read one after another: what came after the first is not shown.
    accounts.retain(|it| it.revision <= revision);
    Ok(Looked { accounts, revision })
}

/// Of each payee the proposal, or where there is none the account in force.
fn open(accounts: Vec<PaymentAccount>) -> Vec<PaymentAccount> {
    let is_open = |it: &PaymentAccount| {
        matches!(
            it.state(),
            PaymentAccountState::Proposed | PaymentAccountState::Confirmed
        )
    };
    let mut open: Vec<PaymentAccount> = Vec::new();
    // They come by payee and version.
    for account in accounts.into_iter().filter(is_open) {
        match open.last_mut() {
            Some(last) if last.payee_id == account.payee_id => *last = account,
            _ => open.push(account),
        }
    }
    open
}

/// Refused unless the one payee's proposal is the version that the caller saw.
fn is_version(accounts: &[PaymentAccount], payees: &[String], version: i32) -> Result<(), Failure> {
    let [payee] = payees else {
        let message = words::VERSION_OF_ONE.with(&[("count", &payees.len())]);
        return Err(Failure::new("INVALID_ARGUMENT", message));
    };
    let found = accounts.first().map_or(0, |it| it.version);
    if found == version {
        return Ok(());
    }
    let text = match found {
        0 => words::NOTHING_PROPOSED,
        _ => words::OTHER_VERSION,
    };
    let message = text.with(&[("payee", payee), ("version", &version), ("found", &found)]);
    Err(Failure::new("ACCOUNT_NOT_PROPOSED", message))
}

/// What was shown was replaced or decided by others meanwhile.
fn replaced(refused: Failure, looked: &Looked) -> Failure {
    let is_gone = matches!(
        refused.reason(),
        "ACCOUNT_NOT_PROPOSED" | "ACCOUNT_NOT_FOUND"
    );
    if is_gone && !looked.accounts.is_empty() {
        return refused.hint(words::LOOK_AGAIN.say());
    }
    refused
}

/// Accounts in plain words, a line each, for whoever is about to decide about them.
fn shown(accounts: &[PaymentAccount], with_state: bool) -> String {
    let mut lines: Vec<_> = accounts
        .iter()
        .take(SHOWN_MAX)
        .map(|it| told_account(it, with_state))
        .collect();
    if accounts.len() > SHOWN_MAX {
        let count = accounts.len() - SHOWN_MAX;
        lines.push(words::MORE_ACCOUNTS.with(&[("count", &count)]));
    }
    lines.join("\n")
}

fn told_account(account: &PaymentAccount, with_state: bool) -> String {
    let mut line = words::ACCOUNT_LINE.with(&[
        ("payee", &account.payee_id),
        ("name", &account.account_name),
        ("bank", &account.bank_name),
        ("code", &account.bank_code),
        ("last", &account.account_number_last_four),
        ("version", &account.version),
        ("by", &account.proposed_by),
    ]);
    if with_state && account.state() == PaymentAccountState::Confirmed {
        line += words::ACCOUNT_IN_FORCE.say();
    }
    if account.bank_code_check_failed {
        line += words::BANK_CODE_DOUBTFUL.say();
    }
    if !account.name_exception_evidence.is_empty() {
        line += &words::NAME_ACCEPTED_ON.with(&[("evidence", &account.name_exception_evidence)]);
    }
    line
}

/// Asks whoever is there to be asked.
fn decided(context: &Context, shown: &str, about: words::Text) -> Result<(), Failure> {
    if asks(context) {
        ask(&format!("{shown}\n{}", about.say()))
    } else {
        if is_watched() {
            note(shown);
        }
        Ok(())
    }
}

/// Counts and the accounts for programs, lines for people.
fn told(
    context: &mut Context,
    counts: [(&'static str, i64); 2],
    looked: &Looked,
    lines: &[&str],
) -> Result<(), Failure> {
    if context.out.format() == Format::Table {
        // Who is at a terminal has seen them on it.
        let seen = usize::from(is_watched());
        let lines = lines.iter().skip(seen).filter(|line| !line.is_empty());
        return lines.copied().try_for_each(|line| context.out.line(line));
    }
    let accounts = looked.accounts.iter().map(|it| {
        json!({
            "payee_id": it.payee_id,
            "version": it.version,
            "account_number_last_four": it.account_number_last_four,
            "proposed_by": it.proposed_by,
        })
    });
    let mut fields: Vec<(Column, Cell)> = counts
        .map(|(key, count)| (column(key, key), count.into()))
        .into();
    let through = column("through_revision", "revision");
    fields.push((through, looked.revision.into()));
    let shown = column("accounts", "accounts");
    fields.push((shown, Cell::Nested(accounts.collect())));
    context.out.one(&fields)
}
