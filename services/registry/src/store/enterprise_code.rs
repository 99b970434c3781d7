//! Dated changes of enterprises' codes.

use gazelle_kernel::{Date, DistrictCode, IndustryCode, ParseError, Uscc};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::{
    enterprise::{Code, CodeChange, CodeKind},
    revision::Revision,
};

const TABLE: &str = "enterprise_code";

pub(super) fn kind_name(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::District => "district",
        CodeKind::Industry => "industry",
    }
}

struct EnterpriseCodeRow {
    uscc: String,
    kind: String,
    effective_from: Date,
    code: String,
}

impl TryFrom<EnterpriseCodeRow> for CodeChange {
    type Error = ParseError;

    fn try_from(row: EnterpriseCodeRow) -> Result<Self, ParseError> {
        let code = match row.kind.as_str() {
            "district" => Code::District(DistrictCode::parse(&row.code)?),
            "industry" => Code::Industry(IndustryCode::parse(&row.code)?),
            other => {
                return Err(ParseError::new(
                    "KIND_INVALID",
                    other,
                    "district or industry",
                ));
            }
        };
        Ok(Self {
            uscc: Uscc::parse_excepted(&row.uscc)?,
            effective_from: row.effective_from,
            code,
        })
    }
}

/// The changes at a revision of the enterprises from `first` to `last`, by code, day and kind.
pub async fn between(
    tx: &mut PgConnection,
    at: Revision,
    first: Uscc,
    last: Uscc,
) -> Result<Vec<CodeChange>, StoreError> {
    sqlx::query_as!(
        EnterpriseCodeRow,
        "select uscc, kind, effective_from, code
         from enterprise_code
         where uscc between $1 and $2
           and since_revision <= $3 and (until_revision is null or until_revision > $3)
         order by uscc, effective_from, kind",
        first.as_str(),
        last.as_str(),
        at.get(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| read(TABLE, row.try_into()))
    .collect()
}

/// Ends the version that holds now of a change that is replaced.
pub async fn close(
    tx: &mut PgConnection,
    next: Revision,
    replaced: &CodeChange,
) -> Result<(), StoreError> {
    let result = sqlx::query!(
        "update enterprise_code set until_revision = $4
         where uscc = $1 and kind = $2 and effective_from = $3 and until_revision is null",
        replaced.uscc.as_str(),
        kind_name(replaced.code.kind()),
        replaced.effective_from,
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, 1)
}

/// Adds a version that holds from a revision on.
pub async fn insert(
    tx: &mut PgConnection,
    next: Revision,
    change: &CodeChange,
) -> Result<(), StoreError> {
    let result = sqlx::query!(
        "insert into enterprise_code (uscc, kind, effective_from, code, since_revision)
         values ($1, $2, $3, $4, $5)",
        change.uscc.as_str(),
        kind_name(change.code.kind()),
        change.effective_from,
        change.code.as_str(),
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, 1)
}
