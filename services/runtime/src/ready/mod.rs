//! Whether a process should be sent calls, and why not.
//!
//! One [`Readiness`] a process. What it depends on is looked at in the background, so that asking
//! costs nothing and an overload of calls does not look like an outage. Health over gRPC and
//! `/readyz` of the [`admin`](crate::process::admin) port say the same.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

pub mod peers;

/// Between two looks at something that answered, and at something that never did.
const PERIOD: Duration = Duration::from_secs(1);
const FIRST_PERIOD: Duration = Duration::from_millis(100);

/// Looks without an answer, of something that never answered, after which the log says why: some
/// two seconds, which a service that starts with its peers waits for them.
const TOLD_AFTER: u32 = 20;

/// Longest wait for an answer.
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// For how long something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Without it no call can be answered.
    Always,
    /// Until it answered once: later only some calls need it, and those say so.
    AtFirst,
}

/// Whether to send calls here. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<watch::Sender<ReadyState>>);

#[derive(Debug, Default)]
pub(crate) struct ReadyState {
    draining: bool,
    dependencies: BTreeMap<String, Dependency>,
}

#[derive(Debug)]
struct Dependency {
    needed: Needed,
    answered: bool,
    /// Looks before its first answer.
    looks: u32,
    /// Why it does not answer.
    failure: Option<String>,
}

impl Dependency {
    fn blocks(&self) -> bool {
        self.failure.is_some() && !(self.needed == Needed::AtFirst && self.answered)
    }
}

impl Readiness {
    /// Not ready until `name` answers.
    pub fn need(&self, name: &str, needed: Needed) {
        let dependency = Dependency {
            needed,
            answered: false,
            looks: 0,
            failure: Some("not asked yet".to_owned()),
        };
        self.0.send_modify(|state| {
            state.dependencies.insert(name.to_owned(), dependency);
        });
    }

    /// Whether `name` answers, or why it does not.
    pub fn set(&self, name: &str, answer: Result<(), String>) {
        self.0.send_if_modified(|state| {
            let Some(dependency) = state.dependencies.get_mut(name) else {
                return false;
            };
            let failure = answer.err();
            match (&dependency.failure, &failure) {
                (None, Some(cause)) => tracing::warn!(name, cause, "a dependency does not answer"),
                (Some(_), None) => tracing::info!(name, "a dependency answers"),
                (Some(_), Some(cause)) if !dependency.answered => {
                    dependency.looks = dependency.looks.saturating_add(1);
                    if dependency.looks == TOLD_AFTER {
                        tracing::warn!(name, cause, "a dependency has not answered yet");
                    }
                }
                (None, None) | (Some(_), Some(_)) => {}
            }
            let changed = dependency.failure != failure;
            dependency.answered |= failure.is_none();
            dependency.failure = failure;
            changed
        });
    }

    /// Not ready from here on: the process is about to stop.
    pub fn drain(&self) {
        self.0.send_modify(|state| state.draining = true);
    }

    /// Nothing when calls should come; else why they should not, a line a reason.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let state = self.0.borrow();
        let mut reasons = Vec::new();
        if state.draining {
            reasons.push("draining: the process is about to stop".to_owned());
        }
        for (name, dependency) in &state.dependencies {
            if let Some(failure) = dependency.failure.as_ref().filter(|_| dependency.blocks()) {
                reasons.push(format!("{name}: {failure}"));
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("\n"))
    }

    /// What does not answer though calls may come, a line each.
    #[must_use]
    pub fn notes(&self) -> String {
        let state = self.0.borrow();
        let away = state.dependencies.iter().filter(|(_, it)| !it.blocks());
        away.filter_map(|(name, it)| Some(format!("{name}: {}\n", it.failure.as_ref()?)))
            .collect()
    }

    /// Whether each dependency answers.
    pub(crate) fn dependencies(&self) -> Vec<(String, bool)> {
        let state = self.0.borrow();
        let each = state.dependencies.iter();
        each.map(|(name, it)| (name.clone(), it.failure.is_none()))
            .collect()
    }

    /// Returns after the next change.
    pub(crate) fn changes(&self) -> watch::Receiver<ReadyState> {
        self.0.subscribe()
    }

    /// Asks `name` again and again, until the handle is dropped.
    pub fn watch<F>(
        &self,
        name: &str,
        needed: Needed,
        mut ask: impl FnMut() -> F + Send + 'static,
    ) -> AbortOnDropHandle<()>
    where
        F: Future<Output = Result<(), String>> + Send,
    {
        self.need(name, needed);
        let (readiness, name) = (self.clone(), name.to_owned());
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut period = FIRST_PERIOD;
            loop {
                let answer = timeout(ANSWER_WAIT, ask()).await;
                let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
                if answer.is_ok() {
                    period = PERIOD;
                }
                readiness.set(&name, answer);
                sleep(period).await;
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_always_blocks_whenever_it_is_away_and_what_is_needed_at_first_only_then() {
        let readiness = Readiness::default();
        readiness.need("database", Needed::Always);
        readiness.need("registry", Needed::AtFirst);
        assert!(readiness.refusal().unwrap().contains("registry"));

        readiness.set("database", Ok(()));
        readiness.set("registry", Ok(()));
        assert_eq!(readiness.refusal(), None);

        readiness.set("registry", Err("gone".to_owned()));
        assert_eq!(readiness.refusal(), None);
        assert_eq!(readiness.notes(), "registry: gone\n");
        readiness.set("database", Err("gone".to_owned()));
        assert_eq!(readiness.refusal().unwrap(), "database: gone");
    }

    #[test]
    fn who_is_about_to_stop_is_not_ready_though_everything_answers() {
        let readiness = Readiness::default();
        assert_eq!(readiness.refusal(), None);
        readiness.drain();
        assert!(readiness.refusal().unwrap().starts_with("draining"));
    }
}
