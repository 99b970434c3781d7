//! The table `merchant_binding`.

use gazelle_kernel::{Date, Interval, MerchantId, ParseError, PlatformId, Uscc};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;
use time::macros::date;

use crate::domain::{merchant_binding::MerchantBinding, revision::Revision};

const TABLE: &str = "merchant_binding";

struct MerchantBindingRow {
    platform_id: String,
    merchant_id: String,
    uscc: String,
    bound_from: Date,
    bound_to: Option<Date>,
}

impl TryFrom<MerchantBindingRow> for MerchantBinding {
    type Error = ParseError;

    fn try_from(row: MerchantBindingRow) -> Result<Self, ParseError> {
        Ok(Self {
            platform_id: PlatformId::parse(&row.platform_id)?,
            merchant_id: MerchantId::parse(&row.merchant_id)?,
            uscc: Uscc::parse_excepted(&row.uscc)?,
            bound: Interval::new(row.bound_from, row.bound_to)?,
        })
    }
}

fn binding(row: MerchantBindingRow) -> Result<MerchantBinding, StoreError> {
    read(TABLE, row.try_into())
}

/// The bindings as they are now that these may meet: of each one's account the one with its first
/// day, the one before and the one after. An account's bindings never overlap, so no other can be
/// in the way.
pub async fn near(
    tx: &mut PgConnection,
    items: &[&MerchantBinding],
) -> Result<Vec<MerchantBinding>, StoreError> {
    let platforms: Vec<&str> = items.iter().map(|item| item.platform_id.as_str()).collect();
    let merchants: Vec<&str> = items.iter().map(|item| item.merchant_id.as_str()).collect();
    let starts: Vec<Date> = items.iter().map(|item| item.bound.from()).collect();
    sqlx::query_as!(
        MerchantBindingRow,
        r#"select distinct near.platform_id as "platform_id!", near.merchant_id as "merchant_id!",
                           near.uscc as "uscc!", near.bound_from as "bound_from!", near.bound_to
           from unnest($1::text[], $2::text[], $3::date[])
               as item (platform_id, merchant_id, bound_from)
           cross join lateral (
               (select *
                from merchant_binding
                where platform_id = item.platform_id and merchant_id = item.merchant_id
                  and bound_from <= item.bound_from and until_revision is null
                order by bound_from desc
                limit 2)
               union all
               (select *
                from merchant_binding
                where platform_id = item.platform_id and merchant_id = item.merchant_id
                  and bound_from > item.bound_from and until_revision is null
                order by bound_from
                limit 1)
           ) as near"#,
        &platforms[..] as &[&str],
        &merchants[..] as &[&str],
        &starts[..],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(binding)
    .collect()
}

/// The bindings at a revision, by platform, account and first day: at most `limit`, only one
/// platform's, one enterprise's and after a key where these are given.
pub async fn page(
    tx: &mut PgConnection,
    at: Revision,
    platform_id: Option<&PlatformId>,
    uscc: Option<Uscc>,
    after: Option<&(PlatformId, MerchantId, Date)>,
    limit: i64,
) -> Result<Vec<MerchantBinding>, StoreError> {
    // Before every key, of the one platform where there is one.
    let (platform, merchant, from) = match after {
        Some((platform, merchant, from)) => (platform.as_str(), merchant.as_str(), *from),
        None => (
            platform_id.map_or("", PlatformId::as_str),
            "",
            date!(1900 - 01 - 01),
        ),
    };
    // No id comes after `~`.
    let last = platform_id.map_or("~", PlatformId::as_str);
    sqlx::query_as!(
        MerchantBindingRow,
        r#"select platform_id, merchant_id, uscc, bound_from, bound_to
           from merchant_binding
           where (platform_id, merchant_id, bound_from) > ($1::text, $2::text, $3::date)
             and platform_id <= $4
             and since_revision <= $5 and (until_revision is null or until_revision > $5)
             and ($6::text is null or uscc = $6)
           order by platform_id, merchant_id, bound_from
           limit $7"#,
        platform,
        merchant,
        from,
        last,
        at.get(),
        uscc.as_ref().map(Uscc::as_str),
        limit,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(binding)
    .collect()
}

/// Ends the versions that hold now of the bindings that are replaced.
pub async fn close(
    tx: &mut PgConnection,
    next: Revision,
    replaced: &[MerchantBinding],
) -> Result<(), StoreError> {
    let platforms: Vec<&str> = replaced
        .iter()
        .map(|item| item.platform_id.as_str())
        .collect();
    let merchants: Vec<&str> = replaced
        .iter()
        .map(|item| item.merchant_id.as_str())
        .collect();
    let starts: Vec<Date> = replaced.iter().map(|item| item.bound.from()).collect();
    let result = sqlx::query!(
        "update merchant_binding set until_revision = $4
         where ctid = any (array(
             select found.ctid
             from unnest($1::text[], $2::text[], $3::date[])
                 as replaced (platform_id, merchant_id, bound_from)
             cross join lateral (
                 select ctid
                 from merchant_binding
                 where platform_id = replaced.platform_id and merchant_id = replaced.merchant_id
                   and bound_from = replaced.bound_from and until_revision is null
                 offset 0
             ) as found))",
        &platforms[..] as &[&str],
        &merchants[..] as &[&str],
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
    items: &[MerchantBinding],
) -> Result<(), StoreError> {
    let platforms: Vec<&str> = items.iter().map(|item| item.platform_id.as_str()).collect();
    let merchants: Vec<&str> = items.iter().map(|item| item.merchant_id.as_str()).collect();
    let usccs: Vec<&str> = items.iter().map(|item| item.uscc.as_str()).collect();
    let starts: Vec<Date> = items.iter().map(|item| item.bound.from()).collect();
    let ends: Vec<Option<Date>> = items.iter().map(|item| item.bound.to()).collect();
    let result = sqlx::query!(
        "insert into merchant_binding
             (platform_id, merchant_id, uscc, bound_from, bound_to, since_revision)
         select item.*, $6
         from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[]) item",
        &platforms[..] as &[&str],
        &merchants[..] as &[&str],
        &usccs[..] as &[&str],
        &starts[..],
        &ends[..] as &[Option<Date>],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, items.len())
}
