//! In which order, and how fast, the greetings of clients are answered.
//!
//! An answer takes a signature and an agreement on keys: of all that somebody unknown can ask for,
//! that costs the most. So greetings are answered one after the other, by turns of the addresses
//! that they come from; and those that wait for each other get only a part of the time of a
//! processor. Of one address the newest goes first: where more come than can be answered, most
//! will wait in vain, and who waited long has often given up.

use std::{
    collections::{HashMap, hash_map::Entry},
    iter,
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex as Lock;
use rustix::time::{ClockId, clock_gettime};
use tokio::{
    sync::{Mutex, oneshot},
    time::{Instant, sleep_until},
};

/// Of the time of one processor greetings that wait for each other get one part in so many. Of a
/// tenth of a millisecond each that leaves some 2,500 a second.
const PARTS: u32 = 4;

/// Who was let wait for longer than need be, as timers count whole milliseconds and other threads
/// go first, leaves that much to those behind.
const LATE_MAX: Duration = Duration::from_millis(5);

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Greetings {
    waiting: Arc<GreetingQueues>,
    /// When the next may be answered.
    next: Mutex<Option<Instant>>,
}

/// By address those that wait behind the one whose turn it is, the newest last. An address of which
/// it is nobody's turn has no entry.
#[derive(Debug, Default)]
struct GreetingQueues(Lock<HashMap<IpAddr, Vec<oneshot::Sender<GreetingTurn>>>>);

/// Of all of an address, it is the turn of who holds this; then of the newest that waits.
#[derive(Debug)]
struct GreetingTurn {
    waiting: Arc<GreetingQueues>,
    from: IpAddr,
}

impl Greetings {
    /// Answers a greeting from that address when it is its turn. Waiting may be cancelled.
    pub(super) async fn answer<T>(&self, from: IpAddr, answer: impl FnOnce() -> T) -> T {
        let _turn = self.turn(from).await;
        let mut next = self.next.lock().await;
        if let Some(next) = *next {
            sleep_until(next).await;
        }
        let now = Instant::now();
        let before = of_processor();
        let answered = answer();
        let due = next.map_or(now, |next| next.max(now - LATE_MAX));
        *next = Some(due + of_processor().saturating_sub(before) * PARTS);
        answered
    }

    async fn turn(&self, from: IpAddr) -> GreetingTurn {
        let handed_on = match self.queue(from) {
            // No turn ends but by being handed on.
            Some(comes) => comes.await.ok(),
            None => None,
        };
        handed_on.unwrap_or_else(|| GreetingTurn {
            waiting: self.waiting.clone(),
            from,
        })
    }

    /// Waits behind the one whose turn it is; nothing to wait for where there is none.
    fn queue(&self, from: IpAddr) -> Option<oneshot::Receiver<GreetingTurn>> {
        match self.waiting.0.lock().entry(from) {
            Entry::Vacant(first) => {
                first.insert(Vec::new());
                None
            }
            Entry::Occupied(mut others) => {
                let others = others.get_mut();
                if others.len() == others.capacity() {
                    others.retain(|other| !other.is_closed());
                }
                let (turn, comes) = oneshot::channel();
                others.push(turn);
                Some(comes)
            }
        }
    }
}

/// What this thread has had of a processor. While it is kept from one, time passes by which nobody
/// should lose a turn.
fn of_processor() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime)
        .try_into()
        .unwrap_or_default()
}

impl Drop for GreetingTurn {
    fn drop(&mut self) {
        let mut waiting = self.waiting.0.lock();
        let mut others = waiting.get_mut(&self.from);
        let mut newest = iter::from_fn(|| others.as_mut()?.pop());
        let Some(newest) = newest.find(|other| !other.is_closed()) else {
            waiting.remove(&self.from);
            return;
        };
        drop(waiting);
        // Of who gives up just now it comes back, and is handed on by being dropped.
        let _ = newest.send(Self {
            waiting: self.waiting.clone(),
            from: self.from,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use tokio::task::{JoinSet, yield_now};

    use super::*;

    #[tokio::test]
    async fn addresses_take_turns_the_newest_of_each_first_and_who_gives_up_is_forgotten() {
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
        assert_eq!(*answered.lock(), ["a", "other", "c", "b"]);
        assert!(greetings.waiting.0.lock().is_empty());
    }

    #[tokio::test]
    async fn of_many_who_give_up_while_it_is_nobody_s_turn_little_is_kept() {
        let greetings = Greetings::default();
        let from = IpAddr::from([127, 0, 0, 1]);
        let turn = greetings.turn(from).await;
        for _ in 0..100_000 {
            assert!(greetings.queue(from).is_some());
        }
        assert!(greetings.waiting.0.lock()[&from].len() < 10);
        let last = greetings.queue(from);
        drop(turn);
        drop(last);
        assert!(greetings.waiting.0.lock().is_empty());
    }

    #[tokio::test]
    async fn who_comes_right_after_another_waits_for_more_than_the_answer() {
        let greetings = Greetings::default();
        let from = IpAddr::from([127, 0, 0, 1]);
        let slow = Duration::from_millis(5);
        let work = || {
            let before = of_processor();
            while of_processor() < before + slow {}
        };
        let began = Instant::now();
        greetings.answer(from, work).await;
        let next = *greetings.next.lock().await;
        assert!(next.unwrap() >= began + PARTS * slow);
        // Who comes late has so much less to wait.
        thread::sleep(PARTS * slow + 2 * LATE_MAX);
        let late = Instant::now();
        greetings.answer(from, || {}).await;
        let next = *greetings.next.lock().await;
        assert!(next.unwrap() < late);
        // Nor does it count how long it was kept from the processor.
        greetings.answer(from, || thread::sleep(20 * slow)).await;
        let next = *greetings.next.lock().await;
        assert!(next.unwrap() < Instant::now());
    }
}
