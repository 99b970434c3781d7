//! Gathers batches into groups, and numbers the groups.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Queued, group::Group};

/// Where writers take their groups from.
#[derive(Debug)]
pub struct Intake {
    queue: Mutex<Gathering>,
    open_tickets: Arc<watch::Sender<Open>>,
    group_records: usize,
    closing: CancellationToken,
}

/// The groups that are not finished, by number; each once it is laid out.
type Open = BTreeMap<u64, Option<Arc<Group>>>;

#[derive(Debug)]
struct Gathering {
    receiver: mpsc::Receiver<Queued>,
    next_ticket: u64,
}

impl Intake {
    pub fn new(
        receiver: mpsc::Receiver<Queued>,
        group_records: usize,
        closing: CancellationToken,
    ) -> Self {
        Self {
            queue: Mutex::new(Gathering {
                receiver,
                next_ticket: 0,
            }),
            open_tickets: Arc::new(watch::Sender::new(Open::new())),
            group_records,
            closing,
        }
    }

    /// What waits, in the order in which it came; none when all was taken and no more will come.
    ///
    /// One writer gathers at a time, so groups have their tickets in the order of their batches.
    pub async fn next_group(&self) -> Option<(Vec<Queued>, Ticket)> {
        let mut queue = self.queue.lock().await;
        let first = tokio::select! {
            biased;
            first = queue.receiver.recv() => first?,
            () = self.closing.cancelled() => {
                queue.receiver.close();
                queue.receiver.recv().await?
            }
        };
        let mut records = first.batch.len() as usize;
        let mut group = vec![first];
        while records < self.group_records {
            // Nothing is waited for: under load more has come by the time that a writer is free.
            let Ok(next) = queue.receiver.try_recv() else {
                break;
            };
            records += next.batch.len() as usize;
            group.push(next);
        }
        let number = queue.next_ticket;
        queue.next_ticket += 1;
        self.open_tickets.send_modify(|open| {
            open.insert(number, None);
        });
        Some((
            group,
            Ticket {
                number,
                open: self.open_tickets.clone(),
            },
        ))
    }
}

/// A group's place among the groups. It is given back when the group is finished, however it ends.
#[derive(Debug)]
pub struct Ticket {
    number: u64,
    open: Arc<watch::Sender<Open>>,
}

impl Ticket {
    /// Shows the group to those after it, until it is finished.
    pub fn show(&self, group: Arc<Group>) {
        self.open.send_if_modified(|open| {
            open.insert(self.number, Some(group));
            // Nobody waits for it.
            false
        });
    }

    /// The groups before this one that are not finished; none in place of one that was not shown.
    pub fn earlier(&self) -> Vec<Option<Arc<Group>>> {
        let open = self.open.borrow();
        open.range(..self.number)
            .map(|(_, group)| group.clone())
            .collect()
    }

    /// Waits until every group before this one is finished; false if that takes too long.
    ///
    /// Nothing may be locked in the database meanwhile: a group before may be waiting for it.
    pub async fn wait_for_earlier(&self, wait: Duration) -> bool {
        let mut open = self.open.subscribe();
        let first = open.wait_for(|open| open.range(..self.number).next().is_none());
        matches!(timeout(wait, first).await, Ok(Ok(_)))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.open.send_modify(|open| {
            open.remove(&self.number);
        });
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use gazelle_kernel::{Period, PlatformId};
    use tokio::sync::{Semaphore, oneshot};

    use super::{
        super::{Batch, QueuePlace},
        *,
    };
    use crate::domain::Sent;

    pub fn queued(records: usize) -> Queued {
        let mut batch = Batch::new(
            PlatformId::parse("alpha-mall").unwrap(),
            Period::parse("2017-03").unwrap(),
            time::OffsetDateTime::UNIX_EPOCH,
        );
        (0..records).for_each(|_| batch.push(Sent::default()));
        let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        Queued {
            place: QueuePlace::new(room, batch.len()),
            batch,
            answer: oneshot::channel().0,
        }
    }

    pub fn intake() -> (mpsc::Sender<Queued>, Arc<Intake>) {
        let (sender, receiver) = mpsc::channel(100);
        let closing = CancellationToken::new();
        (sender, Arc::new(Intake::new(receiver, 10, closing)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_takes_what_waits_up_to_its_bound() {
        let (sender, intake) = intake();
        for records in [4, 4, 4, 4] {
            sender.send(queued(records)).await.unwrap();
        }
        assert_eq!(intake.next_group().await.unwrap().0.len(), 3);
        assert_eq!(intake.next_group().await.unwrap().0.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_waits_for_nothing_more() {
        let (sender, intake) = intake();
        for _ in 0..2 {
            sender.send(queued(1)).await.unwrap();
            let started = tokio::time::Instant::now();
            let (group, _ticket) = intake.next_group().await.unwrap();
            assert_eq!((group.len(), started.elapsed()), (1, Duration::ZERO));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn closing_takes_what_is_queued_and_then_nothing() {
        let (sender, intake) = intake();
        sender.send(queued(10)).await.unwrap();
        sender.send(queued(10)).await.unwrap();
        intake.closing.cancel();
        assert!(intake.next_group().await.is_some());
        assert!(intake.next_group().await.is_some());
        assert!(intake.next_group().await.is_none());
        assert!(sender.send(queued(1)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_waits_for_those_before_it_only() {
        let (sender, intake) = intake();
        for _ in 0..3 {
            sender.send(queued(10)).await.unwrap();
        }
        let wait = Duration::from_secs(1);
        let (_, first) = intake.next_group().await.unwrap();
        let (_, second) = intake.next_group().await.unwrap();
        let (_, third) = intake.next_group().await.unwrap();
        assert!(first.wait_for_earlier(wait).await);
        assert!(!second.wait_for_earlier(wait).await);
        assert_eq!(third.earlier().len(), 2);
        drop(first);
        assert_eq!(third.earlier().len(), 1);
        assert!(second.wait_for_earlier(wait).await);
        assert!(!third.wait_for_earlier(wait).await);
        drop(second);
        assert!(third.wait_for_earlier(wait).await);
    }
}
