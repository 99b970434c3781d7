//! The table `enterprise`.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Date, DistrictCode, Explanation, IndustryCode, Name, ParseError, Uscc};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::{enterprise::Enterprise, revision::Revision};

const TABLE: &str = "enterprise";

struct EnterpriseRow {
    uscc: String,
    name: String,
    district_code: String,
    industry_code: String,
    established_on: Option<Date>,
    uscc_exception_evidence: Option<String>,
}

impl TryFrom<EnterpriseRow> for Enterprise {
    type Error = ParseError;

    fn try_from(row: EnterpriseRow) -> Result<Self, ParseError> {
        let evidence = row.uscc_exception_evidence.as_deref();
        Ok(Self {
            uscc: Uscc::parse_excepted(&row.uscc)?,
            name: Name::parse(&row.name)?,
            district_code: DistrictCode::parse(&row.district_code)?,
            industry_code: IndustryCode::parse(&row.industry_code)?,
            established_on: row.established_on,
            uscc_exception_evidence: evidence.map(Explanation::parse).transpose()?,
        })
    }
}

fn enterprise(row: EnterpriseRow) -> Result<Enterprise, StoreError> {
    read(TABLE, row.try_into())
}

/// Those of the codes that an enterprise has now.
pub async fn registered(
    tx: &mut PgConnection,
    usccs: &BTreeSet<Uscc>,
) -> Result<BTreeSet<Uscc>, StoreError> {
    let usccs: Vec<&str> = usccs.iter().map(Uscc::as_str).collect();
    sqlx::query_scalar!(
        "select uscc from enterprise where uscc = any($1) and until_revision is null",
        &usccs[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .iter()
    .map(|uscc| read("enterprise.uscc", Uscc::parse_excepted(uscc)))
    .collect()
}

/// The enterprises of these codes as they are now.
pub async fn current(
    tx: &mut PgConnection,
    usccs: &BTreeSet<Uscc>,
) -> Result<BTreeMap<Uscc, Enterprise>, StoreError> {
    let usccs: Vec<&str> = usccs.iter().map(Uscc::as_str).collect();
    sqlx::query_as!(
        EnterpriseRow,
        "select uscc, name, district_code, industry_code, established_on, uscc_exception_evidence
         from enterprise
         where uscc = any($1) and until_revision is null",
        &usccs[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| enterprise(row).map(|found| (found.uscc, found)))
    .collect()
}

/// The enterprises at a revision, by code: at most `limit`, after a code where one is given.
pub async fn page(
    tx: &mut PgConnection,
    at: Revision,
    after: Option<Uscc>,
    limit: i64,
) -> Result<Vec<Enterprise>, StoreError> {
    sqlx::query_as!(
        EnterpriseRow,
        "select uscc, name, district_code, industry_code, established_on, uscc_exception_evidence
         from enterprise
         where uscc > $1 and since_revision <= $2 and (until_revision is null or until_revision > $2)
         order by uscc
         limit $3",
        after.as_ref().map_or("", Uscc::as_str),
        at.get(),
        limit,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(enterprise)
    .collect()
}

/// Ends the versions that hold now of the enterprises that are replaced.
pub async fn close(
    tx: &mut PgConnection,
    next: Revision,
    replaced: &[Enterprise],
) -> Result<(), StoreError> {
    let usccs: Vec<&str> = replaced
        .iter()
        .map(|enterprise| enterprise.uscc.as_str())
        .collect();
    let result = sqlx::query!(
        "update enterprise set until_revision = $2
         where uscc = any($1) and until_revision is null",
        &usccs[..] as &[&str],
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
    items: &[Enterprise],
) -> Result<(), StoreError> {
    let usccs: Vec<&str> = items.iter().map(|item| item.uscc.as_str()).collect();
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    let districts: Vec<&str> = items
        .iter()
        .map(|item| item.district_code.as_str())
        .collect();
    let industries: Vec<&str> = items
        .iter()
        .map(|item| item.industry_code.as_str())
        .collect();
    let established: Vec<Option<Date>> = items.iter().map(|item| item.established_on).collect();
    let evidence: Vec<Option<&str>> = items
        .iter()
        .map(|item| {
            item.uscc_exception_evidence
                .as_ref()
                .map(Explanation::as_str)
        })
        .collect();
    let result = sqlx::query!(
        "insert into enterprise
             (uscc, name, district_code, industry_code, established_on, uscc_exception_evidence,
              since_revision)
         select item.*, $7
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[]) item",
        &usccs[..] as &[&str],
        &names[..] as &[&str],
        &districts[..] as &[&str],
        &industries[..] as &[&str],
        &established[..] as &[Option<Date>],
        &evidence[..] as &[Option<&str>],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, items.len())
}
