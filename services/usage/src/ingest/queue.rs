//! Gathers batches into groups, and numbers the groups.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, mpsc, oneshot, watch},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{answer::IngestError, batch::Batch, group::Group};
use crate::{domain::acknowledgement::Acknowledgement, metrics};

/// A batch in the queue.
#[derive(Debug)]
pub struct Queued {
    pub batch: Batch,
    pub answer: oneshot::Sender<Result<Acknowledgement, IngestError>>,
    pub slot: QueueSlot,
}

/// What a batch takes of the queue; until dropped its records wait to be written.
#[derive(Debug)]
pub struct QueueSlot {
    _room: OwnedSemaphorePermit,
    pub records: u32,
    pub since: Instant,
}

impl QueueSlot {
    pub fn new(room: OwnedSemaphorePermit, records: u32) -> Self {
        metrics::queued(records.into());
        Self {
            _room: room,
            records,
            since: Instant::now(),
        }
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        metrics::queued(-i64::from(self.records));
    }
}

/// Where writers take their groups from.
#[derive(Debug)]
pub struct Queue {
    gathering: Mutex<Gathering>,
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

impl Queue {
    pub fn new(
        receiver: mpsc::Receiver<Queued>,
        group_records: usize,
        closing: CancellationToken,
    ) -> Self {
        Self {
            gathering: Mutex::new(Gathering {
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
        let mut queue = self.gathering.lock().await;
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
        self.open.send_modify(|open| {
            open.insert(self.number, Some(group));
        });
    }

    /// The groups before this one that are not finished; none in place of one that was not shown.
    pub fn earlier(&self) -> Vec<Option<Arc<Group>>> {
        let open = self.open.borrow();
        open.range(..self.number)
            .map(|(_, group)| group.clone())
            .collect()
    }

    /// Waits until every group before this one is shown or finished; false if that takes too long.
    pub async fn wait_for_earlier_shown(&self, wait: Duration) -> bool {
        self.wait_while_earlier(wait, Option::is_none).await
    }

    /// Waits until every group before this one is finished; false if that takes too long.
    ///
    /// Nothing may be locked in the database meanwhile: a group before may be waiting for it.
    pub async fn wait_for_earlier_finished(&self, wait: Duration) -> bool {
        self.wait_while_earlier(wait, |_| true).await
    }

    async fn wait_while_earlier(
        &self,
        wait: Duration,
        is_awaited: impl Fn(&Option<Arc<Group>>) -> bool,
    ) -> bool {
        let mut open = self.open.subscribe();
        let earlier_done = open.wait_for(|open| {
            !open
                .range(..self.number)
                .any(|(_, group)| is_awaited(group))
        });
        matches!(timeout(wait, earlier_done).await, Ok(Ok(_)))
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
mod tests {
    use super::{
        super::samples::{group, queue, queued},
        *,
    };

    #[tokio::test(start_paused = true)]
    async fn a_group_takes_what_waits_up_to_its_bound() {
        let (sender, queue, _) = queue(10);
        for records in [4, 4, 4, 4] {
            sender.send(queued(records)).await.unwrap();
        }
        assert_eq!(queue.next_group().await.unwrap().0.len(), 3);
        assert_eq!(queue.next_group().await.unwrap().0.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_waits_for_nothing_more() {
        let (sender, queue, _) = queue(10);
        for _ in 0..2 {
            sender.send(queued(1)).await.unwrap();
            let started = Instant::now();
            let (group, _ticket) = queue.next_group().await.unwrap();
            assert_eq!((group.len(), started.elapsed()), (1, Duration::ZERO));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn closing_takes_what_is_queued_and_then_nothing() {
        let (sender, queue, closing) = queue(10);
        sender.send(queued(10)).await.unwrap();
        sender.send(queued(10)).await.unwrap();
        closing.cancel();
        assert!(queue.next_group().await.is_some());
        assert!(queue.next_group().await.is_some());
        assert!(queue.next_group().await.is_none());
        assert!(sender.send(queued(1)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_waits_for_those_before_it_only() {
        let (sender, queue, _) = queue(10);
        for _ in 0..3 {
            sender.send(queued(10)).await.unwrap();
        }
        let wait = Duration::from_secs(1);
        let (_, first) = queue.next_group().await.unwrap();
        let (_, second) = queue.next_group().await.unwrap();
        let (_, third) = queue.next_group().await.unwrap();
        assert!(first.wait_for_earlier_finished(wait).await);
        assert!(!second.wait_for_earlier_finished(wait).await);
        assert_eq!(third.earlier().len(), 2);
        drop(first);
        assert_eq!(third.earlier().len(), 1);
        assert!(second.wait_for_earlier_finished(wait).await);
        assert!(!third.wait_for_earlier_finished(wait).await);
        drop(second);
        assert!(third.wait_for_earlier_finished(wait).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_waits_for_those_before_it_to_be_shown_or_gone() {
        let (sender, queue, _) = queue(10);
        for _ in 0..3 {
            sender.send(queued(10)).await.unwrap();
        }
        let wait = Duration::from_secs(1);
        let (_, first) = queue.next_group().await.unwrap();
        let (_, second) = queue.next_group().await.unwrap();
        let (_, third) = queue.next_group().await.unwrap();
        assert!(first.wait_for_earlier_shown(wait).await);
        first.show(Arc::new(group(&[])));
        assert!(second.wait_for_earlier_shown(wait).await);
        assert!(!third.wait_for_earlier_shown(wait).await);
        drop(second);
        assert!(third.wait_for_earlier_shown(wait).await);
    }
}
