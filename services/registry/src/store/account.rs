//! Payment accounts, and where they stand.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt;
use gazelle_kernel::{
    Actor, Explanation, Instant, ParseError, PayeeId,
    account::{AccountNumber, BankCode},
};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use super::revision::revision;
use crate::domain::{
    account::{Account, BankName, Decision, HolderName, PaymentAccount, Shown, Standing, State},
    revision::Revision,
};

const TABLE: &str = "payment_account";
const STATE_TABLE: &str = "payment_account_state";

struct AccountRow {
    payee_id: String,
    version: i32,
    account_name: String,
    account_number: String,
    bank_code: String,
    bank_name: String,
    name_exception_evidence: Option<String>,
    proposed_by: String,
    proposed_at: Instant,
    proposed_revision: i64,
    state: String,
    confirmed_by: Option<String>,
    confirmed_at: Option<Instant>,
    rejected_by: Option<String>,
    rejected_at: Option<Instant>,
    since_revision: i64,
    returned_at: Option<Instant>,
}

fn state(name: &str) -> Result<State, ParseError> {
    State::ALL
        .into_iter()
        .find(|state| state.as_str() == name)
        .ok_or_else(|| ParseError::new("STATE_INVALID", name, "a state of an account"))
}

fn decision(by: Option<&str>, at: Option<Instant>) -> Result<Option<Decision>, ParseError> {
    let (Some(by), Some(at)) = (by, at) else {
        return Ok(None);
    };
    let by = Actor::parse(by)?;
    Ok(Some(Decision { by, at }))
}

impl AccountRow {
    fn account(&self) -> Result<Account, ParseError> {
        let evidence = self.name_exception_evidence.as_deref();
        Ok(Account {
            payee_id: PayeeId::parse(&self.payee_id)?,
            holder: HolderName::parse(&self.account_name)?,
            number: AccountNumber::parse(&self.account_number)?,
            bank_code: BankCode::parse(&self.bank_code)?,
            bank_name: BankName::parse(&self.bank_name)?,
            name_exception_evidence: evidence.map(Explanation::parse).transpose()?,
        })
    }

    fn standing(&self) -> Result<Standing, ParseError> {
        Ok(Standing {
            state: state(&self.state)?,
            confirmed: decision(self.confirmed_by.as_deref(), self.confirmed_at)?,
            rejected: decision(self.rejected_by.as_deref(), self.rejected_at)?,
        })
    }

    fn read(self) -> Result<PaymentAccount, StoreError> {
        Ok(PaymentAccount {
            account: read(TABLE, self.account())?,
            version: self.version,
            proposed_by: read(
                "payment_account.proposed_by",
                Actor::parse(&self.proposed_by),
            )?,
            proposed_at: self.proposed_at,
            proposed_revision: revision(
                "payment_account.proposed_revision",
                self.proposed_revision,
            )?,
            standing: read(STATE_TABLE, self.standing())?,
            revision: revision("payment_account_state.since_revision", self.since_revision)?,
            payment_returned_at: self.returned_at,
        })
    }
}

// A return counts for the account in force where it came after that was confirmed, and at the same
// instant where it was noted after.

/// The accounts of these payees that stand so, by payee and version.
pub async fn versions(
    tx: &mut PgConnection,
    payees: &BTreeSet<PayeeId>,
    states: &[State],
) -> Result<Vec<PaymentAccount>, StoreError> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let payees: Vec<&str> = payees.iter().map(PayeeId::as_str).collect();
    sqlx::query_as!(
        AccountRow,
        r#"select account.payee_id, account.version, account_name, account_number, bank_code,
                  bank_name, name_exception_evidence, account.proposed_by, proposed_at,
                  proposed_revision, state, confirmed_by, confirmed_at, rejected_by, rejected_at,
                  since_revision,
                  (select max(returned_at)
                   from payment_return
                   where state = 'confirmed' and payment_return.payee_id = account.payee_id
                     and (returned_at > confirmed_at
                          or returned_at = confirmed_at and revision > since_revision)
                  ) as returned_at
           from payment_account_state standing
           join payment_account account using (payee_id, version)
           where standing.payee_id = any($1)
             and until_revision is null and state = any($2)
           order by account.payee_id, account.version"#,
        &payees[..] as &[&str],
        &states[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(AccountRow::read)
    .collect()
}

/// The accounts as they stand now, by payee and version: at most `limit`, in one of these states,
/// only one payee's and after a payee's version where these are given.
pub async fn page(
    tx: &mut PgConnection,
    payee: Option<&PayeeId>,
    states: &[State],
    after: Option<(&PayeeId, i32)>,
    limit: i64,
) -> Result<Vec<PaymentAccount>, StoreError> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    // Before every key, of the one payee where there is one.
    let first = payee.map_or("", PayeeId::as_str);
    let (after, version) = after.map_or((first, 0), |(payee, version)| (payee.as_str(), version));
    // No id comes after `~`.
    let last = payee.map_or("~", PayeeId::as_str);
    sqlx::query_as!(
        AccountRow,
        r#"select account.payee_id, account.version, account_name, account_number, bank_code,
                  bank_name, name_exception_evidence, account.proposed_by, proposed_at,
                  proposed_revision, state, confirmed_by, confirmed_at, rejected_by, rejected_at,
                  since_revision,
                  (select max(returned_at)
                   from payment_return
                   where state = 'confirmed' and payment_return.payee_id = account.payee_id
                     and (returned_at > confirmed_at
                          or returned_at = confirmed_at and revision > since_revision)
                  ) as returned_at
           from payment_account_state standing
           join payment_account account using (payee_id, version)
           where (standing.payee_id, standing.version) > ($1::text, $2::int)
             and standing.payee_id <= $3
             and until_revision is null and state = any($4)
           order by standing.payee_id, standing.version
           limit $5"#,
        after,
        version,
        last,
        &states[..] as &[&str],
        limit,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(AccountRow::read)
    .collect()
}

/// Adds up which accounts are in force; only of these payees, where they are given.
pub async fn in_force(
    tx: &mut PgConnection,
    payees: Option<&BTreeSet<PayeeId>>,
) -> Result<Shown, StoreError> {
    let payees: Option<Vec<&str>> =
        payees.map(|payees| payees.iter().map(PayeeId::as_str).collect());
    let mut rows = sqlx::query!(
        "select payee_id, version
         from payment_account_state
         where until_revision is null and state = 'confirmed'
           and ($1::text[] is null or payee_id = any($1))
         order by payee_id, version",
        payees.as_deref() as Option<&[&str]>,
    )
    .fetch(tx);
    let mut shown = Shown::default();
    while let Some(row) = rows.try_next().await? {
        let payee = PayeeId::parse(&row.payee_id);
        shown.add(&read("payment_account_state.payee_id", payee)?, row.version);
    }
    Ok(shown)
}

/// How many versions each of the payees has; those that have none are left out.
pub async fn version_counts(
    tx: &mut PgConnection,
    payees: &BTreeSet<PayeeId>,
) -> Result<BTreeMap<PayeeId, i32>, StoreError> {
    let payees: Vec<&str> = payees.iter().map(PayeeId::as_str).collect();
    sqlx::query!(
        r#"select payee_id, max(version) as "count!"
           from payment_account
           where payee_id = any($1)
           group by payee_id"#,
        &payees[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        let payee = read("payment_account.payee_id", PayeeId::parse(&row.payee_id))?;
        Ok((payee, row.count))
    })
    .collect()
}

/// Adds versions, each with the salt of its digest.
pub async fn insert(
    tx: &mut PgConnection,
    items: &[(PaymentAccount, [u8; 16])],
) -> Result<(), StoreError> {
    let accounts = || items.iter().map(|(item, _)| item);
    let payees: Vec<&str> = accounts().map(|item| item.payee_id().as_str()).collect();
    let versions: Vec<i32> = accounts().map(|item| item.version).collect();
    let holders: Vec<&str> = accounts()
        .map(|item| item.account.holder.as_str())
        .collect();
    let numbers: Vec<&str> = accounts()
        .map(|item| item.account.number.as_str())
        .collect();
    let codes: Vec<&str> = accounts()
        .map(|item| item.account.bank_code.as_str())
        .collect();
    let banks: Vec<&str> = accounts()
        .map(|item| item.account.bank_name.as_str())
        .collect();
    let evidence: Vec<Option<&str>> = accounts()
        .map(|item| item.account.name_exception_evidence.as_ref())
        .map(|evidence| evidence.map(Explanation::as_str))
        .collect();
    let salts: Vec<&[u8]> = items.iter().map(|(_, salt)| &salt[..]).collect();
    let actors: Vec<&str> = accounts().map(|item| item.proposed_by.as_str()).collect();
    let instants: Vec<Instant> = accounts().map(|item| item.proposed_at).collect();
    let revisions: Vec<i64> = accounts()
        .map(|item| item.proposed_revision.get())
        .collect();
    let result = sqlx::query!(
        "insert into payment_account
             (payee_id, version, account_name, account_number, bank_code, bank_name,
              name_exception_evidence, salt, proposed_by, proposed_at, proposed_revision)
         select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[],
                              $7::text[], $8::bytea[], $9::text[], $10::timestamptz[],
                              $11::bigint[])",
        &payees[..] as &[&str],
        &versions[..],
        &holders[..] as &[&str],
        &numbers[..] as &[&str],
        &codes[..] as &[&str],
        &banks[..] as &[&str],
        &evidence[..] as &[Option<&str>],
        &salts[..] as &[&[u8]],
        &actors[..] as &[&str],
        &instants[..],
        &revisions[..],
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, items.len())
}

/// Ends where these accounts stand now.
pub async fn close_states(
    tx: &mut PgConnection,
    next: Revision,
    items: &[PaymentAccount],
) -> Result<(), StoreError> {
    let payees: Vec<&str> = items.iter().map(|item| item.payee_id().as_str()).collect();
    let versions: Vec<i32> = items.iter().map(|item| item.version).collect();
    let result = sqlx::query!(
        "update payment_account_state set until_revision = $3
         where ctid = any (array(
             select found.ctid
             from unnest($1::text[], $2::int[]) as replaced (payee_id, version)
             cross join lateral (
                 select ctid
                 from payment_account_state
                 where payee_id = replaced.payee_id and version = replaced.version
                   and until_revision is null
                 offset 0
             ) as found))",
        &payees[..] as &[&str],
        &versions[..],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(STATE_TABLE, &result, items.len())
}

/// Adds where accounts stand from a revision on.
pub async fn insert_states(
    tx: &mut PgConnection,
    next: Revision,
    items: &[(&PaymentAccount, Standing)],
) -> Result<(), StoreError> {
    let payees: Vec<&str> = items
        .iter()
        .map(|(item, _)| item.payee_id().as_str())
        .collect();
    let versions: Vec<i32> = items.iter().map(|(item, _)| item.version).collect();
    let proposers: Vec<&str> = items
        .iter()
        .map(|(item, _)| item.proposed_by.as_str())
        .collect();
    let states: Vec<&str> = items.iter().map(|(_, to)| to.state.as_str()).collect();
    let (confirmed_by, confirmed_at) = columns(items, |to| to.confirmed.as_ref());
    let (rejected_by, rejected_at) = columns(items, |to| to.rejected.as_ref());
    let result = sqlx::query!(
        "insert into payment_account_state
             (payee_id, version, proposed_by, state, confirmed_by, confirmed_at, rejected_by,
              rejected_at, since_revision)
         select item.*, $9
         from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                     $7::text[], $8::timestamptz[]) item",
        &payees[..] as &[&str],
        &versions[..],
        &proposers[..] as &[&str],
        &states[..] as &[&str],
        &confirmed_by[..] as &[Option<&str>],
        &confirmed_at[..] as &[Option<Instant>],
        &rejected_by[..] as &[Option<&str>],
        &rejected_at[..] as &[Option<Instant>],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(STATE_TABLE, &result, items.len())
}

/// The columns of a decision.
fn columns<'a>(
    items: &'a [(&PaymentAccount, Standing)],
    decision: impl Fn(&'a Standing) -> Option<&'a Decision>,
) -> (Vec<Option<&'a str>>, Vec<Option<Instant>>) {
    items
        .iter()
        .map(|(_, to)| {
            let decision = decision(to);
            (decision.map(|d| d.by.as_str()), decision.map(|d| d.at))
        })
        .unzip()
}
