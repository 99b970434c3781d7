//! Connections of those of whom no call was let in yet.
//!
//! Nobody knows whether anything will come of them, so they give way: where there are as many as
//! there may be, or something runs short, one is ended. That is the oldest of the address that has
//! more than a fair share of them, if there is one, and else the oldest of all. So whoever is quick
//! gets through, however many others only begin.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    num::NonZeroUsize,
    sync::Arc,
};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Of as many as there may be, an address has its fair share up to one part in so many.
const SHARES: usize = 8;

/// All of a port.
#[derive(Debug)]
pub(crate) struct Newcomers {
    max: usize,
    here: Mutex<Here>,
}

/// By number, and the numbers by address: the oldest first. An address without any has no entry.
#[derive(Debug, Default)]
struct Here {
    next: u64,
    all: BTreeMap<u64, NewConnection>,
    by: HashMap<IpAddr, BTreeSet<u64>>,
}

#[derive(Debug)]
struct NewConnection {
    from: IpAddr,
    end: CancellationToken,
}

/// One of them, which is none any more when this is dropped.
#[derive(Debug)]
pub(crate) struct Newcomer {
    newcomers: Arc<Newcomers>,
    number: u64,
}

impl Newcomers {
    pub(crate) fn new(max: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self {
            max: max.get(),
            here: Mutex::default(),
        })
    }

    /// Takes in a connection from that address, which ends when `end` is cancelled; where there are
    /// as many as there may be, another is ended.
    pub(crate) fn enter(self: &Arc<Self>, from: IpAddr, end: CancellationToken) -> Newcomer {
        let mut here = self.here.lock();
        if here.all.len() >= self.max {
            here.end_one(self.max / SHARES);
        }
        Newcomer {
            newcomers: self.clone(),
            number: here.add(NewConnection { from, end }),
        }
    }

    /// Whether there are more than a fair share of one address.
    pub(crate) fn are_many(&self) -> bool {
        self.here.lock().all.len() > self.max / SHARES
    }

    /// Ends one, which then lets go of what it holds. False: there is none.
    pub(crate) fn give_way(&self) -> bool {
        self.here.lock().end_one(self.max / SHARES)
    }

    /// Ends the oldest of that address.
    pub(crate) fn give_way_of(&self, from: IpAddr) -> bool {
        self.here.lock().end_one_of(from)
    }
}

impl Here {
    fn add(&mut self, waiting: NewConnection) -> u64 {
        let number = self.next;
        self.next += 1;
        self.by.entry(waiting.from).or_default().insert(number);
        self.all.insert(number, waiting);
        number
    }

    fn end_one(&mut self, share: usize) -> bool {
        let unfair = self.by.iter().filter(|(_, own)| own.len() > share);
        let most = unfair.max_by_key(|(_, own)| (own.len(), Reverse(own.first())));
        if let Some((from, _)) = most {
            return self.end_one_of(*from);
        }
        let oldest = self.all.keys().next().copied();
        oldest.is_some_and(|oldest| self.end(oldest))
    }

    fn end_one_of(&mut self, from: IpAddr) -> bool {
        let own = self.by.get(&from);
        let oldest = own.and_then(|own| own.first().copied());
        oldest.is_some_and(|oldest| self.end(oldest))
    }

    fn end(&mut self, number: u64) -> bool {
        let ended = self.remove(number);
        ended.map(|waiting| waiting.end.cancel()).is_some()
    }

    fn remove(&mut self, number: u64) -> Option<NewConnection> {
        let waiting = self.all.remove(&number)?;
        if let Some(own) = self.by.get_mut(&waiting.from) {
            own.remove(&number);
            if own.is_empty() {
                self.by.remove(&waiting.from);
            }
        }
        Some(waiting)
    }
}

impl Newcomer {
    /// As if it had just come: it was answered, and that should not be for nothing.
    pub(crate) fn renew(&mut self) {
        let mut here = self.newcomers.here.lock();
        if let Some(waiting) = here.remove(self.number) {
            self.number = here.add(waiting);
        }
    }

    /// It is none any more, unless it was ended before: then false.
    pub(crate) fn stay(self) -> bool {
        let waiting = self.newcomers.here.lock().remove(self.number);
        waiting.is_some()
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.newcomers.here.lock().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    fn newcomers(max: usize) -> Arc<Newcomers> {
        Newcomers::new(NonZeroUsize::new(max).unwrap())
    }

    /// From each of these addresses one, in this order.
    fn enter(all: &Arc<Newcomers>, from: &[u8]) -> Vec<(Newcomer, CancellationToken)> {
        let enter = |last: &u8| {
            let end = CancellationToken::new();
            (all.enter(address(*last), end.clone()), end)
        };
        from.iter().map(enter).collect()
    }

    fn ended(all: &[(Newcomer, CancellationToken)]) -> Vec<usize> {
        let ended = all.iter().enumerate().filter(|(_, it)| it.1.is_cancelled());
        ended.map(|(at, _)| at).collect()
    }

    #[test]
    fn the_oldest_of_who_has_more_than_a_fair_share_gives_way() {
        let all = newcomers(16);
        let mut here = enter(&all, &[2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 1, 1, 1, 1, 1]);
        here.extend(enter(&all, &[3, 1, 10]));
        assert_eq!(ended(&here), [8, 9, 10]);
    }

    #[test]
    fn where_all_have_a_fair_share_the_oldest_gives_way() {
        let all = newcomers(16);
        let crowd: Vec<u8> = (1..=16).collect();
        let mut here = enter(&all, &crowd[..2]);
        assert!(!all.are_many());
        here.extend(enter(&all, &crowd[2..]));
        assert!(all.are_many());
        // Who comes with more than anybody else is none the worse for it.
        here.extend(enter(&all, &[20, 20]));
        assert_eq!(ended(&here), [0, 1]);
    }

    #[test]
    fn who_was_answered_counts_as_new() {
        let all = newcomers(2);
        let mut here = enter(&all, &[1, 1]);
        here[0].0.renew();
        here.extend(enter(&all, &[1]));
        assert_eq!(ended(&here), [1]);
    }

    #[test]
    fn room_is_made_until_nobody_is_left_and_who_left_is_forgotten() {
        let all = newcomers(8);
        let here = enter(&all, &[1, 2, 2]);
        assert!(all.give_way_of(address(2)) && all.give_way_of(address(2)));
        assert!(!all.give_way_of(address(2)));
        assert_eq!(ended(&here), [1, 2]);
        assert!(all.give_way() && !all.give_way());
        drop(here);
        let stays = enter(&all, &[1, 2]).into_iter().map(|(it, _)| {
            all.give_way_of(address(1));
            it.stay()
        });
        assert_eq!(stays.collect::<Vec<_>>(), [false, true]);
        let here = all.here.lock();
        assert_eq!((here.all.len(), here.by.len()), (0, 0));
    }
}
