//! The Chinese texts, by key: `PATH:about`, `PATH:after`, `PATH.ARGUMENT`; `*` for every command.

mod audit;
mod payment;
mod registry;
mod settlement;
mod suite;
mod usage;

/// All of them.
fn texts() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let parts = [
        suite::TEXTS,
        registry::TEXTS,
        usage::TEXTS,
        settlement::TEXTS,
        payment::TEXTS,
        audit::TEXTS,
    ];
    parts.into_iter().flatten()
}

/// The text of a key.
pub(super) fn text(key: &str) -> Option<&'static str> {
    let found = texts().find(|(known, _)| *known == key);
    found.map(|(_, text)| *text)
}

#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    texts().map(|(key, _)| *key)
}
