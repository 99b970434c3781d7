//! Connections that have not shaken hands yet.
//!
//! Nobody knows whether anything will come of them, so they give way: when there are as many as
//! there may be, the oldest ends of the address that has most of them. Whoever is quick gets
//! through, however many others only begin, and an address can crowd out nobody but itself.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    num::NonZeroUsize,
    sync::Arc,
};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// All of them, each with what it holds.
pub(crate) struct Newcomers<T> {
    max: usize,
    here: Mutex<Here<T>>,
}

/// By address, and by number: the oldest first. An address without any has no entry.
struct Here<T> {
    all: usize,
    by: HashMap<IpAddr, BTreeMap<u64, Waiting<T>>>,
}

struct Waiting<T> {
    held: T,
    gave_way: CancellationToken,
}

/// One of them, which is none any more when this is dropped.
pub(crate) struct Newcomer<T> {
    newcomers: Arc<Newcomers<T>>,
    from: IpAddr,
    number: u64,
    gave_way: CancellationToken,
}

impl<T> Newcomers<T> {
    pub(crate) fn new(max: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self {
            max: max.get(),
            here: Mutex::new(Here {
                all: 0,
                by: HashMap::new(),
            }),
        })
    }

    /// Takes in the connection of that number, which is higher than any before; where there are as
    /// many as there may be, one gives way.
    pub(crate) fn enter(self: &Arc<Self>, from: IpAddr, number: u64, held: T) -> Newcomer<T> {
        let gave_way = CancellationToken::new();
        let waiting = Waiting {
            held,
            gave_way: gave_way.clone(),
        };
        let mut here = self.here.lock();
        let ended = (here.all >= self.max).then(|| here.end_one());
        here.all += 1;
        here.by.entry(from).or_default().insert(number, waiting);
        drop(here);
        // What it held is let go of without the lock.
        drop(ended);
        Newcomer {
            newcomers: self.clone(),
            from,
            number,
            gave_way,
        }
    }

    /// Has the oldest of the address that has most give way, and lets go of what it held. False:
    /// there is none.
    pub(crate) fn give_way(&self) -> bool {
        let ended = self.here.lock().end_one();
        ended.is_some()
    }

    /// Has the oldest of that address give way.
    pub(crate) fn give_way_of(&self, from: IpAddr) -> bool {
        let ended = self.here.lock().end_one_of(from);
        ended.is_some()
    }
}

impl<T> Here<T> {
    fn end_one(&mut self) -> Option<T> {
        let oldest = |own: &BTreeMap<u64, _>| own.first_key_value().map(|(number, _)| *number);
        let most = self
            .by
            .iter()
            .max_by_key(|(_, own)| (own.len(), Reverse(oldest(own))));
        let from = *most?.0;
        self.end_one_of(from)
    }

    fn end_one_of(&mut self, from: IpAddr) -> Option<T> {
        let number = *self.by.get(&from)?.first_key_value()?.0;
        let waiting = self.remove(from, number)?;
        waiting.gave_way.cancel();
        Some(waiting.held)
    }

    fn remove(&mut self, from: IpAddr, number: u64) -> Option<Waiting<T>> {
        let own = self.by.get_mut(&from)?;
        let waiting = own.remove(&number)?;
        if own.is_empty() {
            self.by.remove(&from);
        }
        self.all -= 1;
        Some(waiting)
    }
}

impl<T> Newcomer<T> {
    /// Ends when it has to give way.
    pub(crate) async fn gives_way(&self) {
        self.gave_way.cancelled().await;
    }

    /// It has shaken hands, and takes what it held along; nothing: it had to give way.
    pub(crate) fn stay(self) -> Option<T> {
        self.leave()
    }

    fn leave(&self) -> Option<T> {
        let waiting = self.newcomers.here.lock().remove(self.from, self.number);
        waiting.map(|it| it.held)
    }
}

impl<T> Drop for Newcomer<T> {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    fn newcomers(max: usize) -> Arc<Newcomers<&'static str>> {
        Newcomers::new(NonZeroUsize::new(max).unwrap())
    }

    #[test]
    fn the_oldest_of_who_has_most_gives_way() {
        let all = newcomers(4);
        let [many, other] = [address(1), address(2)];
        let quick = all.enter(other, 1, "quick");
        let crowd: Vec<_> = (2..=4).map(|n| all.enter(many, n, "crowd")).collect();
        let late = all.enter(other, 5, "late");
        let gave_way = |it: &Newcomer<_>| it.gave_way.is_cancelled();
        assert_eq!(
            crowd.iter().map(gave_way).collect::<Vec<_>>(),
            [true, false, false]
        );
        assert_eq!(quick.stay(), Some("quick"));
        assert_eq!(late.stay(), Some("late"));
        let mut crowd = crowd.into_iter();
        assert_eq!(
            crowd.next().unwrap().stay(),
            None,
            "it held nothing any more"
        );
        assert_eq!(crowd.next().unwrap().stay(), Some("crowd"));
    }

    #[test]
    fn of_addresses_with_as_many_the_one_that_waits_longest_gives_way() {
        let all = newcomers(2);
        let first = all.enter(address(9), 1, "first");
        let second = all.enter(address(1), 2, "second");
        let _third = all.enter(address(5), 3, "third");
        assert_eq!((first.stay(), second.stay()), (None, Some("second")));
    }

    #[test]
    fn room_is_made_until_nobody_is_left_and_who_left_is_forgotten() {
        let all = newcomers(8);
        let [one, other] = [address(1), address(2)];
        let waiting = [all.enter(one, 1, "a"), all.enter(other, 2, "b")];
        assert!(all.give_way_of(other) && !all.give_way_of(other));
        drop(waiting);
        assert!(!all.give_way());
        let here = all.here.lock();
        assert_eq!((here.all, here.by.len()), (0, 0));
    }
}
