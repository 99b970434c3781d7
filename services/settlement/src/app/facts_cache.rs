//! The registry's facts as last read, which runs of one day mostly share.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::{peers::RegistryFacts, store::run::input::Parts};

/// The facts as last read. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct FactsCache(Arc<Mutex<Option<KnownFacts>>>);

/// The registry's facts of one revision.
#[derive(Debug, Clone)]
pub(super) struct KnownFacts {
    pub facts: Arc<RegistryFacts>,
    /// The same, as they are kept with a run.
    pub parts: Arc<Parts>,
}

impl FactsCache {
    pub(super) fn get(&self) -> Option<KnownFacts> {
        self.0.lock().clone()
    }

    pub(super) fn set(&self, known: &KnownFacts) {
        *self.0.lock() = Some(known.clone());
    }
}
