//! What entries tell, each period by itself.

use std::collections::BTreeMap;

use gazelle_kernel::{Actor, Fen, Instant, PlatformId, parse_digest};
use serde::{Deserialize, de::DeserializeOwned};

use super::mismatch::Mismatch;
use crate::domain::{period::PeriodName, receipt::ShownReceipt, seal::Seal, statement::Statement};

/// An entry about a period.
#[derive(Debug, Clone)]
pub struct TrailEntry {
    /// Its place in the trail.
    pub number: i64,
    pub at: Instant,
    pub actor: Actor,
    /// What was done.
    pub action: String,
    /// Of which period: a [`PeriodName`].
    pub subject: String,
    /// With which figures, as JSON.
    pub content: String,
}

/// What the trail tells of all periods.
#[derive(Debug, Default)]
pub struct Told {
    pub(super) periods: BTreeMap<PeriodName, ToldPeriod>,
    /// How many records fell when periods of a platform were sealed.
    pub(super) refused_by_seals: BTreeMap<PlatformId, i64>,
}

/// What it tells of one.
#[derive(Debug, Default)]
pub(super) struct ToldPeriod {
    /// The last since the last withdrawal, with its entry.
    pub statement: Option<(i64, Statement)>,
    pub withdrawals: Vec<ToldWithdrawal>,
    pub seal: Option<ToldSeal>,
    /// The last entry about it.
    pub last_number: Option<i64>,
}

/// What it tells of a withdrawal.
#[derive(Debug)]
pub(super) struct ToldWithdrawal {
    /// The entry that tells of it.
    pub entry_number: i64,
    /// Which of the period's.
    pub number: i32,
    pub withdrawn_at: Instant,
    pub withdrawn_by: Actor,
    pub withdrawn: ShownReceipt,
    pub refused_count: i64,
    pub statement: Option<Statement>,
}

/// What it tells of a seal.
#[derive(Debug, Clone)]
pub struct ToldSeal {
    /// The entry: the lower, the earlier it was sealed.
    pub entry_number: i64,
    pub record_count: i64,
    /// Their sum; where it leaves 64 bits, the end that it left.
    pub total_fen: i64,
    pub seal: Seal,
}

#[derive(Deserialize)]
struct StatementContent {
    record_count: i64,
    total_fen: i64,
}

#[derive(Deserialize)]
struct WithdrawalContent {
    number: i32,
    record_count: i64,
    total_fen: i64,
    digest: String,
    refused_count: i64,
}

#[derive(Deserialize)]
struct RefusalContent {
    refused_count: i64,
}

#[derive(Deserialize)]
struct SealContent {
    record_count: i64,
    total_fen: i64,
    digest: String,
}

impl Told {
    /// Actions that tell of periods.
    pub const ACTIONS: [&'static str; 4] = [
        "statement.submit",
        "period.withdraw",
        "period.refuse_records",
        "period.seal",
    ];

    /// Takes in the next entry.
    pub fn entry(&mut self, entry: TrailEntry) -> Result<(), Mismatch> {
        let number = entry.number;
        let action = entry.action.clone();
        let taken = self.take(entry);
        taken.ok_or_else(|| Mismatch::new(number, format!("no {action} is written like this")))
    }

    /// `None` where the service writes no such entry.
    fn take(&mut self, entry: TrailEntry) -> Option<()> {
        let name = PeriodName::parse(&entry.subject)?;
        let platform_id = name.platform_id.clone();
        let refused = self.refused_by_seals.entry(platform_id).or_default();
        let told = self.periods.entry(name).or_default();
        told.last_number = Some(entry.number);
        match entry.action.as_str() {
            "statement.submit" => told.statement = Some(statement(entry)?),
            "period.withdraw" => told.withdraw(entry)?,
            "period.refuse_records" => {
                let content: RefusalContent = content(&entry)?;
                *refused = refused.checked_add(content.refused_count)?;
            }
            "period.seal" => told.seal = Some(seal(entry)?),
            _ => return None,
        }
        Some(())
    }

    /// What is told of the seal of a period.
    #[must_use]
    pub fn seal(&self, name: &PeriodName) -> Option<&ToldSeal> {
        self.periods.get(name)?.seal.as_ref()
    }

    /// How many periods are sealed of each platform that has any.
    #[must_use]
    pub fn sealed_counts(&self) -> BTreeMap<&PlatformId, i32> {
        let mut counts = BTreeMap::new();
        for (name, told) in &self.periods {
            if told.seal.is_some() {
                *counts.entry(&name.platform_id).or_default() += 1;
            }
        }
        counts
    }

    /// Whether a period was still open when another one was sealed by that entry.
    #[must_use]
    pub fn was_open_at(&self, name: &PeriodName, entry_number: i64) -> bool {
        let seal = self.seal(name);
        seal.is_none_or(|seal| seal.entry_number > entry_number)
    }
}

impl ToldPeriod {
    fn withdraw(&mut self, entry: TrailEntry) -> Option<()> {
        let content: WithdrawalContent = content(&entry)?;
        self.withdrawals.push(ToldWithdrawal {
            entry_number: entry.number,
            number: content.number,
            withdrawn_at: entry.at,
            withdrawn_by: entry.actor,
            withdrawn: ShownReceipt {
                record_count: content.record_count,
                total_fen: content.total_fen,
                digest: parse_digest(&content.digest).ok()?,
            },
            refused_count: content.refused_count,
            statement: self.statement.take().map(|(_, statement)| statement),
        });
        Some(())
    }
}

fn statement(entry: TrailEntry) -> Option<(i64, Statement)> {
    let content: StatementContent = content(&entry)?;
    let statement = Statement {
        record_count: content.record_count,
        total: Fen::new(content.total_fen),
        stated_at: entry.at,
        stated_by: entry.actor,
    };
    Some((entry.number, statement))
}

fn seal(entry: TrailEntry) -> Option<ToldSeal> {
    let content: SealContent = content(&entry)?;
    Some(ToldSeal {
        entry_number: entry.number,
        record_count: content.record_count,
        total_fen: content.total_fen,
        seal: Seal {
            sealed_at: entry.at,
            sealed_by: entry.actor,
            digest: parse_digest(&content.digest).ok()?,
        },
    })
}

fn content<T: DeserializeOwned>(entry: &TrailEntry) -> Option<T> {
    serde_json::from_str(&entry.content).ok()
}
