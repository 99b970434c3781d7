//! `gazelle account`.

mod decide;
mod suspect;

use std::path::Path;

use gazelle_proto::registry::v1::{
    GetPaymentAccountRequest, ListPaymentAccountsRequest, PaymentAccount, PaymentAccountState,
    PutPaymentAccountsRequest,
};

pub use decide::confirm;
use parking_lot::Mutex;
use suspect::Suspect;

use super::import::{self, BadField, ItemKind, field};
use super::payment;
use crate::args::{AccountCommand, AccountState};
use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, Out, column};
use crate::words;

const KIND: ItemKind<PaymentAccount> = ItemKind {
    what: "payment accounts",
    required: &[
        "payee_id",
        "account_name",
        "account_number",
        "bank_code",
        "bank_name",
    ],
    optional: &["name_exception_evidence"],
    id_columns: 1,
    key: &[0],
    // One as lists show it is of any version.
    is_statement: |account| !account.account_number.is_empty(),
    parse: |fields| {
        let (number, last_four) = number(field(fields, 2))?;
        Ok(PaymentAccount {
            payee_id: field(fields, 0),
            account_name: field(fields, 1),
            account_number: number,
            account_number_last_four: last_four,
            bank_code: field(fields, 3),
            bank_name: field(fields, 4),
            name_exception_evidence: field(fields, 5),
            ..PaymentAccount::default()
        })
    },
};

const COLUMNS: &[Column] = &[
    column("payee_id", "payee"),
    column("account_name", "account name"),
    column("account_number", "account number"),
    column("bank_code", "bank code"),
    column("bank_name", "bank"),
    column("version", "version"),
    column("state", "state"),
    column("proposed_by", "proposed by"),
    column("proposed_at", "proposed at"),
    column("confirmed_by", "confirmed by"),
    column("confirmed_at", "confirmed at"),
    column("payment_returned_at", "payment returned at"),
    column("name_exception_evidence", "accepted on"),
    column("proposed_revision", "revision"),
];

pub(crate) async fn run(context: &mut Context, command: AccountCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        AccountCommand::Import(import) => {
            import_file(&client, &mut context.out, &import.file).await
        }
        AccountCommand::Confirm {
            payees,
            all: _,
            seen,
        } => decide::run_confirm(context, &client, payees, seen).await,
        AccountCommand::Reject { payees } => decide::run_reject(context, &client, payees).await,
        AccountCommand::List { payee, state } => list(context, &client, payee, state).await,
        AccountCommand::Show { payee } => show(context, &client, payee).await,
        AccountCommand::Statement { payee } => {
            payment::statement(context, &client, payee.unwrap_or_default()).await
        }
    }
}

/// Proposes the accounts of a file, and says which numbers somebody should look at.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    let suspect = Mutex::new(Suspect::default());
    let put = async |accounts| {
        let mut registry = client.registry.clone();
        let request = PutPaymentAccountsRequest { accounts };
        let answer = registry.put_payment_accounts(request).await?;
        import::answer(answer.into_inner().result)
    };
    let see = |line: u64, account: &PaymentAccount| suspect.lock().look(line, account);
    let remark = async || std::mem::take(&mut *suspect.lock()).told();
    import::run_with(out, &KIND, file, put, see, remark).await
}

/// What our own lists show of a number stands before its last four characters.
const HIDDEN: &str = "…";

/// The whole number, or its last four characters where the rest is hidden as in our own lists.
/// Refused as `ACCOUNT_NUMBER_INVALID` where a part is hidden in another way: X and - are
/// characters of numbers, too, and many of them hide others.
fn number(text: String) -> Result<(String, String), BadField> {
    const HIDING: [&str; 12] = [
        HIDDEN, "...", "*", "＊", "•", "●", "·", "##", "xx", "XXX", "---", "__",
    ];
    if let Some(last_four) = text.strip_prefix(HIDDEN)
        && last_four.chars().count() == 4
    {
        return Ok((String::new(), last_four.to_owned()));
    }
    if HIDING.iter().any(|sign| text.contains(sign)) {
        return Err(BadField {
            reason: "ACCOUNT_NUMBER_INVALID".to_owned(),
            message: words::ACCOUNT_HIDDEN.say().to_owned(),
        });
    }
    Ok((text, String::new()))
}

fn cells(account: PaymentAccount) -> Vec<Cell> {
    let said = |code: &str, text: words::Text| Cell::coded(code, text.say());
    let state = match account.state() {
        PaymentAccountState::Unspecified => said("UNKNOWN", words::CODE_UNKNOWN),
        PaymentAccountState::Proposed => said("PROPOSED", words::ACCOUNT_PROPOSED),
        PaymentAccountState::Confirmed => said("CONFIRMED", words::ACCOUNT_CONFIRMED),
        PaymentAccountState::Rejected => said("REJECTED", words::ACCOUNT_REJECTED),
        PaymentAccountState::Replaced => said("REPLACED", words::ACCOUNT_REPLACED),
    };
    let number = match account.account_number.as_str() {
        "" => format!("{HIDDEN}{}", account.account_number_last_four),
        number => number.to_owned(),
    };
    vec![
        account.payee_id.into(),
        account.account_name.into(),
        number.into(),
        account.bank_code.into(),
        account.bank_name.into(),
        account.version.into(),
        state,
        account.proposed_by.into(),
        account.proposed_at.into(),
        account.confirmed_by.into(),
        account.confirmed_at.into(),
        account.payment_returned_at.into(),
        account.name_exception_evidence.into(),
        account.proposed_revision.into(),
    ]
}

/// The revision is for scripts, which confirm through it.
fn shown(format: Format) -> &'static [Column] {
    let hidden = usize::from(format == Format::Table);
    &COLUMNS[..COLUMNS.len() - hidden]
}

fn row(account: PaymentAccount, columns: &[Column]) -> Vec<Cell> {
    let mut cells = cells(account);
    cells.truncate(columns.len());
    cells
}

async fn list(
    context: &mut Context,
    client: &Client,
    payee: Option<String>,
    state: Option<AccountState>,
) -> Result<(), Failure> {
    let payee_id = payee.unwrap_or_default();
    let state = match state {
        None => PaymentAccountState::Unspecified,
        Some(AccountState::Proposed) => PaymentAccountState::Proposed,
        Some(AccountState::Confirmed) => PaymentAccountState::Confirmed,
        Some(AccountState::Rejected) => PaymentAccountState::Rejected,
        Some(AccountState::Replaced) => PaymentAccountState::Replaced,
    };
    let fetch = async |page_token| {
        let request = ListPaymentAccountsRequest {
            payee_id: payee_id.clone(),
            state: state.into(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .registry
            .clone()
            .list_payment_accounts(request)
            .await?;
        let page = page.into_inner();
        Ok((page.accounts, page.next_page_token))
    };
    let columns = shown(context.out.format());
    let mut listing = context.out.list("payment_accounts", columns);
    pages(fetch, |account| listing.row(row(account, columns))).await?;
    listing.finish(&[])?;
    Ok(())
}

async fn show(context: &mut Context, client: &Client, payee: String) -> Result<(), Failure> {
    let request = GetPaymentAccountRequest { payee_id: payee };
    let answer = client.registry.clone().get_payment_account(request).await?;
    let columns = shown(context.out.format());
    let mut listing = context.out.list("payment_accounts", columns);
    for account in answer.into_inner().accounts {
        listing.row(row(account, columns))?;
    }
    listing.finish(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_which_a_part_is_hidden_is_none_but_as_lists_show_it() {
        for text in [
            "...2345",
            "6222****2345",
            "6222…2345",
            "…12345",
            "6222XXXXXXXX2345",
            "6222xxxx2345",
            "622202----2345",
        ] {
            let refused = number(text.to_owned()).err().unwrap();
            assert_eq!(refused.reason, "ACCOUNT_NUMBER_INVALID");
            assert!(refused.message.contains("hidden"), "{}", refused.message);
        }
        for text in ["6222020200112345", "NRA-12-3456X", "31001XX"] {
            let whole = number(text.to_owned()).ok().unwrap();
            assert_eq!(whole, (text.to_owned(), String::new()));
        }
        let shown = number("…2345".to_owned()).ok().unwrap();
        assert_eq!(shown, (String::new(), "2345".to_owned()));
    }
}
