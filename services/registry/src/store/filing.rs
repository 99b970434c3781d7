//! The table `filing`.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{ParseError, Uscc};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::{
    filing::{Filing, FiscalYear, amount, headcount},
    revision::Revision,
};

const TABLE: &str = "filing";

struct FilingRow {
    uscc: String,
    fiscal_year: i32,
    headcount: i64,
    annual_revenue_fen: i64,
    total_assets_fen: i64,
}

impl TryFrom<FilingRow> for Filing {
    type Error = ParseError;

    fn try_from(row: FilingRow) -> Result<Self, ParseError> {
        Ok(Self {
            uscc: Uscc::parse_excepted(&row.uscc)?,
            fiscal_year: FiscalYear::new(row.fiscal_year)?,
            headcount: headcount(row.headcount)?,
            annual_revenue: amount(row.annual_revenue_fen)?,
            total_assets: amount(row.total_assets_fen)?,
        })
    }
}

fn filing(row: FilingRow) -> Result<Filing, StoreError> {
    read(TABLE, row.try_into())
}

/// The filings of these enterprises for these years as they are now.
pub async fn current(
    tx: &mut PgConnection,
    keys: &BTreeSet<(Uscc, FiscalYear)>,
) -> Result<BTreeMap<(Uscc, FiscalYear), Filing>, StoreError> {
    let (usccs, years): (Vec<&str>, Vec<i32>) = keys
        .iter()
        .map(|(uscc, year)| (uscc.as_str(), year.get()))
        .unzip();
    sqlx::query_as!(
        FilingRow,
        "select found.uscc, found.fiscal_year, found.headcount, found.annual_revenue_fen,
                found.total_assets_fen
         from unnest($1::text[], $2::int[]) as key (uscc, fiscal_year)
         cross join lateral (
             select *
             from filing
             where uscc = key.uscc and fiscal_year = key.fiscal_year and until_revision is null
             offset 0
         ) as found",
        &usccs[..] as &[&str],
        &years[..],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| filing(row).map(|found| (found.key(), found)))
    .collect()
}

/// The filings at a revision of the enterprises from `first` to `last`, by code and year.
pub async fn between(
    tx: &mut PgConnection,
    at: Revision,
    first: Uscc,
    last: Uscc,
) -> Result<Vec<Filing>, StoreError> {
    sqlx::query_as!(
        FilingRow,
        "select uscc, fiscal_year, headcount, annual_revenue_fen, total_assets_fen
         from filing
         where uscc between $1 and $2
           and since_revision <= $3 and (until_revision is null or until_revision > $3)
         order by uscc, fiscal_year",
        first.as_str(),
        last.as_str(),
        at.get(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(filing)
    .collect()
}

/// Ends the versions that hold now of the filings that are replaced.
pub async fn close(
    tx: &mut PgConnection,
    next: Revision,
    replaced: &[Filing],
) -> Result<(), StoreError> {
    let usccs: Vec<&str> = replaced.iter().map(|filing| filing.uscc.as_str()).collect();
    let years: Vec<i32> = replaced
        .iter()
        .map(|filing| filing.fiscal_year.get())
        .collect();
    let result = sqlx::query!(
        "update filing set until_revision = $3
         where ctid = any (array(
             select found.ctid
             from unnest($1::text[], $2::int[]) as replaced (uscc, fiscal_year)
             cross join lateral (
                 select ctid
                 from filing
                 where uscc = replaced.uscc and fiscal_year = replaced.fiscal_year
                   and until_revision is null
                 offset 0
             ) as found))",
        &usccs[..] as &[&str],
        &years[..],
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
    items: &[Filing],
) -> Result<(), StoreError> {
    let usccs: Vec<&str> = items.iter().map(|item| item.uscc.as_str()).collect();
    let years: Vec<i32> = items.iter().map(|item| item.fiscal_year.get()).collect();
    let headcounts: Vec<i64> = items.iter().map(|item| item.headcount).collect();
    let revenues: Vec<i64> = items.iter().map(|item| item.annual_revenue.get()).collect();
    let assets: Vec<i64> = items.iter().map(|item| item.total_assets.get()).collect();
    let result = sqlx::query!(
        "insert into filing
             (uscc, fiscal_year, headcount, annual_revenue_fen, total_assets_fen, since_revision)
         select item.*, $6
         from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[]) item",
        &usccs[..] as &[&str],
        &years[..],
        &headcounts[..],
        &revenues[..],
        &assets[..],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, items.len())
}
