//! A batch of items, each judged by itself.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use gazelle_kernel::{ParseError, Uscc};

use super::{binding::MerchantBinding, enterprise::NotRegistered};

/// Most items of a batch.
pub const ITEMS_MAX: usize = 1_000;

/// An item of a batch, or why it could not be read.
pub type Item<T> = Result<T, Refusal>;

/// Why an item is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A field cannot be read.
    Field {
        /// Its name in the contract.
        field: &'static str,
        /// What is wrong with it.
        error: ParseError,
    },
    /// The enterprise's code fails its outer check alone: without evidence it is a mistyped one.
    EvidenceMissing(ParseError),
    /// Evidence was given for a code that passes its checks.
    ExceptionNotNeeded(Uscc),
    /// No enterprise is registered under the item's code.
    NotRegistered(NotRegistered),
    /// This other binding of the account holds on a day of the item's.
    BindingOverlap(Box<MerchantBinding>),
    /// An earlier item of the batch has the same key and other content.
    RepeatedInBatch,
}

/// A refused item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Why.
    pub refusal: Refusal,
}

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

/// What a batch comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct Judged<T> {
    /// Items that are new or replace an earlier version of themselves, by key.
    pub written: Vec<T>,
    /// Those of the written that replace an earlier version, by key.
    pub replacing: Vec<T>,
    /// How many items are recorded already.
    pub unchanged_count: usize,
    /// The others, in the order of the batch.
    pub rejections: Vec<Rejection>,
}

/// Judges each item of a batch by `look`, in their order; `key` tells which items are the same.
///
/// The first item of a key counts. The same again changes nothing and shares its fate; the same
/// key with other content is refused. What `look` refuses it sees a second time, after all the
/// others: an item may stand in the way of an earlier one until a later one replaces it.
pub fn judge<T: Clone + PartialEq, K: Ord>(
    items: &[Item<T>],
    key: impl Fn(&T) -> K,
    mut look: impl FnMut(&T) -> Result<Verdict, Refusal>,
) -> Judged<T> {
    let mut places = BTreeMap::new();
    let mut firsts: Vec<(usize, &T)> = Vec::with_capacity(items.len());
    let mut repeats: Vec<(usize, usize)> = Vec::new();
    let mut refused: BTreeMap<usize, Refusal> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        match item {
            Err(refusal) => {
                refused.insert(index, refusal.clone());
            }
            Ok(item) => match places.entry(key(item)) {
                Entry::Vacant(place) => {
                    place.insert(firsts.len());
                    firsts.push((index, item));
                }
                Entry::Occupied(place) if firsts[*place.get()].1 == item => {
                    repeats.push((index, *place.get()));
                }
                Entry::Occupied(_) => {
                    refused.insert(index, Refusal::RepeatedInBatch);
                }
            },
        }
    }

    let mut verdicts: Vec<_> = firsts.iter().map(|(_, item)| look(item)).collect();
    for (verdict, (_, item)) in verdicts.iter_mut().zip(&firsts) {
        if verdict.is_err() {
            *verdict = look(item);
        }
    }

    let mut judged = Judged {
        written: Vec::new(),
        replacing: Vec::new(),
        unchanged_count: 0,
        rejections: Vec::new(),
    };
    for (index, first) in repeats {
        match &verdicts[first] {
            Ok(_) => judged.unchanged_count += 1,
            Err(refusal) => {
                refused.insert(index, refusal.clone());
            }
        }
    }
    // `places` is in the order of the keys.
    for place in places.into_values() {
        let (index, item) = firsts[place];
        match &verdicts[place] {
            Ok(Verdict::Created) => judged.written.push(item.clone()),
            Ok(Verdict::Changed) => {
                judged.written.push(item.clone());
                judged.replacing.push(item.clone());
            }
            Ok(Verdict::Unchanged) => judged.unchanged_count += 1,
            Err(refusal) => {
                refused.insert(index, refusal.clone());
            }
        }
    }
    judged.rejections = refused
        .into_iter()
        .map(|(index, refusal)| Rejection { index, refusal })
        .collect();
    judged
}

/// Refuses an item of an enterprise that is not among the `registered` ones.
pub fn require(registered: &BTreeSet<Uscc>, uscc: Uscc) -> Result<(), Refusal> {
    if registered.contains(&uscc) {
        return Ok(());
    }
    Err(Refusal::NotRegistered(NotRegistered::new(uscc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items of a key and a content; those of key 9 are refused; key 1 is recorded with `a`.
    fn judge_pairs(items: &[Item<(u8, char)>]) -> Judged<(u8, char)> {
        judge(
            items,
            |item| item.0,
            |item| match item.0 {
                9 => Err(Refusal::EvidenceMissing(ParseError::new(
                    "NINE", "9", "less",
                ))),
                1 => Ok(Verdict::of(item, Some(&(1, 'a')))),
                _ => Ok(Verdict::of(item, None)),
            },
        )
    }

    fn refused(judged: &Judged<(u8, char)>) -> Vec<usize> {
        judged
            .rejections
            .iter()
            .map(|rejection| rejection.index)
            .collect()
    }

    #[test]
    fn each_item_is_judged_by_itself_and_written_in_the_order_of_keys() {
        let unreadable = Err(Refusal::RepeatedInBatch);
        let judged = judge_pairs(&[
            Ok((5, 'x')),
            unreadable,
            Ok((9, 'x')),
            Ok((2, 'x')),
            Ok((1, 'b')),
        ]);
        assert_eq!(judged.written, [(1, 'b'), (2, 'x'), (5, 'x')]);
        assert_eq!(judged.replacing, [(1, 'b')]);
        assert_eq!(refused(&judged), [1, 2]);
    }

    #[test]
    fn the_same_item_again_is_unchanged_and_another_content_is_refused() {
        let judged = judge_pairs(&[Ok((2, 'x')), Ok((2, 'x')), Ok((2, 'y')), Ok((1, 'a'))]);
        assert_eq!(
            (judged.written, judged.unchanged_count),
            (vec![(2, 'x')], 2)
        );
        assert_eq!(
            judged.rejections,
            [Rejection {
                index: 2,
                refusal: Refusal::RepeatedInBatch
            }]
        );
    }

    #[test]
    fn a_repeat_of_a_refused_item_is_refused_like_it() {
        let judged = judge_pairs(&[Ok((9, 'x')), Ok((9, 'x'))]);
        assert_eq!(refused(&judged), [0, 1]);
        assert_eq!(judged.rejections[0].refusal, judged.rejections[1].refusal);
    }
}
