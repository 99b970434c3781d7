//! The registry's facts of this moment: runs of one day mostly share them.

use std::sync::Arc;

use crate::{
    app::{
        App,
        blocking::blocking,
        error::{AppError, EvidenceError},
        facts_cache::KnownFacts,
    },
    domain::{
        enrollment::Enrollment,
        rules::facts::{Binding, EnterpriseFacts, Facts},
        run::PlatformReports,
    },
    peers::RegistryFacts,
    store::run::input::{Fact, Parts},
};

/// A fact as it is written.
type FactRow<'a> = Fact<&'a EnterpriseFacts, &'a Binding, &'a PlatformReports>;

impl App {
    /// The registry's facts of this moment, with their text.
    pub(super) async fn current_facts(&self) -> Result<KnownFacts, AppError> {
        let known = self.facts.get();
        let revision = known.as_ref().map(|known| known.facts.clone());
        let facts = self.peers.facts(revision).await?;
        if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.facts, &facts)) {
            return Ok(known);
        }
        let known = blocking(move || {
            let parts = Arc::new(Parts::of_rows(rows(&facts)));
            Ok(KnownFacts { facts, parts })
        })
        .await?;
        self.facts.set(&known);
        Ok(known)
    }
}

fn rows(facts: &RegistryFacts) -> impl Iterator<Item = FactRow<'_>> {
    let enterprises = facts.enterprises.iter().map(Fact::Enterprise);
    let bindings = facts.bindings.iter().map(Fact::Binding);
    let platforms = facts.platforms.iter().map(Fact::Platform);
    enterprises.chain(bindings).chain(platforms)
}

/// The registry's facts and the program's enrollments, as the rules read them.
pub(super) fn enrolled_facts(
    registry: &RegistryFacts,
    enrollments: Vec<Enrollment>,
) -> Result<Facts, AppError> {
    let facts = Facts::new(
        registry.enterprises.clone(),
        registry.bindings.clone(),
        enrollments,
    );
    facts.map_err(|error| AppError::Evidence(EvidenceError::Facts(error)))
}
