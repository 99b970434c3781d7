//! Comparing what a service stores with what its trail says.
//!
//! The chain alone shows that the entries are those that were written. What the service answers
//! from are other tables, and whoever edits one past the service leaves the chain whole.

use std::fmt;

use futures::future::BoxFuture;
use sqlx::PgConnection;

use super::verify::{BreakKind, Broken};
use crate::store::StoreError;

/// What a service has to compare its tables with its trail.
pub trait Comparison: fmt::Debug + Send + Sync + 'static {
    /// The first way in which what is stored is not what the entries of the trail come to.
    ///
    /// `tx` sees the moment at which the chain was found sound, as the trail's reader. A
    /// statement may take long: let the database compare, and keep little here.
    fn difference<'a>(
        &'a self,
        tx: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Option<Difference>, StoreError>>;
}

/// Something that is stored, and is not what the entries say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The entry that wrote it, or should have; `None` where no entry knows it.
    pub entry_number: Option<i64>,
    /// What exactly, for the auditor who asked alone: it can name an enterprise.
    pub detail: String,
}

impl Difference {
    /// As what is wrong with a trail that has so many entries.
    pub(super) fn broken(self, entry_count: i64) -> Broken {
        Broken {
            kind: BreakKind::StateDisagrees,
            entry_number: self.entry_number.unwrap_or(entry_count),
            detail: self.detail,
        }
    }
}
