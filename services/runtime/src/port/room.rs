//! How much of something there may be at a time, in all and for each of those who have it.

use std::{collections::HashMap, hash::Hash, num::NonZeroUsize, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Counts what is under way against two bounds.
pub(crate) struct Room<K> {
    all_max: usize,
    each_max: usize,
    taken: Mutex<Taken<K>>,
    freed: Notify,
}

/// Who has nothing under way has no entry, so there are never more entries than places taken.
struct Taken<K> {
    all: usize,
    by: HashMap<K, usize>,
}

/// Which bound is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// Of all together.
    All {
        /// As many as there may be.
        max: usize,
    },
    /// Of the one who asks.
    Each {
        /// As many as one may have.
        max: usize,
    },
}

/// A place that is taken, given back when it is dropped.
pub(crate) struct Place<K: Hash + Eq> {
    room: Arc<Room<K>>,
    key: K,
}

impl<K: Hash + Eq + Clone> Room<K> {
    pub(crate) fn new(all_max: NonZeroUsize, each_max: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self {
            all_max: all_max.get(),
            each_max: each_max.get(),
            taken: Mutex::new(Taken {
                all: 0,
                by: HashMap::new(),
            }),
            freed: Notify::new(),
        })
    }

    /// A place for `key`, once there is one.
    pub(crate) async fn wait_and_enter(self: &Arc<Self>, key: K) -> Place<K> {
        loop {
            if let Ok(place) = self.enter(key.clone()) {
                return place;
            }
            // One that was freed since is remembered.
            self.freed.notified().await;
        }
    }

    /// A place for `key`, unless one of the bounds is reached.
    pub(crate) fn enter(self: &Arc<Self>, key: K) -> Result<Place<K>, Full> {
        let mut taken = self.taken.lock();
        let Taken { all, by } = &mut *taken;
        if by.get(&key).is_some_and(|own| *own >= self.each_max) {
            return Err(Full::Each { max: self.each_max });
        }
        if *all >= self.all_max {
            return Err(Full::All { max: self.all_max });
        }
        *all += 1;
        *by.entry(key.clone()).or_default() += 1;
        drop(taken);
        Ok(Place {
            room: self.clone(),
            key,
        })
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock();
        taken.all -= 1;
        if let Some(own) = taken.by.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                taken.by.remove(&self.key);
            }
        }
        drop(taken);
        self.room.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leaves_room_for_others_and_all_together_for_what_is_beside_them() {
        let max = |count| NonZeroUsize::new(count).unwrap();
        let room = Room::new(max(3), max(2));
        let first = room.enter("a").unwrap();
        let _second = room.enter("a").unwrap();
        assert_eq!(room.enter("a").err(), Some(Full::Each { max: 2 }));
        let third = room.enter("b").unwrap();
        assert_eq!(room.enter("c").err(), Some(Full::All { max: 3 }));

        drop(first);
        let fourth = room.enter("c").unwrap();
        drop((third, fourth));
        let taken = room.taken.lock();
        assert_eq!(
            (taken.all, taken.by.len()),
            (1, 1),
            "of who left nothing is kept"
        );
    }
}
