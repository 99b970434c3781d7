//! What runs were decided from, kept once by content.

use gazelle_kernel::{Period, PlatformId};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, digest, read};
use crate::seal::Seal;

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program of the run, then those that it yields to.
    Programs,
    /// Their enrollments.
    Enrollments,
    /// The registry's facts.
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
    /// Cuts lines into parts.
    pub fn of_lines(lines: impl IntoIterator<Item = String>) -> Self {
        let mut parts = Vec::new();
        let mut lines = lines.into_iter().peekable();
        while lines.peek().is_some() {
            let mut part = Vec::new();
            for line in lines.by_ref().take(LINES_A_PART) {
                part.extend_from_slice(line.as_bytes());
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
        sqlx::query!(
            "insert into input (digest, content) values ($1, $2) on conflict (digest) do nothing",
            digest.as_slice(),
            content
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!(
        "insert into run_input (run_id, kind, part, digest)
         select $1, $2, (part - 1)::integer, digest
         from unnest($3::bytea[]) with ordinality as parts (digest, part)",
        run_id,
        kind.as_str(),
        &digests
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Reads what a run was decided from, a line each.
pub async fn lines(
    tx: &mut PgConnection,
    run_id: Uuid,
    kind: Kind,
) -> Result<Vec<String>, StoreError> {
    let parts = sqlx::query!(
        "select digest, content from run_input join input using (digest)
         where run_id = $1 and kind = $2
         order by part",
        run_id,
        kind.as_str()
    )
    .fetch_all(tx)
    .await?;
    let mut lines = Vec::new();
    for part in parts {
        let actual: [u8; 32] = Sha256::digest(&part.content).into();
        if part.digest != actual {
            return Err(StoreError::corrupt(
                "input.content",
                "what has another digest",
            ));
        }
        let text = std::str::from_utf8(&part.content)
            .map_err(|error| StoreError::corrupt("input.content", &error))?;
        lines.extend(text.lines().map(str::to_owned));
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
    sqlx::query!(
        "insert into run_seal (run_id, platform_id, period, digest)
         select $1, * from unnest($2::text[], $3::text[], $4::bytea[])",
        run_id,
        &platforms,
        &periods,
        &digests
    )
    .execute(tx)
    .await?;
    Ok(())
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
                platform_id: read("run_seal.platform_id", PlatformId::parse(&row.platform_id))?,
                period: read("run_seal.period", Period::parse(&row.period))?,
                digest: digest("run_seal.digest", row.digest)?,
            })
        })
        .collect()
}
