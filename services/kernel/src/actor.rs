//! Who does something.

use std::fmt;

/// Who does something, by the name that is written down and stays the same for ever: `person:SUB`,
/// `platform:ID` or `service:NAME`.
///
/// What the name is made of was checked where the caller was identified; here it is only compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Actor(Box<str>);

impl Actor {
    /// The actor of that name, as an identified caller has it or as it was stored.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
