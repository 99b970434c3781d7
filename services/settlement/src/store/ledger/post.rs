//! Writing an entry, whole and set by set: accounts, then the entry, postings and balances.

use std::collections::BTreeSet;

use foldhash::HashMap;
use gazelle_kernel::Fen;
use gazelle_runtime::store::{StoreError, expect_rows, read_digest};
use sqlx::PgConnection;

use super::read::account;
use crate::domain::ledger::{
    Account, Entry, Posting,
    book::BooksOverflow,
    digest,
    running::{BalanceStep, Position},
};

/// Why an entry was not written.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A balance would leave 64 bits.
    #[error(transparent)]
    Overflow(#[from] BooksOverflow),
    /// The database refused it, or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for PostError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// An entry that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    pub entry_number: i64,
    pub digest: [u8; 32],
}

/// Writes an entry after the last one. Whoever writes locks the end of the books, so do this late
/// in a transaction.
///
/// The database refuses a second entry of the same cause (`ledger_entry_one_per_cause`), a grant
/// past what was released (`ledger_balance_within_released`) and a balance that would come to less
/// than nothing (`ledger_balance_sign`).
pub async fn post(tx: &mut PgConnection, entry: &Entry) -> Result<Posted, PostError> {
    let head = lock_head(tx).await?;
    let mut accounts = open_accounts(tx, entry).await?;
    let number = head.entry_number + 1;
    let digest = digest::next(&head.digest, entry);
    insert_entry(tx, number, entry, &digest).await?;
    insert_postings(tx, number, head.posting_count, &entry.postings, &accounts).await?;
    insert_balances(tx, head.posting_count, entry, &mut accounts).await?;
    let moved = sqlx::query!(
        "update ledger_head set entry_number = $1, posting_count = posting_count + $2, digest = $3",
        number,
        i64::try_from(entry.postings.len()).unwrap_or(i64::MAX),
        &digest[..]
    )
    .execute(&mut *tx)
    .await?;
    expect_rows("ledger_head", &moved, 1)?;
    Ok(Posted {
        entry_number: number,
        digest,
    })
}

struct LastEntry {
    entry_number: i64,
    posting_count: i64,
    digest: [u8; 32],
}

async fn lock_head(tx: &mut PgConnection) -> Result<LastEntry, StoreError> {
    let row =
        sqlx::query!("select entry_number, posting_count, digest from ledger_head for update")
            .fetch_one(tx)
            .await?;
    Ok(LastEntry {
        entry_number: row.entry_number,
        posting_count: row.posting_count,
        digest: read_digest("ledger_head.digest", &row.digest)?,
    })
}

/// An account of the entry, and where it stands.
struct OpenAccount {
    account_id: i64,
    position: Position,
}

/// Accounts of a program as columns, a place an account.
struct AccountColumns {
    kinds: Vec<&'static str>,
    years: Vec<Option<i32>>,
    payees: Vec<Option<String>>,
}

impl AccountColumns {
    fn of<'a>(accounts: impl Iterator<Item = &'a Account> + Clone) -> Self {
        let payee = |account: &Account| Some(account.payee_id()?.to_string());
        Self {
            kinds: accounts
                .clone()
                .map(|account| account.kind().as_str())
                .collect(),
            years: accounts
                .clone()
                .map(|account| Some(account.year()?.get()))
                .collect(),
            payees: accounts.map(payee).collect(),
        }
    }
}

/// The accounts of an entry, opened where they are new: nobody else opens any, since the end of
/// the books is locked.
async fn open_accounts(
    tx: &mut PgConnection,
    entry: &Entry,
) -> Result<HashMap<Account, OpenAccount>, StoreError> {
    let sides = entry
        .postings
        .iter()
        .flat_map(|posting| [&posting.debit, &posting.credit]);
    // In the order of their index.
    let accounts: BTreeSet<&Account> = sides.collect();
    let mut open = positions(&mut *tx, entry, &accounts).await?;
    let new = || {
        accounts
            .iter()
            .copied()
            .filter(|account| !open.contains_key(account))
    };
    let named = AccountColumns::of(new());
    let rows = sqlx::query_as!(
        AccountRow,
        r#"insert into ledger_account (kind, program_id, year, payee_id)
           select kind, $1, year, payee_id
           from unnest($2::text[], $3::integer[], $4::text[]) as named (kind, year, payee_id)
           returning account_id, kind, year, payee_id, 0::bigint as "number!",
                     0::bigint as "after_fen!""#,
        entry.program_id.as_str(),
        &named.kinds as &[&str],
        &named.years as &[Option<i32>],
        &named.payees as &[Option<String>]
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let (account, opened) = row.read(entry)?;
        open.insert(account, opened);
    }
    Ok(open)
}

struct AccountRow {
    account_id: i64,
    kind: String,
    year: Option<i32>,
    payee_id: Option<String>,
    number: i64,
    after_fen: i64,
}

impl AccountRow {
    fn read(self, entry: &Entry) -> Result<(Account, OpenAccount), StoreError> {
        let program_id = entry.program_id.as_str();
        let account = account(&self.kind, program_id, self.year, self.payee_id.as_deref());
        let account =
            account.ok_or_else(|| StoreError::corrupt("ledger_account.kind", self.kind))?;
        let open = OpenAccount {
            account_id: self.account_id,
            position: Position {
                number: self.number,
                balance: Fen::new(self.after_fen),
            },
        };
        Ok((account, open))
    }
}

/// Where those of the accounts stand that are there. One has a year or a payee; each is looked up
/// by what it has, as an index can.
async fn positions(
    tx: &mut PgConnection,
    entry: &Entry,
    accounts: &BTreeSet<&Account>,
) -> Result<HashMap<Account, OpenAccount>, StoreError> {
    let accounts = || accounts.iter().copied();
    let of_years = AccountColumns::of(accounts().filter(|account| account.year().is_some()));
    let of_payees = AccountColumns::of(accounts().filter(|account| account.year().is_none()));
    let rows = sqlx::query_as!(
        AccountRow,
        r#"select account_id as "account_id!", kind as "kind!", year, payee_id,
                  coalesce(last.number, 0) as "number!", coalesce(last.after_fen, 0) as "after_fen!"
           from (select account_id, kind, account.year, payee_id
                 from unnest($2::text[], $3::text[]) as named (kind, payee_id)
                 join ledger_account account using (kind, payee_id)
                 where program_id = $1
                 union all
                 select account_id, kind, year, account.payee_id
                 from unnest($4::text[], $5::integer[]) as named (kind, year)
                 join ledger_account account using (kind, year)
                 where program_id = $1) account
           left join lateral (
               select number, after_fen from ledger_balance balance
               where balance.account_id = account.account_id
               order by number desc limit 1) last on true"#,
        entry.program_id.as_str(),
        &of_payees.kinds as &[&str],
        &of_payees.payees as &[Option<String>],
        &of_years.kinds as &[&str],
        &of_years.years as &[Option<i32>]
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| row.read(entry)).collect()
}

async fn insert_entry(
    tx: &mut PgConnection,
    number: i64,
    entry: &Entry,
    digest: &[u8; 32],
) -> Result<(), StoreError> {
    let posting_count = i32::try_from(entry.postings.len())
        .map_err(|error| StoreError::corrupt("ledger_entry.posting_count", error))?;
    sqlx::query!(
        "insert into ledger_entry (entry_number, cause, cause_id, program_id, recorded_at,
                                   recorded_by, posting_count, digest)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        number,
        entry.cause.kind.as_str(),
        entry.cause.id,
        entry.program_id.as_str(),
        entry.recorded_at,
        entry.recorded_by.as_str(),
        posting_count,
        &digest[..]
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_postings(
    tx: &mut PgConnection,
    entry_number: i64,
    before: i64,
    postings: &[Posting],
    accounts: &HashMap<Account, OpenAccount>,
) -> Result<(), StoreError> {
    let id = |account: &Account| accounts.get(account).map_or(0, |open| open.account_id);
    let debits: Vec<i64> = postings.iter().map(|posting| id(&posting.debit)).collect();
    let credits: Vec<i64> = postings.iter().map(|posting| id(&posting.credit)).collect();
    let amounts: Vec<i64> = postings
        .iter()
        .map(|posting| posting.amount.get())
        .collect();
    let payments: Vec<Option<&str>> = postings
        .iter()
        .map(|posting| posting.payment_id.as_deref())
        .collect();
    let written = sqlx::query!(
        "insert into ledger_posting (posting_number, entry_number, debit_account_id,
                                     credit_account_id, amount_fen, payment_id)
         select $1 + place, $2, debit, credit, amount, payment
         from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
                  with ordinality as posting (debit, credit, amount, payment, place)
         order by place",
        before,
        entry_number,
        &debits,
        &credits,
        &amounts,
        &payments as &[Option<&str>]
    )
    .execute(tx)
    .await?;
    expect_rows("ledger_posting", &written, postings.len())
}

/// The columns of running balances, a place a row.
#[derive(Default)]
struct Columns {
    account_ids: Vec<i64>,
    numbers: Vec<i64>,
    kinds: Vec<&'static str>,
    postings: Vec<i64>,
    debits: Vec<i64>,
    credits: Vec<i64>,
    befores: Vec<i64>,
    released: Vec<Option<i64>>,
}

impl Columns {
    fn push(
        &mut self,
        posting: i64,
        account: &Account,
        account_id: i64,
        step: BalanceStep,
        entry: &Entry,
    ) {
        let grants = step.change > Fen::ZERO && matches!(account, Account::Granted(..));
        self.account_ids.push(account_id);
        self.numbers.push(step.number);
        self.kinds.push(account.kind().as_str());
        self.postings.push(posting);
        self.debits.push(step.change.get().max(0));
        self.credits.push((-step.change.get()).max(0));
        self.befores.push(step.before.get());
        self.released
            .push(entry.released.filter(|_| grants).map(Fen::get));
    }
}

async fn insert_balances(
    tx: &mut PgConnection,
    before: i64,
    entry: &Entry,
    accounts: &mut HashMap<Account, OpenAccount>,
) -> Result<(), PostError> {
    let mut columns = Columns::default();
    for (number, posting) in (before + 1..).zip(&entry.postings) {
        for (account, debited) in [(&posting.debit, true), (&posting.credit, false)] {
            let Some(open) = accounts.get_mut(account) else {
                continue;
            };
            let step = if debited {
                open.position.debit(posting.amount)
            } else {
                open.position.credit(posting.amount)
            };
            columns.push(number, account, open.account_id, step?, entry);
        }
    }
    let written = sqlx::query!(
        "insert into ledger_balance (account_id, number, kind, posting_number, debit_fen,
                                     credit_fen, before_fen, released_fen)
         select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[],
                              $6::bigint[], $7::bigint[], $8::bigint[])",
        &columns.account_ids,
        &columns.numbers,
        &columns.kinds as &[&str],
        &columns.postings,
        &columns.debits,
        &columns.credits,
        &columns.befores,
        &columns.released as &[Option<i64>]
    )
    .execute(tx)
    .await?;
    Ok(expect_rows(
        "ledger_balance",
        &written,
        2 * entry.postings.len(),
    )?)
}
