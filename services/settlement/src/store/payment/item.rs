//! Open items: what runs gave and no payment holds.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, PayeeId, ProgramId, Year};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::payment::items::OpenItems;

/// The open items of some payees of a program; one without any is missing.
pub async fn open(
    tx: &mut PgConnection,
    program_id: &ProgramId,
    payees: &[PayeeId],
) -> Result<BTreeMap<PayeeId, OpenItems>, StoreError> {
    let payees: Vec<&str> = payees.iter().map(PayeeId::as_str).collect();
    let rows = sqlx::query!(
        "select payee_id, run_number, amount_fen from open_item
         where program_id = $1 and payee_id = any ($2::text[])
         order by payee_id, run_number",
        program_id.as_str(),
        &payees as &[&str]
    )
    .fetch_all(tx)
    .await?;
    let mut items: BTreeMap<PayeeId, Vec<(i32, Fen)>> = BTreeMap::new();
    for row in rows {
        let payee_id = read("open_item.payee_id", PayeeId::parse(&row.payee_id))?;
        let item = (row.run_number, Fen::new(row.amount_fen));
        items.entry(payee_id).or_default().push(item);
    }
    let items = items
        .into_iter()
        .map(|(payee, items)| (payee, OpenItems::new(items)));
    Ok(items.collect())
}

/// What is payable to each payee of a program that is owed anything.
pub async fn payable(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<BTreeMap<PayeeId, Fen>, StoreError> {
    let rows = sqlx::query!(
        r#"select payee_id, sum(amount_fen)::bigint as "payable_fen!" from open_item
           where program_id = $1 and amount_fen > 0
           group by payee_id"#,
        program_id.as_str()
    )
    .fetch_all(tx)
    .await?;
    let mut payable = BTreeMap::new();
    for row in rows {
        let payee_id = read("open_item.payee_id", PayeeId::parse(&row.payee_id))?;
        payable.insert(payee_id, Fen::new(row.payable_fen));
    }
    Ok(payable)
}

/// Writes what the open items of some payees came to.
pub async fn save(
    tx: &mut PgConnection,
    program_id: &ProgramId,
    items: &BTreeMap<PayeeId, OpenItems>,
) -> Result<(), StoreError> {
    let payees: Vec<&str> = items.keys().map(PayeeId::as_str).collect();
    let rows = || {
        items
            .iter()
            .flat_map(|(payee, items)| items.iter().map(move |item| (payee, item)))
    };
    let owners: Vec<&str> = rows().map(|(payee, _)| payee.as_str()).collect();
    let runs: Vec<i32> = rows().map(|(_, (run, _))| run).collect();
    let amounts: Vec<i64> = rows().map(|(_, (_, amount))| amount.get()).collect();
    sqlx::query!(
        "delete from open_item gone
         where program_id = $1 and payee_id = any ($2::text[])
           and not exists (
               select from unnest($3::text[], $4::integer[]) as kept (payee_id, run_number)
               where kept.payee_id = gone.payee_id and kept.run_number = gone.run_number)",
        program_id.as_str(),
        &payees as &[&str],
        &owners as &[&str],
        &runs
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into open_item (program_id, payee_id, run_number, amount_fen)
         select $1, payee_id, run_number, amount_fen
         from unnest($2::text[], $3::integer[], $4::bigint[]) as kept (payee_id, run_number, amount_fen)
         on conflict (program_id, payee_id, run_number)
         do update set amount_fen = excluded.amount_fen
         where open_item.amount_fen <> excluded.amount_fen",
        program_id.as_str(),
        &owners as &[&str],
        &runs,
        &amounts
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What a run gives each payee that it gives anything or takes anything back from, by payee: each
/// enterprise its grant, or each platform the government's part of its lines, as the version by
/// which the run was settled says.
pub async fn given(tx: &mut PgConnection, run_id: Uuid) -> Result<Vec<(PayeeId, Fen)>, StoreError> {
    let rows = sqlx::query!(
        r#"with settled as (
               select run_id, version.content::jsonb ->> 'payee' = 'PLATFORM' as pays_platforms
               from run
               join program_version version
                 on version.program_id = run.program_id and version.version = run.program_version
               where run_id = $1)
           select payee_id as "payee_id!", fen as "fen!"
           from (select uscc as payee_id, granted_fen as fen
                 from settled join run_enterprise using (run_id)
                 where not pays_platforms
                 union all
                 select platform_id, sum(government_fen)::bigint
                 from settled join run_line using (run_id)
                 where pays_platforms
                 group by platform_id) given
           where fen <> 0
           order by payee_id"#,
        run_id
    )
    .fetch_all(tx)
    .await?;
    let given = rows.into_iter().map(|row| {
        let payee_id = read("run_enterprise.uscc", PayeeId::parse(&row.payee_id))?;
        Ok((payee_id, Fen::new(row.fen)))
    });
    given.collect()
}

/// The budget year of each approved run of a program, by run number.
pub async fn run_years(
    tx: &mut PgConnection,
    program_id: &ProgramId,
) -> Result<BTreeMap<i32, Year>, StoreError> {
    let rows = sqlx::query!(
        "select number, year from run where program_id = $1 and state = 'approved'",
        program_id.as_str()
    )
    .fetch_all(tx)
    .await?;
    let years = rows
        .into_iter()
        .map(|row| Ok((row.number, read("run.year", Year::new(row.year))?)));
    years.collect()
}

/// Payees after one to whom a run of the program ever gave anything, by payee.
pub async fn payees(
    tx: &mut PgConnection,
    program_id: &ProgramId,
    after: Option<&PayeeId>,
    limit: i64,
) -> Result<Vec<PayeeId>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"select distinct payee_id as "payee_id!" from ledger_account
           where program_id = $1 and payee_id > $2
           order by payee_id
           limit $3"#,
        program_id.as_str(),
        after.map_or("", PayeeId::as_str),
        limit
    )
    .fetch_all(tx)
    .await?;
    let payees = rows
        .into_iter()
        .map(|id| read("ledger_account.payee_id", PayeeId::parse(&id)));
    payees.collect()
}
