//! A batch of items, and what became of it.

use gazelle_kernel::batch::{Judged, Rejection};

use super::{
    refusal::{ItemRefused, Warning},
    revision::Revision,
};

/// Most items of a batch.
pub const ITEMS_MAX: usize = 1_000;

/// An item of a batch, or why it could not be read.
pub type Item<T> = Result<T, ItemRefused>;

/// What became of a batch.
#[derive(Debug)]
pub struct Imported {
    /// Items that were new.
    pub created_count: usize,
    /// Where in the batch items are that replaced an earlier version of themselves, in order.
    pub changed_at: Vec<usize>,
    /// Items that were there already.
    pub unchanged_count: usize,
    /// Items that were refused, in the order of the batch.
    pub rejections: Vec<Rejection<ItemRefused>>,
    /// What looks wrong about items that were taken, each with its place in the batch, in order.
    pub warnings: Vec<(usize, Warning)>,
    /// The revision after the batch.
    pub revision: Revision,
}

impl Imported {
    /// What a batch came to at a revision, without warnings.
    #[must_use]
    pub fn new<T>(judged: Judged<T, ItemRefused>, revision: Revision) -> Self {
        Self {
            created_count: judged.created_count(),
            changed_at: judged.replacing_at,
            unchanged_count: judged.unchanged_count,
            rejections: judged.rejections,
            warnings: Vec::new(),
            revision,
        }
    }
}
