//! A batch of items, each judged by itself, and intervals that must not overlap.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use crate::{Date, Interval};

/// What an item means for what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is recorded under its key.
    Created,
    /// It replaces what is recorded under its key.
    Changed,
    /// It is recorded already, the same.
    Unchanged,
}

impl Verdict {
    /// The verdict on `item` where `current` is recorded under its key.
    #[must_use]
    pub fn of<T: PartialEq>(item: &T, current: Option<&T>) -> Self {
        match current {
            None => Self::Created,
            Some(current) if current == item => Self::Unchanged,
            Some(_) => Self::Changed,
        }
    }
}

/// Why an item is not taken at a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused<K, R> {
    /// Whatever else the batch holds.
    ForGood(R),
    /// As long as what is recorded under the key `by` is not replaced.
    Blocked {
        /// Whose turn may free it.
        by: K,
        /// Why, if it stays so.
        refusal: R,
    },
}

/// A refused item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection<R> {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Why it is not written.
    pub refusal: R,
}

/// What a batch comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct Judged<T, R> {
    /// Items that are new or replace an earlier version of themselves, by key.
    pub written: Vec<T>,
    /// Those of the written that replace an earlier version, by key.
    pub replacing: Vec<T>,
    /// Where in the batch those are, in its order.
    pub replacing_at: Vec<usize>,
    /// How many items are recorded already.
    pub unchanged_count: usize,
    /// The others, in the order of the batch.
    pub rejections: Vec<Rejection<R>>,
}

impl<T, R> Judged<T, R> {
    /// How many items are new.
    #[must_use]
    pub fn created_count(&self) -> usize {
        self.written.len() - self.replacing.len()
    }
}

/// Judges each item of a batch by `look`, in their order; `key` tells which items are the same.
///
/// The first item of a key counts. The same again changes nothing and shares its fate; the same
/// key with other content is refused as `repeated`. An item that another one blocks is looked at
/// again after all the others, once that other one is replaced: so the work grows with the items
/// and with how often one frees another, not with their product.
pub fn judge<T: Clone + PartialEq, K: Ord + Clone, R: Clone>(
    items: &[Result<T, R>],
    key: impl Fn(&T) -> K,
    repeated: &R,
    look: impl FnMut(&T) -> Result<Verdict, Refused<K, R>>,
) -> Judged<T, R> {
    let sorted = Sorted::new(items, key, repeated);
    let verdicts = sorted.verdicts(look);
    sorted.judged(&verdicts)
}

/// The items of a batch, each key's first apart from the others.
struct Sorted<'a, T, K, R> {
    /// The first of each key, in the order of the batch: its place there, its key, itself.
    firsts: Vec<(usize, K, &'a T)>,
    /// Where in `firsts` each key is.
    by_key: BTreeMap<K, usize>,
    /// Places of the same again, with where in `firsts` it was before.
    repeats: Vec<(usize, usize)>,
    /// What is refused without a look.
    refused: BTreeMap<usize, R>,
}

impl<'a, T: Clone + PartialEq, K: Ord + Clone, R: Clone> Sorted<'a, T, K, R> {
    fn new(items: &'a [Result<T, R>], key: impl Fn(&T) -> K, repeated: &R) -> Self {
        let mut sorted = Self {
            firsts: Vec::with_capacity(items.len()),
            by_key: BTreeMap::new(),
            repeats: Vec::new(),
            refused: BTreeMap::new(),
        };
        for (index, item) in items.iter().enumerate() {
            match item {
                Err(refusal) => {
                    sorted.refused.insert(index, refusal.clone());
                }
                Ok(item) => match sorted.by_key.entry(key(item)) {
                    Entry::Vacant(place) => {
                        sorted.firsts.push((index, place.key().clone(), item));
                        place.insert(sorted.firsts.len() - 1);
                    }
                    Entry::Occupied(place) if sorted.firsts[*place.get()].2 == item => {
                        sorted.repeats.push((index, *place.get()));
                    }
                    Entry::Occupied(_) => {
                        sorted.refused.insert(index, repeated.clone());
                    }
                },
            }
        }
        sorted
    }

    /// What `look` says of each of `firsts` in the end.
    fn verdicts(
        &self,
        mut look: impl FnMut(&T) -> Result<Verdict, Refused<K, R>>,
    ) -> Vec<Result<Verdict, R>> {
        let mut verdicts: Vec<Option<Result<Verdict, R>>> = vec![None; self.firsts.len()];
        let mut waiting: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        let mut now: BTreeSet<usize> = (0..self.firsts.len()).collect();
        let mut later: BTreeSet<usize> = BTreeSet::new();
        while let Some(place) = now.pop_first() {
            let (_, key, item) = &self.firsts[place];
            verdicts[place] = Some(match look(item) {
                Ok(verdict) => {
                    if verdict == Verdict::Changed {
                        later.extend(waiting.remove(key).unwrap_or_default());
                    }
                    Ok(verdict)
                }
                Err(Refused::ForGood(refusal)) => Err(refusal),
                Err(Refused::Blocked { by, refusal }) => {
                    // Who is to free it may have had its turn: then it stays as it is.
                    waiting.entry(by).or_default().push(place);
                    Err(refusal)
                }
            });
            if now.is_empty() {
                now = std::mem::take(&mut later);
            }
        }
        verdicts
            .into_iter()
            .map(|verdict| verdict.expect("each is looked at in the first round"))
            .collect()
    }

    fn judged(self, verdicts: &[Result<Verdict, R>]) -> Judged<T, R> {
        let mut refused = self.refused;
        let mut judged = Judged {
            written: Vec::new(),
            replacing: Vec::new(),
            replacing_at: Vec::new(),
            unchanged_count: 0,
            rejections: Vec::new(),
        };
        for (index, first) in self.repeats {
            match &verdicts[first] {
                Ok(_) => judged.unchanged_count += 1,
                Err(refusal) => {
                    refused.insert(index, refusal.clone());
                }
            }
        }
        // `by_key` is in the order of the keys.
        for place in self.by_key.into_values() {
            let (index, _, item) = &self.firsts[place];
            match &verdicts[place] {
                Ok(Verdict::Created) => judged.written.push((*item).clone()),
                Ok(Verdict::Changed) => {
                    judged.written.push((*item).clone());
                    judged.replacing.push((*item).clone());
                    judged.replacing_at.push(*index);
                }
                Ok(Verdict::Unchanged) => judged.unchanged_count += 1,
                Err(refusal) => {
                    refused.insert(*index, refusal.clone());
                }
            }
        }
        judged.replacing_at.sort_unstable();
        judged.rejections = refused
            .into_iter()
            .map(|(index, refusal)| Rejection { index, refusal })
            .collect();
        judged
    }
}

/// Items of which each holds for an interval of days, and no two on one day; an item is known by
/// its first day.
#[derive(Debug, Clone)]
pub struct Timeline<T>(BTreeMap<Date, (Interval, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Clone + PartialEq> Timeline<T> {
    /// Puts an item in the place of the one with its first day, unless another one holds on one of
    /// its days: then that one is the error, the earliest of several.
    pub fn put(&mut self, interval: Interval, item: &T) -> Result<Verdict, &T> {
        let first_day = interval.from();
        // None of the others overlap, so that only the neighbours can be in the way.
        let before = self.0.range(..first_day).next_back();
        let after = self
            .0
            .range(first_day..)
            .find(|(day, _)| **day != first_day);
        let in_the_way = [before, after]
            .into_iter()
            .flatten()
            .find(|(_, (other, _))| other.overlaps(interval))
            .map(|(day, _)| *day);
        if let Some(day) = in_the_way {
            return Err(&self.0[&day].1);
        }
        let replaced = self.0.insert(first_day, (interval, item.clone()));
        let same = replaced.as_ref().map(|(_, replaced)| replaced);
        Ok(Verdict::of(item, same))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items of a key and a content; those of key 9 are refused; key 1 is recorded with `a`.
    fn judge_pairs(items: &[Result<(u8, char), &'static str>]) -> Judged<(u8, char), &'static str> {
        judge(
            items,
            |item| item.0,
            &"repeated",
            |item| match item.0 {
                9 => Err(Refused::ForGood("nine")),
                1 => Ok(Verdict::of(item, Some(&(1, 'a')))),
                _ => Ok(Verdict::of(item, None)),
            },
        )
    }

    fn refusals<T>(judged: &Judged<T, &'static str>) -> Vec<(usize, &'static str)> {
        let rejections = judged.rejections.iter();
        rejections
            .map(|rejection| (rejection.index, rejection.refusal))
            .collect()
    }

    #[test]
    fn each_item_is_judged_by_itself_and_written_in_the_order_of_keys() {
        let judged = judge_pairs(&[
            Ok((5, 'x')),
            Err("unreadable"),
            Ok((9, 'x')),
            Ok((2, 'x')),
            Ok((1, 'b')),
        ]);
        assert_eq!(judged.written, [(1, 'b'), (2, 'x'), (5, 'x')]);
        assert_eq!(judged.replacing, [(1, 'b')]);
        assert_eq!(judged.created_count(), 2);
        assert_eq!(refusals(&judged), [(1, "unreadable"), (2, "nine")]);
    }

    #[test]
    fn the_same_item_again_shares_its_fate_and_another_content_is_refused() {
        let judged = judge_pairs(&[
            Ok((2, 'x')),
            Ok((2, 'x')),
            Ok((2, 'y')),
            Ok((1, 'a')),
            Ok((9, 'x')),
            Ok((9, 'x')),
        ]);
        assert_eq!(judged.written, [(2, 'x')]);
        assert_eq!(judged.unchanged_count, 2);
        assert_eq!(
            refusals(&judged),
            [(2, "repeated"), (4, "nine"), (5, "nine")]
        );
    }

    type Days = (Date, Option<Date>);

    fn days(from: &str, to: &str) -> Interval {
        Interval::parse(from, to).expect("an interval")
    }

    /// Judges intervals of one timeline, and counts the looks.
    fn judge_days(
        recorded: &[Interval],
        batch: &[Interval],
    ) -> (Judged<Days, &'static str>, usize) {
        let pair = |interval: &Interval| (interval.from(), interval.to());
        let mut timeline = Timeline::default();
        for interval in recorded {
            timeline.put(*interval, &pair(interval)).expect("it fits");
        }
        let items: Vec<_> = batch.iter().map(|interval| Ok(pair(interval))).collect();
        let mut look_count = 0;
        let judged = judge(
            &items,
            |item| item.0,
            &"repeated",
            |item| {
                look_count += 1;
                let interval = Interval::new(item.0, item.1).expect("it was one");
                timeline
                    .put(interval, item)
                    .map_err(|other| Refused::Blocked {
                        by: other.0,
                        refusal: "overlaps",
                    })
            },
        );
        (judged, look_count)
    }

    #[test]
    fn what_makes_room_may_come_before_or_after_what_needs_it() {
        let recorded = [days("2017-01-01", "")];
        let mut batch = [
            days("2017-09-01", ""),
            days("2017-06-01", "2017-09-01"),
            days("2017-01-01", "2017-06-01"),
        ];
        for _ in 0..batch.len() {
            batch.rotate_left(1);
            let (judged, _) = judge_days(&recorded, &batch);
            assert_eq!((judged.written.len(), judged.replacing.len()), (3, 1));
        }
    }

    #[test]
    fn what_stays_in_the_way_refuses_and_leaves_no_trace() {
        let recorded = [days("2017-06-01", "")];
        let batch = [days("2017-01-01", ""), days("2017-02-01", "2017-06-01")];
        let (judged, _) = judge_days(&recorded, &batch);
        assert_eq!(judged.written.len(), 1);
        assert_eq!(refusals(&judged), [(0, "overlaps")]);
    }

    #[test]
    fn a_chain_of_items_that_wait_for_one_another_takes_few_looks() {
        // Each day's item reaches into the next one's until that is cut, the last first.
        let first = crate::parse_date("2017-01-01").expect("a day");
        let at = |n| crate::days_later(first, n);
        let whole = |n: i64| Interval::new(at(2 * n), Some(at(2 * n + 2))).expect("two days");
        let shifted = |n: i64| Interval::new(at(2 * n + 1), Some(at(2 * n + 2))).expect("a day");
        let cut = |n: i64| Interval::new(at(2 * n), Some(at(2 * n + 1))).expect("a day");
        let recorded: Vec<_> = (0..500).map(whole).collect();
        let batch: Vec<_> = (0..500).map(shifted).chain((0..500).map(cut)).collect();
        let (judged, look_count) = judge_days(&recorded, &batch);
        assert_eq!((judged.written.len(), judged.rejections.len()), (1_000, 0));
        assert_eq!(look_count, 1_500);
    }

    #[test]
    fn the_earliest_of_several_in_the_way_is_named() {
        let mut timeline = Timeline::default();
        for (from, to) in [("2017-01-01", "2017-02-01"), ("2017-03-01", "2017-04-01")] {
            assert_eq!(timeline.put(days(from, to), &from), Ok(Verdict::Created));
        }
        assert_eq!(
            timeline.put(days("2017-01-15", ""), &"x"),
            Err(&"2017-01-01")
        );
        assert_eq!(
            timeline.put(days("2017-02-01", ""), &"x"),
            Err(&"2017-03-01")
        );
        let between = days("2017-02-01", "2017-03-01");
        assert_eq!(timeline.put(between, &"x"), Ok(Verdict::Created));
        assert_eq!(timeline.put(between, &"x"), Ok(Verdict::Unchanged));
        assert_eq!(timeline.put(between, &"y"), Ok(Verdict::Changed));
    }
}
