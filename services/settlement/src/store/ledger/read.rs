//! Reading the books, and the balances that they came to.

use std::{collections::BTreeMap, ops::RangeInclusive};

use foldhash::HashMap;
use gazelle_kernel::{Fen, Instant, PayeeId, ProgramId, Year};
use gazelle_runtime::store::{StoreError, copy_out::for_each, read, read_digest};
use sqlx::PgConnection;

use crate::domain::ledger::{
    Account, AccountKind, Named,
    book::Balance,
    digest,
    running::BalanceStep,
    verify::{Checkpoint, Ends, Head, StoredBalance, StoredEntry, StoredPosting},
};

/// Entries that are read at a time.
const PAGE_ENTRIES: i64 = 5_000;

/// Before the first entry.
const START: Checkpoint = Checkpoint {
    entry_number: 0,
    digest: digest::START,
};

/// Postings that are read at a time, but for an entry with more.
const PAGE_POSTINGS: i64 = 50_000;

/// The end of the books; that of empty ones where a superuser took away the row that has it.
pub async fn head(tx: &mut PgConnection) -> Result<Head, StoreError> {
    let row = sqlx::query!(
        r#"select head.entry_number as "entry_number?", head.digest as "digest?",
                  entry.recorded_at as "recorded_at?"
           from ledger_head head
           left join ledger_entry entry on entry.entry_number = head.entry_number"#
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else {
        return Ok(Head {
            checkpoint: START,
            recorded_at: None,
        });
    };
    Ok(Head {
        checkpoint: checkpoint(row.entry_number, row.digest)?,
        recorded_at: row.recorded_at,
    })
}

/// The end that a row says; that of empty books where it says none.
fn checkpoint(
    entry_number: Option<i64>,
    digest: Option<Vec<u8>>,
) -> Result<Checkpoint, StoreError> {
    let (Some(entry_number), Some(digest)) = (entry_number, digest) else {
        return Ok(START);
    };
    Ok(Checkpoint {
        entry_number,
        digest: read_digest("ledger_head.digest", &digest)?,
    })
}

/// How much there is.
pub async fn ends(tx: &mut PgConnection) -> Result<Ends, StoreError> {
    let row = sqlx::query!(
        r#"select entry_number as "entry_number?", digest as "digest?", head.posting_count as "counted?",
                  (select count(*) from ledger_posting) as "posting_count!",
                  (select count(*) from ledger_balance) as "balance_count!"
           from (select) one
           -- A second one is as none: which of them whoever writes would lock, nobody knows.
           left join ledger_head head on (select count(*) from ledger_head) = 1"#
    )
    .fetch_one(tx)
    .await?;
    Ok(Ends {
        head: checkpoint(row.entry_number, row.digest)?,
        counted: row.counted.unwrap_or_default(),
        posting_count: row.posting_count,
        balance_count: row.balance_count,
    })
}

/// All accounts by their numbers, as `make` makes them; by default where a row is none of the
/// chart.
pub async fn chart<T: Default>(
    tx: &mut PgConnection,
    make: fn(&Named<'_>) -> T,
) -> Result<HashMap<i64, T>, StoreError> {
    let query = "copy ledger_account (account_id, kind, program_id, year, payee_id)
                 to stdout (format binary)";
    let mut chart = HashMap::default();
    for_each(tx, query, 5, |mut row| {
        let account_id = row.int8()?;
        let kind = row.optional_text()?.and_then(AccountKind::parse);
        let program_id = row.optional_text()?;
        let year = row.optional_int4()?.map(|year| year.to_string());
        let whose = (year.as_deref(), row.optional_text()?);
        let account = kind.and_then(|kind| {
            let whose = match whose {
                (Some(year), None) if !kind.is_of_payee() => year,
                (None, Some(payee_id)) if kind.is_of_payee() => payee_id,
                _ => return None,
            };
            Some(make(&Named {
                kind,
                program_id: program_id?,
                whose,
            }))
        });
        if chart
            .insert(account_id, account.unwrap_or_default())
            .is_some()
        {
            // Of two with one number nobody knows which it is.
            chart.insert(account_id, T::default());
        }
        Ok(())
    })
    .await?;
    Ok(chart)
}

/// The account of those columns; `None` where they are none of the chart.
pub(super) fn account(
    kind: &str,
    program: &str,
    year: Option<i32>,
    payee: Option<&str>,
) -> Option<Account> {
    let year = year.map(Year::new).transpose().ok()?;
    let payee = payee.map(PayeeId::parse).transpose().ok()?;
    Account::new(
        AccountKind::parse(kind)?,
        ProgramId::parse(program).ok()?,
        year,
        payee,
    )
}

/// A part of the books.
#[derive(Debug, Default)]
pub struct Page {
    /// Entries in their order.
    pub entries: Vec<StoredEntry>,
    /// Their postings, by number.
    pub postings: Vec<StoredPosting>,
}

impl Page {
    /// The numbers of its postings, in two parts of which the first has two thirds.
    #[must_use]
    pub fn posting_numbers(&self) -> [RangeInclusive<i64>; 2] {
        let numbers = || self.postings.iter().map(|posting| posting.number);
        let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else {
            let none = RangeInclusive::new(1, 0);
            return [none.clone(), none];
        };
        let part = first.saturating_add(last.saturating_sub(first) / 3 * 2);
        [first..=part, part.saturating_add(1)..=last]
    }
}

/// The entries from a number on, with their postings; some at a time.
pub async fn entries(tx: &mut PgConnection, from: i64) -> Result<Page, StoreError> {
    let rows = sqlx::query!(
        r#"select entry_number, cause as "cause?", cause_id as "cause_id?",
                  program_id as "program_id?",
                  case when recorded_at >= '0001-01-01Z' and recorded_at < '10000-01-01Z'
                      then recorded_at end as recorded_at,
                  recorded_by as "recorded_by?", posting_count as "posting_count?",
                  digest as "digest?"
           from (select *, coalesce(sum(posting_count) over (
                     order by entry_number rows between unbounded preceding and 1 preceding), 0)
                     as postings_before
                 from (select * from ledger_entry where entry_number >= $1
                       order by entry_number limit $2) following) counted
           where postings_before < $3::bigint
           order by entry_number"#,
        from,
        PAGE_ENTRIES,
        PAGE_POSTINGS
    )
    .fetch_all(&mut *tx)
    .await?;
    let entries: Vec<StoredEntry> = rows
        .into_iter()
        .map(|row| {
            let texts = [row.cause, row.cause_id, row.program_id, row.recorded_by];
            let is_whole = texts.iter().all(Option::is_some) && row.recorded_at.is_some();
            StoredEntry {
                number: row.entry_number,
                texts: texts.map(Option::unwrap_or_default),
                recorded_at: row.recorded_at.unwrap_or(Instant::UNIX_EPOCH),
                posting_count: row.posting_count.unwrap_or(-1),
                // So one that lacks something is found edited, whatever its digest is of.
                digest: row.digest.filter(|_| is_whole).unwrap_or_default(),
            }
        })
        .collect();
    let Some(last) = entries.last().map(|entry| entry.number) else {
        return Ok(Page::default());
    };
    let postings = postings(tx, from, last).await?;
    Ok(Page { entries, postings })
}

async fn postings(
    tx: &mut PgConnection,
    from: i64,
    last: i64,
) -> Result<Vec<StoredPosting>, StoreError> {
    let query = format!(
        "copy (select posting_number, entry_number, debit_account_id, credit_account_id, amount_fen,
                      payment_id
               from ledger_posting where entry_number between {from} and {last}
               order by entry_number, posting_number)
         to stdout (format binary)"
    );
    let mut postings = Vec::new();
    for_each(tx, &query, 6, |mut row| {
        postings.push(StoredPosting {
            number: row.int8()?,
            entry_number: row.int8()?,
            debit_id: row.int8()?,
            credit_id: row.int8()?,
            amount: Fen::new(row.int8()?),
            payment_id: row.optional_text()?.map(str::to_owned),
        });
        Ok(())
    })
    .await?;
    Ok(postings)
}

/// The running balances of postings, by posting and account.
pub async fn steps(
    tx: &mut PgConnection,
    posting_numbers: RangeInclusive<i64>,
) -> Result<Vec<StoredBalance>, StoreError> {
    let (first, last) = posting_numbers.into_inner();
    let query = format!(
        "copy (select posting_number, account_id, kind, previous, number, before_fen, debit_fen,
                      credit_fen, after_fen
               from ledger_balance where posting_number between {first} and {last}
               order by posting_number, account_id)
         to stdout (format binary)"
    );
    let mut balances = Vec::new();
    for_each(tx, &query, 9, |mut row| {
        let (posting_number, account_id) = (row.int8()?, row.int8()?);
        let kind = row.optional_text()?.and_then(AccountKind::parse);
        let previous = row.optional_int8()?;
        let (number, before) = (row.int8()?, Fen::new(row.int8()?));
        // One side has an amount above 0, the other nothing; anything else is no change.
        let change = match (row.int8()?, row.int8()?) {
            (debit, 0) if debit > 0 => debit,
            (0, credit) if credit > 0 => -credit,
            _ => 0,
        };
        balances.push(StoredBalance {
            posting_number,
            account_id,
            kind,
            continues: number.checked_sub(1) == Some(previous.unwrap_or(0)) && previous != Some(0),
            step: BalanceStep {
                number,
                before,
                change: Fen::new(change),
            },
            after: Fen::new(row.int8()?),
        });
        Ok(())
    })
    .await?;
    Ok(balances)
}

#[derive(Debug)]
struct BalanceRow {
    kind: String,
    payee_id: String,
    after_fen: i64,
}

/// What payees have with a program, by payee: those of `only`, or all that have an account.
pub async fn balances(
    tx: &mut PgConnection,
    program_id: &ProgramId,
    only: Option<&[PayeeId]>,
) -> Result<BTreeMap<PayeeId, Balance>, StoreError> {
    let rows = match only {
        Some(only) => balances_of_payees(tx, program_id, only).await?,
        None => balances_of_all(tx, program_id).await?,
    };
    let mut balances: BTreeMap<PayeeId, Balance> = BTreeMap::new();
    for row in rows {
        let payee_id = read("ledger_account.payee_id", PayeeId::parse(&row.payee_id))?;
        let balance = balances.entry(payee_id).or_default();
        let (owed, owing) = (Fen::new(-row.after_fen), Fen::new(row.after_fen));
        match AccountKind::parse(&row.kind) {
            Some(AccountKind::Payable) => balance.payable = owed,
            Some(AccountKind::InPayment) => balance.in_payment = owed,
            Some(AccountKind::Treasury) => balance.paid = owed,
            Some(AccountKind::Receivable) => balance.receivable = owing,
            _ => return Err(StoreError::corrupt("ledger_account.kind", row.kind)),
        }
    }
    Ok(balances)
}

async fn balances_of_payees(
    tx: &mut PgConnection,
    program_id: &ProgramId,
    only: &[PayeeId],
) -> Result<Vec<BalanceRow>, StoreError> {
    let only: Vec<&str> = only.iter().map(PayeeId::as_str).collect();
    let rows = sqlx::query_as!(
        BalanceRow,
        r#"select account.kind, account.payee_id as "payee_id!", last.after_fen as "after_fen!"
           from unnest($2::text[]) as asked (payee_id)
           cross join (values ('payable'), ('in_payment'), ('treasury'), ('receivable'))
               as payees (kind)
           join ledger_account account using (kind, payee_id)
           cross join lateral (
               select after_fen from ledger_balance balance
               where balance.account_id = account.account_id
               order by number desc limit 1) last
           where account.program_id = $1"#,
        program_id.as_str(),
        &only as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows)
}

async fn balances_of_all(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<Vec<BalanceRow>, StoreError> {
    let rows = sqlx::query_as!(
        BalanceRow,
        r#"select account.kind, account.payee_id as "payee_id!", last.after_fen as "after_fen!"
           from ledger_account account
           cross join lateral (
               select after_fen from ledger_balance balance
               where balance.account_id = account.account_id
               order by number desc limit 1) last
           where account.program_id = $1 and account.payee_id is not null"#,
        program_id.as_str()
    )
    .fetch_all(tx)
    .await?;
    Ok(rows)
}

/// What the budgets of a program come to, by year and kind of account.
pub async fn budgets(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<BTreeMap<(Year, AccountKind), Fen>, StoreError> {
    let rows = sqlx::query!(
        r#"select account.kind, account.year as "year!", last.after_fen as "after_fen!"
           from ledger_account account
           cross join lateral (
               select after_fen from ledger_balance balance
               where balance.account_id = account.account_id
               order by number desc limit 1) last
           where account.program_id = $1 and account.year is not null"#,
        program_id.as_str()
    )
    .fetch_all(tx)
    .await?;
    let mut budgets = BTreeMap::new();
    for row in rows {
        let year = read("ledger_account.year", Year::new(row.year))?;
        let kind = AccountKind::parse(&row.kind)
            .ok_or_else(|| StoreError::corrupt("ledger_account.kind", row.kind))?;
        budgets.insert((year, kind), Fen::new(row.after_fen));
    }
    Ok(budgets)
}
