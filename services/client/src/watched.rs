//! A file that is read again when it changes, so that keys and tokens rotate without a restart.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

/// The file could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}", path.display())]
pub struct FileError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Reads the content of a file.
pub type Parse<T> = fn(&[u8]) -> Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The content of a file, as `parse` reads it.
pub struct Watched<T> {
    path: PathBuf,
    parse: Parse<T>,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// What the file looked like when it was last tried; `None` when it could not be found.
    seen: Option<Stamp>,
    value: Arc<T>,
}

/// What changes whenever the content does: also within one tick of the file system's clock, and
/// when a symbolic link is turned to another file, as Kubernetes does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn read(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

impl<T> Watched<T> {
    /// Reads the file for the first time, when it must be there.
    pub fn open(path: &Path, parse: Parse<T>) -> Result<Self, FileError> {
        let read = || {
            // Before the content: what changes in between is then seen as a change.
            let stamp = Stamp::read(path)?;
            Ok((stamp, parse(&fs::read(path)?)?))
        };
        let (stamp, value) = read().map_err(|source| FileError {
            path: path.into(),
            source,
        })?;
        Ok(Self {
            path: path.into(),
            parse,
            state: Mutex::new(State {
                seen: Some(stamp),
                value: Arc::new(value),
            }),
        })
    }

    /// The content as it is now. A file that is gone or cannot be parsed is logged once and
    /// leaves the last good content in force.
    pub fn current(&self) -> Arc<T> {
        let mut state = self.state.lock();
        let stamp = Stamp::read(&self.path);
        if state.seen == stamp.as_ref().ok().copied() {
            return state.value.clone();
        }
        let path = self.path.display();
        let parsed = stamp.map_err(Into::into).and_then(|stamp| {
            state.seen = Some(stamp);
            (self.parse)(&fs::read(&self.path)?)
        });
        match parsed {
            Ok(value) => {
                state.value = Arc::new(value);
                tracing::info!(%path, "read again");
            }
            Err(error) => {
                if Stamp::read(&self.path).is_err() {
                    state.seen = None;
                }
                tracing::error!(%path, %error, "cannot be read again; the last content stays");
            }
        }
        state.value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
        Ok(std::str::from_utf8(bytes)?.parse()?)
    }

    #[test]
    fn a_change_is_seen_and_a_broken_file_leaves_the_last_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        assert!(Watched::open(&path, parse).is_err());
        fs::write(&path, "1").unwrap();
        let watched = Watched::open(&path, parse).unwrap();
        assert_eq!(*watched.current(), 1);

        fs::write(&path, "22").unwrap();
        assert_eq!(*watched.current(), 22);
        fs::write(&path, "two").unwrap();
        assert_eq!(*watched.current(), 22);
        fs::remove_file(&path).unwrap();
        assert_eq!(*watched.current(), 22);
        // Another file of the same size, as after a rename.
        fs::write(folder.path().join("next"), "333").unwrap();
        fs::rename(folder.path().join("next"), &path).unwrap();
        assert_eq!(*watched.current(), 333);
    }
}
