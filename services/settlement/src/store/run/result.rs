//! A run's three tables.

use gazelle_kernel::{FeeKind, Fen, PlatformId, ProgramId, Uscc, Year};
use gazelle_runtime::store::{StoreError, copy_out::for_each, expect_rows, read};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{
    rules::eligibility::ExclusionReason,
    rules::inputs::PriorLine,
    rules::result::{EnterpriseResult, Exclusion, Line},
};
use crate::store::column;

/// Rows that one statement writes; bounds the memory of a large run.
const ROWS_A_STATEMENT: usize = 20_000;

/// A line's key: enterprise, platform and fee kind.
pub type LineKey = (Uscc, PlatformId, FeeKind);

/// Writes rows of `run_enterprise`.
pub async fn insert_enterprises(
    tx: &mut PgConnection,
    run_id: Uuid,
    rows: &[EnterpriseResult],
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let usccs: Vec<String> = rows.iter().map(|row| row.uscc.to_string()).collect();
        let fen = |amount: fn(&EnterpriseResult) -> Fen| {
            rows.iter()
                .map(|row| amount(row).get())
                .collect::<Vec<i64>>()
        };
        let inserted = sqlx::query!(
            "insert into run_enterprise (run_id, uscc, uncapped_fen, entitled_fen,
                                         granted_before_fen, due_fen, granted_fen, unfunded_fen)
             select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
                                      $6::bigint[], $7::bigint[], $8::bigint[])",
            run_id,
            &usccs,
            &fen(|row| row.uncapped_fen),
            &fen(|row| row.entitled_fen),
            &fen(|row| row.granted_before_fen),
            &fen(|row| row.due_fen),
            &fen(|row| row.granted_fen),
            &fen(|row| row.unfunded_fen)
        )
        .execute(&mut *tx)
        .await?;
        expect_rows("run_enterprise", &inserted, rows.len())?;
    }
    Ok(())
}

/// Writes rows of `run_line`.
pub async fn insert_lines(
    tx: &mut PgConnection,
    run_id: Uuid,
    rows: &[Line],
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let text = |name: fn(&Line) -> &str| rows.iter().map(|row| name(row).to_owned()).collect();
        let (usccs, platforms, kinds): (Vec<String>, Vec<String>, Vec<String>) = (
            text(|row| row.uscc.as_str()),
            text(|row| row.platform_id.as_str()),
            text(|row| row.fee_kind.as_str()),
        );
        let fen = |amount: fn(&Line) -> Fen| {
            rows.iter()
                .map(|row| amount(row).get())
                .collect::<Vec<i64>>()
        };
        let inserted = sqlx::query!(
            "insert into run_line (run_id, uscc, platform_id, fee_kind, fee_fen, government_fen,
                                   platform_fen, enterprise_fen)
             select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[],
                                      $6::bigint[], $7::bigint[], $8::bigint[])",
            run_id,
            &usccs,
            &platforms,
            &kinds,
            &fen(|row| row.fee_fen),
            &fen(|row| row.government_fen),
            &fen(|row| row.platform_fen),
            &fen(|row| row.enterprise_fen)
        )
        .execute(&mut *tx)
        .await?;
        expect_rows("run_line", &inserted, rows.len())?;
    }
    Ok(())
}

pub async fn insert_exclusions(
    tx: &mut PgConnection,
    run_id: Uuid,
    rows: &[Exclusion],
) -> Result<(), StoreError> {
    let reasons: Vec<String> = rows.iter().map(|row| row.reason.to_string()).collect();
    let fen: Vec<i64> = rows.iter().map(|row| row.fee_fen.get()).collect();
    let inserted = sqlx::query!(
        "insert into run_exclusion (run_id, reason, fee_fen)
         select $1, * from unnest($2::text[], $3::bigint[])",
        run_id,
        &reasons,
        &fen
    )
    .execute(tx)
    .await?;
    expect_rows("run_exclusion", &inserted, rows.len())
}

/// Takes the rows of one enterprise out of `run_enterprise` and `run_line`.
pub async fn delete_enterprise(
    tx: &mut PgConnection,
    run_id: Uuid,
    uscc: &Uscc,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from run_enterprise where run_id = $1 and uscc = $2",
        run_id,
        uscc.as_str()
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from run_line where run_id = $1 and uscc = $2",
        run_id,
        uscc.as_str()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An enterprise's row of `run_enterprise`.
pub async fn enterprise(
    tx: &mut PgConnection,
    run_id: Uuid,
    uscc: &Uscc,
) -> Result<Option<EnterpriseResult>, StoreError> {
    let row = sqlx::query_as!(
        EnterpriseRow,
        "select uscc, uncapped_fen, entitled_fen, granted_before_fen, due_fen, granted_fen,
                unfunded_fen
         from run_enterprise where run_id = $1 and uscc = $2",
        run_id,
        uscc.as_str()
    )
    .fetch_optional(tx)
    .await?;
    row.map(EnterpriseRow::read).transpose()
}

/// All rows of `run_enterprise` of a run, by enterprise.
pub async fn all_enterprises(
    tx: &mut PgConnection,
    run_id: Uuid,
) -> Result<Vec<EnterpriseResult>, StoreError> {
    let query = format!(
        "copy (select uscc, uncapped_fen, entitled_fen, granted_before_fen, due_fen, granted_fen,
                      unfunded_fen
               from run_enterprise where run_id = '{run_id}'
               order by uscc)
         to stdout (format binary)"
    );
    let mut rows = Vec::new();
    for_each(tx, &query, 7, |mut row| {
        rows.push(EnterpriseResult {
            uscc: column::uscc("run_enterprise.uscc", row.text()?)?,
            uncapped_fen: Fen::new(row.int8()?),
            entitled_fen: Fen::new(row.int8()?),
            granted_before_fen: Fen::new(row.int8()?),
            due_fen: Fen::new(row.int8()?),
            granted_fen: Fen::new(row.int8()?),
            unfunded_fen: Fen::new(row.int8()?),
        });
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// All rows of `run_line` of a run, by enterprise, platform and fee kind.
pub async fn all_lines(tx: &mut PgConnection, run_id: Uuid) -> Result<Vec<Line>, StoreError> {
    let query = format!(
        "copy (select uscc, platform_id, fee_kind, fee_fen, government_fen, platform_fen,
                      enterprise_fen
               from run_line where run_id = '{run_id}'
               order by uscc, platform_id, fee_kind)
         to stdout (format binary)"
    );
    let mut rows = Vec::new();
    for_each(tx, &query, 7, |mut row| {
        rows.push(Line {
            uscc: column::uscc("run_line.uscc", row.text()?)?,
            platform_id: column::platform_id("run_line.platform_id", row.text()?)?,
            fee_kind: read("run_line.fee_kind", FeeKind::parse(row.text()?))?,
            fee_fen: Fen::new(row.int8()?),
            government_fen: Fen::new(row.int8()?),
            platform_fen: Fen::new(row.int8()?),
            enterprise_fen: Fen::new(row.int8()?),
        });
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// Rows of `run_enterprise` after a key, by enterprise.
pub async fn enterprises(
    tx: &mut PgConnection,
    run_id: Uuid,
    after: Option<&Uscc>,
    limit: i64,
) -> Result<Vec<EnterpriseResult>, StoreError> {
    let rows = sqlx::query_as!(
        EnterpriseRow,
        "select uscc, uncapped_fen, entitled_fen, granted_before_fen, due_fen, granted_fen,
                unfunded_fen
         from run_enterprise
         where run_id = $1 and uscc > $2
         order by uscc
         limit $3",
        run_id,
        after.map_or("", Uscc::as_str),
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(EnterpriseRow::read).collect()
}

/// Rows of `run_line` after a key, by enterprise, platform and fee kind.
pub async fn lines(
    tx: &mut PgConnection,
    run_id: Uuid,
    after: Option<&LineKey>,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let (after_uscc, after_platform, after_kind) = after.map_or(("", "", ""), |(u, p, k)| {
        (u.as_str(), p.as_str(), k.as_str())
    });
    let rows = sqlx::query_as!(
        LineRow,
        "select uscc, platform_id, fee_kind, fee_fen, government_fen, platform_fen, enterprise_fen
         from run_line
         where run_id = $1 and (uscc, platform_id, fee_kind) > ($2, $3, $4)
         order by uscc, platform_id, fee_kind
         limit $5",
        run_id,
        after_uscc,
        after_platform,
        after_kind,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(LineRow::read).collect()
}

/// `run_exclusion`, by reason.
pub async fn exclusions(tx: &mut PgConnection, run_id: Uuid) -> Result<Vec<Exclusion>, StoreError> {
    let rows = sqlx::query!(
        "select reason, fee_fen from run_exclusion where run_id = $1 order by reason",
        run_id
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let reason = ExclusionReason::from_name(&row.reason)
                .ok_or_else(|| StoreError::corrupt("run_exclusion.reason", row.reason.clone()))?;
            Ok(Exclusion {
                reason,
                fee_fen: Fen::new(row.fee_fen),
            })
        })
        .collect()
}

/// What approved runs of a program and year, of a number below `before`, gave each component.
pub async fn prior(
    tx: &mut PgConnection,
    program: &ProgramId,
    year: Year,
    before: i32,
) -> Result<Vec<PriorLine>, StoreError> {
    let rows = sqlx::query!(
        r#"select l.uscc, l.platform_id, l.fee_kind, sum(l.fee_fen)::bigint as "fee_fen!",
                  sum(l.government_fen)::bigint as "government_fen!",
                  sum(l.platform_fen)::bigint as "platform_fen!"
           from run r
           join run_line l using (run_id)
           where r.program_id = $1 and r.year = $2 and r.state = 'approved' and r.number < $3
           group by l.uscc, l.platform_id, l.fee_kind
           order by l.uscc, l.platform_id, l.fee_kind"#,
        program.as_str(),
        year.get(),
        before
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PriorLine {
                uscc: column::uscc("run_line.uscc", &row.uscc)?,
                platform_id: column::platform_id("run_line.platform_id", &row.platform_id)?,
                fee_kind: read("run_line.fee_kind", FeeKind::parse(&row.fee_kind))?,
                fee_fen: Fen::new(row.fee_fen),
                government_fen: Fen::new(row.government_fen),
                platform_fen: Fen::new(row.platform_fen),
            })
        })
        .collect()
}

struct EnterpriseRow {
    uscc: String,
    uncapped_fen: i64,
    entitled_fen: i64,
    granted_before_fen: i64,
    due_fen: i64,
    granted_fen: i64,
    unfunded_fen: i64,
}

impl EnterpriseRow {
    fn read(self) -> Result<EnterpriseResult, StoreError> {
        Ok(EnterpriseResult {
            uscc: column::uscc("run_enterprise.uscc", &self.uscc)?,
            uncapped_fen: Fen::new(self.uncapped_fen),
            entitled_fen: Fen::new(self.entitled_fen),
            granted_before_fen: Fen::new(self.granted_before_fen),
            due_fen: Fen::new(self.due_fen),
            granted_fen: Fen::new(self.granted_fen),
            unfunded_fen: Fen::new(self.unfunded_fen),
        })
    }
}

struct LineRow {
    uscc: String,
    platform_id: String,
    fee_kind: String,
    fee_fen: i64,
    government_fen: i64,
    platform_fen: i64,
    enterprise_fen: i64,
}

impl LineRow {
    fn read(self) -> Result<Line, StoreError> {
        Ok(Line {
            uscc: column::uscc("run_line.uscc", &self.uscc)?,
            platform_id: column::platform_id("run_line.platform_id", &self.platform_id)?,
            fee_kind: read("run_line.fee_kind", FeeKind::parse(&self.fee_kind))?,
            fee_fen: Fen::new(self.fee_fen),
            government_fen: Fen::new(self.government_fen),
            platform_fen: Fen::new(self.platform_fen),
            enterprise_fen: Fen::new(self.enterprise_fen),
        })
    }
}
