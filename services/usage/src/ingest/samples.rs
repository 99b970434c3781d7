//! Groups and queues for the tests of this module.

use std::{collections::HashMap, sync::Arc};

use gazelle_kernel::{FeeKind, Instant, Period, PlatformId};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{
    batch::Batch,
    group::{Group, Numbers},
    queue::{Queue, QueueSlot, Queued},
};
use crate::domain::{key::PlatformNumber, sent::Sent};

fn batch(platform: &str, period: &str) -> Batch {
    let platform = PlatformId::parse(platform).unwrap();
    let period = Period::parse(period).unwrap();
    let mut batch = Batch::new(platform, period, Instant::UNIX_EPOCH);
    batch.begin_message(0, 0);
    batch
}

/// A record of a platform and period each: an id, and what it reverses.
pub fn group(records: &[(&str, &str, &str, &str)]) -> Group {
    let batch = |(name, period, id, reverses): &(&str, &str, &str, &str)| {
        let mut batch = batch(name, period);
        batch.push(Sent {
            record_id: id,
            merchant_id: "shop-7",
            fee_kind: "COMMISSION",
            occurred_on: "2017-01-01",
            amount_fen: if reverses.is_empty() { 100 } else { -1 },
            reverses_record_id: reverses,
        });
        batch
    };
    let batches = records.iter().map(batch).collect();
    Group::new(batches, &numbers(), |_, _| false, |_, _| false)
}

fn numbers() -> Numbers {
    let platform = |name: &str| PlatformId::parse(name).unwrap();
    Numbers {
        platforms: HashMap::from([
            (platform("alpha"), PlatformNumber(1)),
            (platform("beta"), PlatformNumber(2)),
        ]),
        fee_kinds: HashMap::from([(FeeKind::COMMISSION, 1)]),
    }
}

/// A batch of so many records, in the queue.
pub fn queued(records: usize) -> Queued {
    let mut batch = batch("alpha-mall", "2017-03");
    (0..records).for_each(|_| batch.push(Sent::default()));
    let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    Queued {
        slot: QueueSlot::new(room, batch.len()),
        batch,
        answer: oneshot::channel().0,
    }
}

/// A queue whose groups have so many records; where to send to it, and what closes it.
pub fn queue(group_records: usize) -> (mpsc::Sender<Queued>, Arc<Queue>, CancellationToken) {
    let (sender, receiver) = mpsc::channel(100);
    let closing = CancellationToken::new();
    let queue = Queue::new(receiver, group_records, closing.clone());
    (sender, Arc::new(queue), closing)
}
