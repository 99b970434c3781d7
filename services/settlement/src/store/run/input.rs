//! What runs were decided from, kept once by content.

use gazelle_runtime::store::{StoreError, expect_rows, read_digest};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{
    rules::facts::{Binding, EnterpriseFacts},
    run::{PlatformReports, Seal},
};
use crate::store::column;

/// A row of the registry's facts, as it is kept; to write one, references do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact<E = EnterpriseFacts, B = Binding, P = PlatformReports> {
    /// Who an enterprise is.
    Enterprise(E),
    /// Whose a shop is.
    Binding(B),
    /// From when to when a platform owes its months.
    Platform(P),
}

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program of the run, then those that it yields to.
    Programs,
    Enrollments,
    Facts,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Programs => "programs",
            Self::Enrollments => "enrollments",
            Self::Facts => "facts",
        }
    }
}

/// Lines of a part. A change of one row changes one part, and the others stay shared.
const LINES_A_PART: usize = 5_000;

/// Contents, cut into parts that are kept by their SHA-256.
#[derive(Debug, Clone)]
pub struct Parts(Vec<([u8; 32], Vec<u8>)>);

impl Parts {
    /// Cuts rows, a line of JSON each, into parts. Equal rows give equal parts.
    pub fn of_rows<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Self {
        let mut parts = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut part = Vec::new();
            for row in rows.by_ref().take(LINES_A_PART) {
                serde_json::to_writer(&mut part, &row).expect("values of ours are plain JSON");
                part.push(b'\n');
            }
            parts.push((Sha256::digest(&part).into(), part));
        }
        Self(parts)
    }
}

/// Keeps what a run was decided from. What is kept already is not sent again.
pub async fn insert(
    tx: &mut PgConnection,
    run_id: Uuid,
    kind: Kind,
    parts: &Parts,
) -> Result<(), StoreError> {
    let digests: Vec<Vec<u8>> = parts.0.iter().map(|(digest, _)| digest.to_vec()).collect();
    let known = sqlx::query!("select digest from input where digest = any($1)", &digests)
        .fetch_all(&mut *tx)
        .await?;
    for (digest, content) in &parts.0 {
        if known.iter().any(|row| row.digest == digest) {
            continue;
        }
        // Another run may keep the same at this moment: then there is no row to count.
        sqlx::query!(
            "insert into input (digest, content) values ($1, $2) on conflict (digest) do nothing",
            digest.as_slice(),
            content
        )
        .execute(&mut *tx)
        .await?;
    }
    let inserted = sqlx::query!(
        "insert into run_input (run_id, kind, part, digest)
         select $1, $2, (part - 1)::integer, digest
         from unnest($3::bytea[]) with ordinality as parts (digest, part)",
        run_id,
        kind.as_str(),
        &digests
    )
    .execute(tx)
    .await?;
    expect_rows("run_input", &inserted, digests.len())
}

/// Contents as they are kept: JSON, a line a row.
#[derive(Debug, Default)]
pub struct Lines(Vec<Vec<u8>>);

impl Lines {
    /// The rows. Takes long where there are many.
    pub fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, StoreError> {
        let corrupt = |error| StoreError::corrupt("input.content", error);
        let parts = self.0.iter();
        let rows = parts.flat_map(|part| serde_json::Deserializer::from_slice(part).into_iter());
        rows.map(|row| row.map_err(corrupt)).collect()
    }
}

/// Reads what a run was decided from.
pub async fn lines(tx: &mut PgConnection, run_id: Uuid, kind: Kind) -> Result<Lines, StoreError> {
    let parts = sqlx::query!(
        "select digest, content from run_input join input using (digest)
         where run_id = $1 and kind = $2
         order by part",
        run_id,
        kind.as_str()
    )
    .fetch_all(tx)
    .await?;
    let mut lines = Lines::default();
    for part in parts {
        let actual: [u8; 32] = Sha256::digest(&part.content).into();
        if part.digest != actual {
            let what = "a content that has another digest";
            return Err(StoreError::corrupt("input.content", what));
        }
        lines.0.push(part.content);
    }
    Ok(lines)
}

/// Names the seals that a run was decided from.
pub async fn insert_seals(
    tx: &mut PgConnection,
    run_id: Uuid,
    seals: &[Seal],
) -> Result<(), StoreError> {
    let platforms: Vec<String> = seals
        .iter()
        .map(|seal| seal.platform_id.to_string())
        .collect();
    let periods: Vec<String> = seals.iter().map(|seal| seal.period.to_string()).collect();
    let digests: Vec<Vec<u8>> = seals.iter().map(|seal| seal.digest.to_vec()).collect();
    let inserted = sqlx::query!(
        "insert into run_seal (run_id, platform_id, period, digest)
         select $1, * from unnest($2::text[], $3::text[], $4::bytea[])",
        run_id,
        &platforms,
        &periods,
        &digests
    )
    .execute(tx)
    .await?;
    expect_rows("run_seal", &inserted, seals.len())
}

/// The seals that a run was decided from, by platform and period.
pub async fn seals(tx: &mut PgConnection, run_id: Uuid) -> Result<Vec<Seal>, StoreError> {
    let rows = sqlx::query!(
        "select platform_id, period, digest from run_seal
         where run_id = $1
         order by platform_id, period",
        run_id
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Seal {
                platform_id: column::platform_id("run_seal.platform_id", &row.platform_id)?,
                period: column::period("run_seal.period", &row.period)?,
                digest: read_digest("run_seal.digest", &row.digest)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, rules::facts::Dated};

    #[test]
    fn facts_come_back_as_they_were_kept() {
        let mut enterprise = fixture::enterprise(0);
        let moved = *fixture::enterprise(1).district.first();
        enterprise.district = Dated::new(moved, [(fixture::date("2017-03-01"), moved)].into());
        enterprise.suspensions = vec![fixture::interval("2017-01-01", "")];
        let platform = PlatformReports {
            platform_id: fixture::platform("alpha"),
            reports_from: Some(fixture::period("2025-01")),
            reports_to: None,
        };
        let facts = vec![
            Fact::Enterprise(enterprise),
            Fact::Binding(fixture::binding("alpha", 0)),
            Fact::Platform(platform),
        ];
        let Parts(parts) = Parts::of_rows(&facts);
        let kept = Lines(parts.into_iter().map(|(_, content)| content).collect());
        assert_eq!(kept.rows::<Fact>().expect("facts"), facts);
    }
}
