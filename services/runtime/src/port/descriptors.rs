//! How many files and sockets the system lets this process have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Asks for as many descriptors as the process may have; returns how many that are. The bound
/// that a shell sets at first is for programs that would not know what to do with more.
pub(crate) fn raise() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let first = limit.current;
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit);
    let now = if raised.is_ok() { limit.maximum } else { first };
    now.map_or(usize::MAX, |now| usize::try_from(now).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_system_tells_how_many() {
        assert!(super::raise() > 2);
    }
}
