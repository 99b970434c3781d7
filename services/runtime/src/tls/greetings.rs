//! In which order, and how fast, the greetings of clients are answered.
//!
//! An answer takes a signature and an agreement on keys: of all that somebody unknown can ask for,
//! that costs the most. So greetings are answered one after the other, by turns of the addresses
//! that they come from; and those that wait for each other get only a part of the time, so that
//! the calls of those who are connected need not wait for a processor.

use std::{collections::HashMap, mem, net::IpAddr, sync::Arc, time::Duration};

use parking_lot::Mutex as Lock;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// Of the time of one processor greetings that wait for each other get one part in so many. Of
/// half a millisecond each that leaves some 500 a second.
const PARTS: u32 = 4;

/// What an answer counts for at most. One that took longer was kept from the processor, by which
/// nobody else should lose a turn.
const ANSWER_MAX: Duration = Duration::from_millis(10);

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Greetings {
    /// Those of an address wait here; only the first of them waits for `next`, too.
    addresses: Lock<HashMap<IpAddr, Arc<Mutex<()>>>>,
    /// When the next may be answered.
    next: Mutex<Option<Instant>>,
}

/// A place in the queue of an address. An address without any is forgotten.
struct Queued<'a> {
    greetings: &'a Greetings,
    from: IpAddr,
    queue: Arc<Mutex<()>>,
}

impl Greetings {
    /// Answers a greeting from that address when it is its turn. Waiting may be cancelled.
    pub(super) async fn answer<T>(&self, from: IpAddr, answer: impl FnOnce() -> T) -> T {
        let queued = self.queue(from);
        let _first = queued.queue.lock().await;
        let mut next = self.next.lock().await;
        if let Some(next) = *next {
            sleep_until(next).await;
        }
        let began = Instant::now();
        let answered = answer();
        *next = Some(began + began.elapsed().min(ANSWER_MAX) * PARTS);
        answered
    }

    fn queue(&self, from: IpAddr) -> Queued<'_> {
        Queued {
            greetings: self,
            from,
            queue: self.addresses.lock().entry(from).or_default().clone(),
        }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let mut addresses = self.greetings.addresses.lock();
        // Let go of before the next of the same address looks: the map's own, and this one.
        let queue = mem::take(&mut self.queue);
        if Arc::strong_count(&queue) == 2 {
            addresses.remove(&self.from);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use tokio::task::{JoinSet, yield_now};

    use super::*;

    #[tokio::test]
    async fn addresses_take_turns_and_who_gives_up_is_forgotten() {
        let greetings = Arc::new(Greetings::default());
        let answered = Arc::<Lock<Vec<&str>>>::default();
        let busy = greetings.next.lock().await;
        let mut all = JoinSet::new();
        let mut gives_up = None;
        for (from, name) in [(1, "a"), (1, "gives up"), (1, "b"), (1, "c"), (2, "other")] {
            let (greetings, answered) = (greetings.clone(), answered.clone());
            let greeted = all.spawn(async move {
                let from = IpAddr::from([127, 0, 0, from]);
                greetings.answer(from, || answered.lock().push(name)).await;
            });
            if name == "gives up" {
                gives_up = Some(greeted);
            }
            yield_now().await;
        }
        gives_up.unwrap().abort();
        yield_now().await;
        drop(busy);
        while all.join_next().await.is_some() {}
        assert_eq!(*answered.lock(), ["a", "other", "b", "c"]);
        assert!(greetings.addresses.lock().is_empty());
    }

    #[tokio::test]
    async fn who_comes_right_after_another_waits_for_more_than_the_answer() {
        let greetings = Greetings::default();
        let from = IpAddr::from([127, 0, 0, 1]);
        let slow = Duration::from_millis(5);
        let began = Instant::now();
        greetings.answer(from, || thread::sleep(slow)).await;
        let next = *greetings.next.lock().await;
        assert!(next.unwrap() >= began + PARTS * slow);
        let very_slow = 2 * ANSWER_MAX;
        greetings.answer(from, || thread::sleep(very_slow)).await;
        let next = *greetings.next.lock().await;
        assert!(next.unwrap() < Instant::now() + PARTS * ANSWER_MAX);
    }
}
