//! The table `suspension`.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Date, Explanation, Interval, ParseError, Uscc};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::{revision::Revision, suspension::Suspension};

const TABLE: &str = "suspension";

struct SuspensionRow {
    uscc: String,
    suspended_from: Date,
    suspended_to: Option<Date>,
    reason: String,
}

impl TryFrom<SuspensionRow> for Suspension {
    type Error = ParseError;

    fn try_from(row: SuspensionRow) -> Result<Self, ParseError> {
        Ok(Self {
            uscc: Uscc::parse_excepted(&row.uscc)?,
            suspended: Interval::new(row.suspended_from, row.suspended_to)?,
            reason: Explanation::parse(&row.reason)?,
        })
    }
}

fn suspension(row: SuspensionRow) -> Result<Suspension, StoreError> {
    read(TABLE, row.try_into())
}

/// The suspensions of these enterprises from these days on as they are now.
pub async fn current(
    tx: &mut PgConnection,
    keys: &BTreeSet<(Uscc, Date)>,
) -> Result<BTreeMap<(Uscc, Date), Suspension>, StoreError> {
    let (usccs, starts): (Vec<&str>, Vec<Date>) = keys
        .iter()
        .map(|(uscc, from)| (uscc.as_str(), *from))
        .unzip();
    sqlx::query_as!(
        SuspensionRow,
        "select found.uscc, found.suspended_from, found.suspended_to, found.reason
         from unnest($1::text[], $2::date[]) as key (uscc, suspended_from)
         cross join lateral (
             select *
             from suspension
             where uscc = key.uscc and suspended_from = key.suspended_from
               and until_revision is null
             offset 0
         ) as found",
        &usccs[..] as &[&str],
        &starts[..],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| suspension(row).map(|found| (found.key(), found)))
    .collect()
}

/// The suspensions at a revision of the enterprises from `first` to `last`, by code and first day.
pub async fn between(
    tx: &mut PgConnection,
    at: Revision,
    first: Uscc,
    last: Uscc,
) -> Result<Vec<Suspension>, StoreError> {
    sqlx::query_as!(
        SuspensionRow,
        "select uscc, suspended_from, suspended_to, reason
         from suspension
         where uscc between $1 and $2
           and since_revision <= $3 and (until_revision is null or until_revision > $3)
         order by uscc, suspended_from",
        first.as_str(),
        last.as_str(),
        at.get(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(suspension)
    .collect()
}

/// Ends the versions that hold now of the suspensions that are replaced.
pub async fn close(
    tx: &mut PgConnection,
    next: Revision,
    replaced: &[Suspension],
) -> Result<(), StoreError> {
    let usccs: Vec<&str> = replaced
        .iter()
        .map(|suspension| suspension.uscc.as_str())
        .collect();
    let starts: Vec<Date> = replaced.iter().map(|item| item.suspended.from()).collect();
    let result = sqlx::query!(
        "update suspension set until_revision = $3
         where ctid = any (array(
             select found.ctid
             from unnest($1::text[], $2::date[]) as replaced (uscc, suspended_from)
             cross join lateral (
                 select ctid
                 from suspension
                 where uscc = replaced.uscc and suspended_from = replaced.suspended_from
                   and until_revision is null
                 offset 0
             ) as found))",
        &usccs[..] as &[&str],
        &starts[..],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, replaced.len())
}

/// Adds versions that hold from a revision on.
pub async fn insert(
    tx: &mut PgConnection,
    next: Revision,
    items: &[Suspension],
) -> Result<(), StoreError> {
    let usccs: Vec<&str> = items.iter().map(|item| item.uscc.as_str()).collect();
    let starts: Vec<Date> = items.iter().map(|item| item.suspended.from()).collect();
    let ends: Vec<Option<Date>> = items.iter().map(|item| item.suspended.to()).collect();
    let reasons: Vec<&str> = items.iter().map(|item| item.reason.as_str()).collect();
    let result = sqlx::query!(
        "insert into suspension (uscc, suspended_from, suspended_to, reason, since_revision)
         select item.*, $5
         from unnest($1::text[], $2::date[], $3::date[], $4::text[]) item",
        &usccs[..] as &[&str],
        &starts[..],
        &ends[..] as &[Option<Date>],
        &reasons[..] as &[&str],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, items.len())
}
