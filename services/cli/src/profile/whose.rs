//! Who a profile of a home is, and whose key signs for it.

use gazelle_kernel::PlatformId;

use super::{Credential, Home};

impl Home {
    /// Whether this home's own keys sign what the caller shows.
    #[must_use]
    pub fn signs(&self, name: &str) -> bool {
        match self.profile(name) {
            Ok(Some(profile)) => profile.credential == Credential::HomeKey,
            Ok(None) => name.starts_with("platform:"),
            Err(_) => false,
        }
    }

    /// Whom the services will take the caller for: as what the profile shows says, else as the
    /// profile does. None where there is no such profile.
    #[must_use]
    pub fn subject(&self, name: &str) -> Option<String> {
        match self.profile(name) {
            Ok(Some(profile)) => Some(profile.shown(&self.folder).unwrap_or(profile.subject)),
            Ok(None) => name.starts_with("platform:").then(|| name.to_owned()),
            Err(_) => None,
        }
    }

    /// The platform that a caller is, where it is one.
    #[must_use]
    pub fn platform(&self, profile: Option<&str>) -> Option<PlatformId> {
        let subject = self.subject(profile?)?;
        PlatformId::parse(subject.strip_prefix("platform:")?).ok()
    }
}
