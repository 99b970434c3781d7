//! Writes down what waits for nobody: refused attempts, and the counts of what was left out.

use std::sync::Arc;

use gazelle_client::code;
use gazelle_kernel::{Actor, Instant as Moment};
use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};

use super::{
    rates::{PERIOD, Rates, RefusedAttempt},
    reading::Readings,
    tables::Tables,
};
use crate::{
    clock::Clock,
    database::retry_serialization,
    failure::told,
    store::{
        StoreError,
        event::{self, Entry},
    },
};

/// Refused attempts that may wait to be written.
const WAITING_MAX: usize = 1_024;

/// Entries of a transaction: others wait for the end of the chain meanwhile.
const ENTRIES_MAX: usize = 100;

/// What the writer is told.
#[derive(Debug)]
pub(super) enum Word {
    Refused(RefusedAttempt),
    /// Write everything, and say so.
    Finish(oneshot::Sender<()>),
}

/// An entry to be written.
struct Pending {
    at: Moment,
    actor: Actor,
    action: &'static str,
    subject: String,
    content: String,
}

struct Writer {
    tables: Tables,
    clock: Clock,
    rates: Arc<Rates>,
    readings: Arc<Readings>,
}

/// Starts the writer. It ends once nobody can tell it anything any more.
pub(super) fn start(
    tables: Tables,
    clock: Clock,
    rates: Arc<Rates>,
    readings: Arc<Readings>,
) -> mpsc::Sender<Word> {
    let (words, waiting) = mpsc::channel(WAITING_MAX);
    let writer = Writer {
        tables,
        clock,
        rates,
        readings,
    };
    tokio::spawn(writer.run(waiting));
    words
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Word>) {
        let mut sweeps = tokio::time::interval(PERIOD);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut words = Vec::new();
        loop {
            let mut finished = Vec::new();
            let mut entries = Vec::new();
            tokio::select! {
                count = waiting.recv_many(&mut words, ENTRIES_MAX) => {
                    if count == 0 {
                        return;
                    }
                    for word in words.drain(..) {
                        match word {
                            Word::Refused(refused) => entries.push(Pending::from(refused)),
                            Word::Finish(done) => finished.push(done),
                        }
                    }
                }
                _ = sweeps.tick() => {}
            }
            entries.extend(self.counts(!finished.is_empty()));
            for some in entries.chunks(ENTRIES_MAX) {
                let written = retry_serialization(|| write(&self.tables, some)).await;
                if let Err(error) = written {
                    let (count, cause) = (some.len(), told(&error));
                    tracing::error!(count, cause, "entries of the trail are lost");
                }
            }
            for done in finished {
                // Nobody waits any more where this fails.
                let _ = done.send(());
            }
        }
    }

    /// The counts that are over; all of them at the end.
    fn counts(&self, all: bool) -> Vec<Pending> {
        let at = self.clock.now();
        let refused = self
            .rates
            .sweep(all)
            .into_iter()
            .map(|(actor, left_out)| Pending {
                at,
                actor,
                action: "refuse",
                subject: "*".to_owned(),
                content: json!({ "left_out": left_out }).to_string(),
            });
        let read = self.readings.sweep(all).into_iter();
        let read = read.map(|(actor, subject, content)| Pending {
            at,
            actor,
            action: "read",
            subject,
            content,
        });
        refused.chain(read).collect()
    }
}

impl From<RefusedAttempt> for Pending {
    fn from(refused: RefusedAttempt) -> Self {
        let mut content = json!({
            "code": code::name(refused.code),
            "reason": refused.reason,
        });
        if refused.left_out > 0 {
            content["left_out"] = json!(refused.left_out);
        }
        Self {
            at: refused.at,
            actor: refused.actor,
            action: "refuse",
            subject: refused.method.to_owned(),
            content: content.to_string(),
        }
    }
}

async fn write(tables: &Tables, entries: &[Pending]) -> Result<(), StoreError> {
    let mut tx = tables.append().await?;
    for pending in entries {
        let entry = Entry {
            at: pending.at,
            actor: pending.actor.as_str(),
            action: pending.action,
            subject: &pending.subject,
            content: pending.content.as_bytes(),
        };
        event::append(&mut tx, &entry).await?;
    }
    Ok(tx.commit().await?)
}
