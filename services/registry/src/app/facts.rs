//! All facts as of one revision, in parts.
//!
//! A task reads a page, waits until there is room for it, and reads the next, all in one
//! snapshot: memory is bounded, and whoever stops reading ends it.

use std::{sync::Arc, time::Duration};

use gazelle_runtime::detach::detached;
use sqlx::{Postgres, Transaction};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::SendTimeoutError};
use tracing::Instrument;

use super::{AppError, Registry, in_turn, read};
use crate::{
    domain::{binding::MerchantBinding, enterprise::EnterpriseRecord, revision::Revision},
    store,
};

/// Most enterprises or bindings of a part.
const PART_MAX: i64 = 1_000;

/// Parts that may wait to be read.
const WAITING_MAX: usize = 1;

/// How long a part may wait: until then the snapshot and its connection are held.
const STALL_MAX: Duration = Duration::from_mins(1);

/// Begins a snapshot that PostgreSQL does not end, as it does others, while a part waits.
const BEGIN: &str = "begin isolation level repeatable read read only; \
                     set local idle_in_transaction_session_timeout = '90s'";

/// The facts as of one revision.
#[derive(Debug)]
pub struct Facts {
    /// Of which revision.
    pub revision: Revision,
    /// Enterprises by code, then bindings by platform, account and first day. A stream that
    /// fails ends with an error.
    pub parts: Receiver<Result<FactsPart, AppError>>,
}

/// A part of the facts.
#[derive(Debug)]
pub enum FactsPart {
    /// The next enterprises.
    Enterprises(Vec<EnterpriseRecord>),
    /// The next bindings.
    Bindings(Vec<MerchantBinding>),
}

impl Registry {
    /// Begins to read the facts as of a revision, the present one when none is given.
    pub async fn read_facts(&self, asked: Option<Revision>) -> Result<Facts, AppError> {
        let turn = in_turn(Arc::clone(&self.facts_turns).acquire_owned())
            .await?
            .expect("the semaphore is never closed");
        let mut tx = self
            .pool
            .begin_with(BEGIN)
            .await
            .map_err(AppError::Transaction)?;
        let present = store::revision::get(&mut tx).await?;
        let revision = asked.unwrap_or(present);
        if revision > present {
            return Err(AppError::RevisionAhead {
                asked: revision,
                present,
            });
        }

        let (sender, parts) = channel(WAITING_MAX);
        let reading = {
            let sender = sender.clone();
            async move {
                let result = send_facts(tx, revision, &sender).await;
                drop(turn);
                result
            }
        };
        let reported = async move {
            // Also a panic must end the stream with an error: a short one would pass for whole.
            if let Err(error) = detached(reading).await {
                // Whoever went away needs no reason.
                let _ = sender.send(Err(error)).await;
            }
        };
        tokio::spawn(reported.in_current_span());
        Ok(Facts { revision, parts })
    }
}

type Parts = Sender<Result<FactsPart, AppError>>;

async fn send_facts(
    mut tx: Transaction<'static, Postgres>,
    at: Revision,
    parts: &Parts,
) -> Result<(), AppError> {
    let mut after = None;
    loop {
        let page = store::enterprise::page(&mut tx, at, after, PART_MAX).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.uscc);
        let records = read::records(&mut tx, at, page).await?;
        if !send(parts, FactsPart::Enterprises(records)).await? {
            return Ok(());
        }
    }
    let mut after = None;
    loop {
        let page = store::binding::page(&mut tx, at, None, None, after.as_ref(), PART_MAX).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        if !send(parts, FactsPart::Bindings(page)).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether there is still somebody who reads.
async fn send(parts: &Parts, part: FactsPart) -> Result<bool, AppError> {
    match parts.send_timeout(Ok(part), STALL_MAX).await {
        Ok(()) => Ok(true),
        Err(SendTimeoutError::Closed(_)) => Ok(false),
        Err(SendTimeoutError::Timeout(_)) => Err(AppError::FactsStalled),
    }
}
